import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { Invite, Overview } from "../data/follow-invites.ts";
import { usePageState, useServerTime } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { CopyText } from "../parts/copy-text.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { ReachWarning } from "../parts/reach-warning.tsx";
import { useRetryWait } from "../parts/retry-wait.ts";
import { fill, Ltr, numberIn, phoneNameIn } from "../parts/sentence.tsx";
import { timeOfDay, waitOf } from "../parts/times.ts";
import { providerName } from "../words/words.ts";
import { Countdown } from "./countdown.tsx";
import { InviteDelivery } from "./invite-delivery.tsx";

interface InviteRowProps {
  readonly invite: Invite;
  readonly clockOffset: number;
  readonly overview: Overview;
}

/** A provider that takes longer is worth a word. */
const SILENT_AFTER_MS = 5000;

/** After so many the message will not come this way. */
const MANY_RESENDS = 3;

const STATE_ICON: Readonly<Record<Invite["status"], IconName>> = {
  pending: "waiting",
  accepted: "pass",
  expired: "close",
  cancelled: "close",
};

export function InviteRow({ invite, clockOffset, overview }: InviteRowProps): ReactNode {
  const { t } = useTranslation();
  const { dismissInvite } = usePageState();
  const now = useServerTime(clockOffset);
  const expiresAt = Date.parse(invite.expires_at);
  const number = invite.phone_number;
  // The page's clock is ahead of the next news.
  const status = invite.status === "pending" && now >= expiresAt ? "expired" : invite.status;
  const ended = status !== "pending";
  const sendable = status === "pending" || status === "expired";
  const declined = invite.cancel_reason === "declined";
  const sendingSince = invite.sending_since === undefined ? undefined : Date.parse(invite.sending_since);
  const silent = sendingSince !== undefined && now - sendingSince > SILENT_AFTER_MS;
  const look = declined ? "declined" : status;

  return (
    <li className="row invite" data-status={status}>
      <div className="row-head">
        <span className={`badge ${look}`}>
          <Icon name={declined ? "warning" : STATE_ICON[status]} />
        </span>
        <div className="row-text">
          <h3>
            <Ltr>{number}</Ltr>
          </h3>
          <p className="facts">
            <span className={`state ${look}`}>
              {status === "accepted" && invite.device_name !== undefined
                ? phoneNameIn("invites.acceptedAs", invite.device_name)
                : t(stateOf(invite, look))}
            </span>
            {status === "pending" ? (
              <>
                <span>
                  {fill("invites.expires", {
                    time: <time dateTime={invite.expires_at}>{timeOfDay(expiresAt - clockOffset)}</time>,
                  })}
                </span>
                <Countdown left={expiresAt - now} number={number} />
              </>
            ) : null}
          </p>
          {declined ? <p className="check-text">{t("invites.declinedWhy")}</p> : null}
          {silent ? (
            <p className="check-text" role="status">
              {t("invites.noAnswer", { provider: providerName(overview.sms_provider, t) })}
            </p>
          ) : null}
          {sendable && invite.stale ? <p className="check-text">{t("invites.stale")}</p> : null}
          {sendable && invite.invite_code === undefined ? <p className="check-text">{t("invites.forgotten")}</p> : null}
        </div>
      </div>
      <InviteDelivery
        invite={invite}
        isQrOffered={invite.sends > MANY_RESENDS}
        waits={sendable}
        provider={overview.sms_provider}
        now={now}
        clockOffset={clockOffset}
      />
      {sendable ? <InviteActions invite={invite} status={status} clockOffset={clockOffset} now={now} overview={overview} /> : null}
      {ended ? (
        <Action
          variant="quiet"
          className="small corner"
          title={t("page.dismiss")}
          aria-label={t("invites.about", { action: t("page.dismiss"), number })}
          onClick={() => {
            dismissInvite(invite.session_id);
            document.getElementById("invites-heading")?.focus();
          }}
        >
          <Icon name="close" />
        </Action>
      ) : null}
    </li>
  );
}

type State = "opened" | "sending" | "declined" | Invite["status"];

function stateOf(invite: Invite, look: "declined" | Invite["status"]): `invites.${State}` {
  if (look !== "pending") return `invites.${look}`;
  if (invite.sending_since !== undefined) return "invites.sending";
  return invite.opened_at === undefined ? "invites.pending" : "invites.opened";
}

interface InviteActionsProps {
  readonly invite: Invite;
  readonly status: "pending" | "expired";
  readonly clockOffset: number;
  readonly now: number;
  readonly overview: Overview;
}

