import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Invite, Overview } from "../data/follow-invites.ts";
import { usePageState } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { type Delivery, DeliverySteps } from "../parts/delivery-steps.tsx";
import { ProviderDetails } from "../parts/provider-details.tsx";
import { providerName } from "../words/words.ts";

interface InviteDeliveryProps {
  readonly invite: Invite;
  /** It may still be sent again. */
  readonly waits: boolean;
  /** The row has a button for the QR code. */
  readonly isQrOffered: boolean;
  readonly overview: Overview;
  readonly now: number;
  readonly clockOffset: number;
}

const SLOW_DELIVERY_MS = 30_000;

/** The progress of the message and its link, and what to do about a failure. */
export function InviteDelivery({ invite, waits, isQrOffered, overview, now, clockOffset }: InviteDeliveryProps): ReactNode {
  const { t } = useTranslation();
  const provider = overview.sms_provider;
  const { places } = usePageState();
  const { delivery, opened_at: openedAt, accepted_at: acceptedAt, phone_number: number } = invite;
  // In mock mode no message is sent.
  if (!delivery) return null;
  const arrived = openedAt !== undefined || acceptedAt !== undefined;
  const lost = delivery.state === "undelivered" || delivery.state === "failed";
  const failure = waits && !arrived ? sentenceOf(delivery, t) : undefined;
  const onItsWay = delivery.state === "handed_over" || delivery.state === "sent";
  const slow = waits && !arrived && onItsWay && now - Date.parse(delivery.at) > SLOW_DELIVERY_MS;
  return (
    <div className="delivery">
      <DeliverySteps delivery={delivery} provider={provider} number={number} clockOffset={clockOffset} link={{ openedAt, acceptedAt }} />
      {failure === undefined ? null : (
        <p className="check-text" role={lost ? "alert" : undefined}>
          {failure}
        </p>
      )}
      {slow ? (
        <p className="quiet-text">{delivery.more ? t("delivery.slow") : t("delivery.silent", { provider: providerName(provider, t) })}</p>
      ) : null}
      {waits && !arrived && !isQrOffered && (lost || slow) ? (
        <Action aria-label={t("invites.about", { action: t("reach.qr"), number })} onClick={() => places.open("qr")}>
          {t("reach.qr")}
        </Action>
      ) : null}
      {failure === undefined ? null : <ProviderDetails details={delivery.details} />}
    </div>
  );
}

function sentenceOf({ state, problem }: Delivery, t: TFunction): string | undefined {
  switch (state) {
    case "undelivered":
      return problem ?? t("delivery.isUndelivered");
    case "failed":
      return problem ?? t("delivery.isFailed");
    case "unknown":
      return problem ?? t("delivery.isUnknown");
    case "handed_over":
    case "sent":
    case "delivered":
      return undefined;
    default:
      return state satisfies never;
  }
}
