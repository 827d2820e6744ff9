import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Invite, Overview } from "../data/follow-invites.ts";
import { usePageState, useServerTime } from "../data/page-state.ts";
import { Dismiss } from "../parts/dismiss.tsx";
import type { IconName } from "../parts/icon.tsx";
import { RowHead } from "../parts/row-head.tsx";
import { fill, Ltr, phoneNameIn } from "../parts/sentence.tsx";
import { timeOfDay } from "../parts/times.ts";
import { providerName } from "../words/words.ts";
import { Countdown } from "./countdown.tsx";
import { InviteActions } from "./invite-actions.tsx";
import { InviteDelivery } from "./invite-delivery.tsx";

interface InviteRowProps {
  readonly invite: Invite;
  readonly clockOffset: number;
  readonly overview: Overview;
}

type Status = Invite["status"] | "declined";

const STATUS_ICON: Readonly<Record<Status, IconName>> = {
  pending: "waiting",
  accepted: "pass",
  expired: "close",
  cancelled: "close",
  declined: "warning",
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
  const shownStatus = invite.cancel_reason === "declined" ? "declined" : status;
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
  return (
    <p className="facts">
      <span className={`state ${status}`}>
        {status === "accepted" && invite.device_name !== undefined
          ? phoneNameIn("invites.acceptedAs", invite.device_name)
          : t(statusKeyOf(invite, status))}
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