function InviteActions({ invite, status, clockOffset, now, overview }: InviteActionsProps): ReactNode {
  const { t } = useTranslation();
  const { connection, isReachable, notices, places, refresh } = usePageState();
  const { invite_code: code, link, phone_number: number, session_id } = invite;
  const [doubted, setDoubted] = useState(false);
  const checkAgain = useRef<HTMLButtonElement>(null);
  const resendButton = useRef<HTMLButtonElement>(null);
  const mock = overview.sms_provider === "mock";
  const busy = useRef(false);
  const about = (action: string): string => t("invites.about", { action, number });

  const resending = useMutation({
    async mutationFn({ invite_code, anyway }: { readonly invite_code: string; readonly anyway: boolean }) {
      if (!mock && !anyway && !(await isReachable(overview.base_url))) return "unreachable";
      return answerTo(connection.api.resendInvite({ invite_code }));
    },
    async onSuccess(outcome) {
      flushSync(() => setDoubted(outcome === "unreachable"));
      if (outcome === "unreachable") {
        checkAgain.current?.focus();
        return;
      }
      const view = await connection.api.overview({});
      const fresh = view.ok ? view.value.invites.find((one) => one.session_id === session_id) : undefined;
      const until = timeOfDay(Date.parse((fresh ?? invite).expires_at) - clockOffset);
      notices.say("invites", fill("invites.resent", { number: <Ltr>{number}</Ltr>, time: until }));
    },
    async onSettled() {
      busy.current = false;
      await refresh("invites");
    },
  });

  const cancelling = useMutation({
    mutationFn: async () => answerTo(connection.api.cancelSession({ session_id })),
    onSuccess() {
      document.getElementById("invites-heading")?.focus();
    },
    async onSettled(_answer, error) {
      await refresh("invites");
      if (!error) notices.say("invites", numberIn("invites.cancelled_done", number));
    },
  });

  const resend = (invite_code: string, anyway: boolean): void => {
    if (busy.current) return;
    busy.current = true;
    resending.mutate({ invite_code, anyway });
  };

  // The server's word is the same in every window; what it has just refused may have to wait for longer.
  const pause = invite.resend_after === undefined ? 0 : Date.parse(invite.resend_after) - now;
  const wait = Math.max(pause, useRetryWait(resending.error) ?? 0);
  const resendLabel = resending.isPending
    ? t("invites.resending")
    : wait > 0
      ? t("invites.resendIn", { left: waitOf(wait) })
      : t("invites.resend");
  const outdated = code === undefined || invite.stale;
  const usable = link !== undefined && !invite.stale && status === "pending";
  const failed = resending.error ?? cancelling.error;

  return (
    <>
      <div className="actions">
        {mock && usable ? (
          <a className="button plain" href={link} target="_blank" rel="noreferrer" aria-label={about(t("invites.open"))}>
            <Icon name="link-external" />
            {t("invites.open")}
          </a>
        ) : null}
        {usable ? (
          <CopyText
            text={link}
            label={t("invites.copy")}
            name={(action) => t("invites.about", { action, number })}
            refusedLabel={t("invites.copyFailed")}
          />
        ) : null}
        {outdated ? (
          <Action aria-label={about(t("invites.sendNew"))} onClick={() => places.open("pair")}>
            {t("invites.sendNew")}
          </Action>
        ) : doubted ? null : (
          <Action
            ref={resendButton}
            busy={resending.isPending || invite.sending_since !== undefined || wait > 0}
            aria-label={about(resendLabel)}
            onClick={() => {
              resend(code, false);
            }}
          >
            {resendLabel}
          </Action>
        )}
        {invite.sends > MANY_RESENDS && !doubted ? (
          <Action aria-label={about(t("invites.qr"))} onClick={() => places.open("qr")}>
            {t("invites.qr")}
          </Action>
        ) : null}
        {status === "pending" ? (
          <Action variant="quiet" busy={cancelling.isPending} aria-label={about(t("invites.cancel"))} onClick={() => cancelling.mutate()}>
            {t("invites.cancel")}
          </Action>
        ) : null}
      </div>
      {doubted && code !== undefined ? (
        <ReachWarning
          overview={overview}
          firstRef={checkAgain}
          onAnyway={() => {
            resend(code, true);
            flushSync(() => setDoubted(false));
            resendButton.current?.focus();
          }}
          onFine={() => {
            flushSync(() => setDoubted(false));
            notices.say("invites", t("reach.fine"));
            resendButton.current?.focus();
          }}
        />
      ) : null}
      {failed ? <ProblemLine thrown={failed} isWaitShown={failed === resending.error} /> : null}
    </>
  );
}
