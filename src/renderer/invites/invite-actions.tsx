import { useMutation } from "@tanstack/react-query";
import { type ReactNode, type Ref, type RefObject, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { Invite, Overview } from "../data/follow-invites.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { CopyText } from "../parts/copy-text.tsx";
import { Icon } from "../parts/icon.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { ReachWarning } from "../parts/reach-warning.tsx";
import { useRetryWait } from "../parts/retry-wait.ts";
import { fill, Ltr, numberIn } from "../parts/sentence.tsx";
import { timeOfDay, waitOf } from "../parts/times.ts";

interface InviteActionsProps {
  readonly invite: Invite;
  readonly status: "pending" | "expired";
  readonly clockOffset: number;
  readonly now: number;
  readonly overview: Overview;
  readonly isQrOffered: boolean;
}

/** The buttons of an invite that may still be sent. */
export function InviteActions({ invite, status, clockOffset, now, overview, isQrOffered }: InviteActionsProps): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  const { button, checkAgain, ...resend } = useResend(invite, overview, clockOffset);
  const cancelling = useCancel(invite);
  const about = (action: string): string => t("invites.about", { action, number: invite.phone_number });
  const code = invite.invite_code;
  const failed = resend.error ?? cancelling.error;
  return (
    <>
      <div className="actions">
        {status === "pending" && !invite.stale ? <LinkActions link={invite.link} overview={overview} about={about} /> : null}
        {code === undefined || invite.stale ? (
          <Action aria-label={about(t("invites.sendNew"))} onClick={() => places.open("pair")}>
            {t("invites.sendNew")}
          </Action>
        ) : resend.isUnreachable ? null : (
          <ResendButton
            invite={invite}
            now={now}
            buttonRef={button}
            isPending={resend.isPending}
            error={resend.error}
            about={about}
            onResend={() => resend.send(code)}
          />
        )}
        {isQrOffered && !resend.isUnreachable ? (
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
      {resend.isUnreachable && code !== undefined ? (
        <ReachWarning overview={overview} firstRef={checkAgain} onAnyway={() => resend.sendAnyway(code)} onFine={resend.nowReachable} />
      ) : null}
      {failed ? <ProblemLine thrown={failed} isWaitShown={failed === resend.error} /> : null}
    </>
  );
}

interface LinkActionsProps {
  readonly link: string | undefined;
  readonly overview: Overview;
  readonly about: (action: string) => string;
}

/** Copies the link; in mock mode it can be opened as well. */
function LinkActions({ link, overview, about }: LinkActionsProps): ReactNode {
  const { t } = useTranslation();
  if (link === undefined) return null;
  return (
    <>
      {overview.sms_provider === "mock" ? (
        <a className="button plain" href={link} target="_blank" rel="noreferrer" aria-label={about(t("invites.open"))}>
          <Icon name="link-external" />
          {t("invites.open")}
        </a>
      ) : null}
      <CopyText text={link} label={t("invites.copy")} name={about} refusedLabel={t("invites.copyFailed")} />
    </>
  );
}

interface ResendButtonProps {
  readonly invite: Invite;
  readonly now: number;
  readonly buttonRef: Ref<HTMLButtonElement>;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly about: (action: string) => string;
  readonly onResend: () => void;
}

function ResendButton({ invite, now, buttonRef, isPending, error, about, onResend }: ResendButtonProps): ReactNode {
  const { t } = useTranslation();
  // Every window gets `resend_after`. A request that was just rejected may have to wait for longer.
  const pause = invite.resend_after === undefined ? 0 : Date.parse(invite.resend_after) - now;
  const wait = Math.max(pause, useRetryWait(error) ?? 0);
  const label = isPending ? t("invites.resending") : wait > 0 ? t("invites.resendIn", { left: waitOf(wait) }) : t("invites.resend");
  return (
    <Action ref={buttonRef} busy={isPending || invite.sending_since !== undefined || wait > 0} aria-label={about(label)} onClick={onResend}>
      {label}
    </Action>
  );
}

/** Sends the invite again; asks first where phones cannot reach the address in it. */
function useResend(invite: Invite, overview: Overview, clockOffset: number) {
  const { t } = useTranslation();
  const { connection, isReachable, notices, refresh } = usePageState();
  const [isUnreachable, setUnreachable] = useState(false);
  const busy = useRef(false);
  const checkAgain = useRef<HTMLButtonElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  /** The element appears with the change, and takes the focus. */
  const warn = (unreachable: boolean, focused: RefObject<HTMLButtonElement | null>): void => {
    flushSync(() => setUnreachable(unreachable));
    focused.current?.focus();
  };
  const resending = useMutation({
    async mutationFn({ invite_code, anyway }: { readonly invite_code: string; readonly anyway: boolean }) {
      if (overview.sms_provider !== "mock" && !anyway && !(await isReachable(overview.base_url))) return "unreachable";
      return answerTo(connection.api.resendInvite({ invite_code }));
    },
    async onSuccess(outcome) {
      if (outcome === "unreachable") {
        warn(true, checkAgain);
        return;
      }
      flushSync(() => setUnreachable(false));
      const view = await connection.api.overview({});
      const fresh = view.ok ? view.value.invites.find(({ session_id }) => session_id === invite.session_id) : undefined;
      const time = timeOfDay(Date.parse((fresh ?? invite).expires_at) - clockOffset);
      notices.say("invites", fill("invites.resent", { number: <Ltr>{invite.phone_number}</Ltr>, time }));
    },
    async onSettled() {
      busy.current = false;
      await refresh("invites");
    },
  });
  const send = (invite_code: string, anyway = false): void => {
    if (busy.current) return;
    busy.current = true;
    resending.mutate({ invite_code, anyway });
  };
  return {
    isUnreachable,
    checkAgain,
    button,
    isPending: resending.isPending,
    error: resending.error,
    send,
    sendAnyway(invite_code: string) {
      send(invite_code, true);
      warn(false, button);
    },
    nowReachable() {
      warn(false, button);
      notices.say("invites", t("reach.fine"));
    },
  };
}

function useCancel({ session_id, phone_number }: Invite) {
  const { connection, notices, refresh } = usePageState();
  return useMutation({
    mutationFn: async () => answerTo(connection.api.cancelSession({ session_id })),
    onSuccess: () => document.getElementById("invites-heading")?.focus(),
    async onSettled(_answer, error) {
      await refresh("invites");
      if (!error) notices.say("invites", numberIn("invites.cancelled_done", phone_number));
    },
  });
}
