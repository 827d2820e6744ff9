import type { TFunction } from "i18next";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useIsClaimed } from "../data/claims.ts";
import type { Invite, Overview } from "../data/follow-invites.ts";
import { usePageState, useServerTime } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { type Delivery, DeliverySteps } from "../parts/delivery-steps.tsx";
import { Dismiss } from "../parts/dismiss.tsx";
import type { IconName } from "../parts/icon.tsx";
import { ProviderDetails } from "../parts/provider-details.tsx";
import { RowHead } from "../parts/row-head.tsx";
import { fill, Ltr, numberIn, phoneNameIn } from "../parts/sentence.tsx";
import { minutesAndSeconds, timeOfDay } from "../parts/times.ts";
import { providerName } from "../words/words.ts";
import { InviteActions } from "./invite-actions.tsx";

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
function InviteDelivery({ invite, waits, isQrOffered, overview, now, clockOffset }: InviteDeliveryProps): ReactNode {
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

const MINUTE_MS = 60_000;
const SHORT_MS = 30_000;

/** The minutes at which screen readers announce the time left. */
const ANNOUNCED_MINUTES = [5, 1] as const;

/** Screen readers do not announce a timer. Five minutes, one minute and the end are announced. */
function Countdown({ left, number }: { readonly left: number; readonly number: string }): ReactNode {
  const { notices } = usePageState();
  const before = useRef(left);

  useEffect(() => {
    const past = before.current;
    before.current = left;
    for (const count of ANNOUNCED_MINUTES) {
      if (past > count * MINUTE_MS && left <= count * MINUTE_MS && left > 0)
        notices.say("unseen", fill("invites.minutesLeft", { number: <Ltr>{number}</Ltr>, count }));
    }
  }, [left, number, notices]);

  useEffect(
    () => () => {
      // The row removes this when the invite ends. Nothing else announces that its time is over.
      if (before.current <= 1000) notices.say("unseen", numberIn("invites.hasExpired", number));
    },
    [notices, number],
  );

  return (
    <span role="timer" aria-live="off" className={left < SHORT_MS ? "timer short" : "timer"}>
      {fill("invites.left", { left: <Ltr>{minutesAndSeconds(left)}</Ltr> })}
    </span>
  );
}

interface InviteRowProps {
  readonly invite: Invite;
  readonly clockOffset: number;
  readonly overview: Overview;
}

type Status = Invite["status"] | "declined" | "wrong_digits";

const STATUS_ICON: Readonly<Record<Status, IconName>> = {
  pending: "waiting",
  accepted: "pass",
  expired: "close",
  cancelled: "close",
  declined: "warning",
  wrong_digits: "warning",
};

/** After this time, the row says that the provider has not answered. */
const SLOW_SEND_MS = 5000;

/** After so many text messages, a QR code is offered. */
const MAX_SENDS = 3;

export function InviteRow({ invite, clockOffset, overview }: InviteRowProps): ReactNode {
  const { t } = useTranslation();
  const { dismissInvite } = usePageState();
  const now = useServerTime(clockOffset);
  const number = invite.phone_number;
  // An invite expires by the page's clock before the server reports it.
  const status = invite.status === "pending" && now >= Date.parse(invite.expires_at) ? "expired" : invite.status;
  const { cancel_reason: reason } = invite;
  const shownStatus = reason === "declined" || reason === "wrong_digits" ? reason : status;
  const isSendable = status === "pending" || status === "expired";
  const isQrOffered = invite.sends > MAX_SENDS;
  const row = { invite, overview, now, clockOffset, isQrOffered };

  return (
    <li className="row invite" data-status={status}>
      <RowHead icon={STATUS_ICON[shownStatus]} status={shownStatus}>
        <div className="row-text">
          <h3>
            <Ltr>{number}</Ltr>
          </h3>
          <InviteFacts invite={invite} status={shownStatus} now={now} clockOffset={clockOffset} />
          <InviteWarnings invite={invite} status={shownStatus} now={now} overview={overview} />
        </div>
      </RowHead>
      <InviteDelivery {...row} waits={isSendable} />
      {isSendable ? <InviteActions {...row} status={status} /> : null}
      {status === "pending" ? null : (
        <Dismiss
          className="corner"
          name={t("invites.about", { action: t("page.dismiss"), number })}
          onDismiss={() => {
            dismissInvite(invite.session_id);
            document.getElementById("invites-heading")?.focus();
          }}
        />
      )}
    </li>
  );
}

interface InviteFactsProps {
  readonly invite: Invite;
  readonly status: Status;
  readonly now: number;
  readonly clockOffset: number;
}

function InviteFacts({ invite, status, now, clockOffset }: InviteFactsProps): ReactNode {
  const { t } = useTranslation();
  const expiresAt = Date.parse(invite.expires_at);
  const isClaimed = useIsClaimed(invite.session_id, clockOffset) && (status === "pending" || status === "expired");
  return (
    <p className="facts">
      <span className={`state ${status}`}>
        {status === "accepted" && invite.device_name !== undefined
          ? phoneNameIn("invites.acceptedAs", invite.device_name)
          : t(isClaimed ? "invites.claimed" : statusKeyOf(invite, status))}
      </span>
      {status === "pending" ? (
        <>
          <span>{fill("invites.expires", { time: <time dateTime={invite.expires_at}>{timeOfDay(expiresAt - clockOffset)}</time> })}</span>
          <Countdown left={expiresAt - now} number={invite.phone_number} />
        </>
      ) : null}
    </p>
  );
}

function statusKeyOf(invite: Invite, status: Status): `invites.${"opened" | "sending" | Status}` {
  if (status !== "pending") return `invites.${status}`;
  if (invite.sending_since !== undefined) return "invites.sending";
  return invite.opened_at === undefined ? "invites.pending" : "invites.opened";
}

interface InviteWarningsProps extends Omit<InviteFactsProps, "clockOffset"> {
  readonly overview: Overview;
}

function InviteWarnings({ invite, status, now, overview }: InviteWarningsProps): ReactNode {
  const { t } = useTranslation();
  const isSendable = status === "pending" || status === "expired";
  const isSlow = invite.sending_since !== undefined && now - Date.parse(invite.sending_since) > SLOW_SEND_MS;
  return (
    <>
      {status === "declined" ? <p className="check-text">{t("invites.declinedWhy")}</p> : null}
      {status === "wrong_digits" ? <p className="check-text">{t("invites.wrongDigitsWhy")}</p> : null}
      {isSlow ? (
        <p className="check-text" role="status">
          {t("invites.noAnswer", { provider: providerName(overview.sms_provider, t) })}
        </p>
      ) : null}
      {isSendable && invite.stale ? <p className="check-text">{t("invites.stale")}</p> : null}
      {isSendable && invite.invite_code === undefined ? <p className="check-text">{t("invites.forgotten")}</p> : null}
    </>
  );
}
