import { useMutation } from "@tanstack/react-query";
import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { present } from "../../base/present.ts";
import type { Level } from "../../contract/levels.ts";
import type { AnswerOf } from "../../contract/operations.ts";
import { useIsClaimed } from "../data/claims.ts";
import type { Invite, InvitesView } from "../data/follow-invites.ts";
import { usePageState, useServerTime } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { fill, Ltr } from "../parts/sentence.tsx";
import { minutesAndSeconds } from "../parts/times.ts";
import { isOnlyHere } from "./only-here.tsx";
import { PairingBlocked } from "./pairing-blocked.tsx";

type Qr = AnswerOf<"generateQr">;
type Status = Invite["status"];

interface QrPanelProps {
  readonly view: InvitesView;
  /** What the phone will be allowed to do. */
  readonly level: Level;
  readonly levelChoice: ReactNode;
}

/** Shows a QR code until a phone has scanned it, and then the result. */
export function QrPanel({ view, level, levelChoice }: QrPanelProps): ReactNode {
  const { t } = useTranslation();
  const { connection, places, refresh } = usePageState();
  const now = useServerTime(view.clockOffset);
  const picture = useRef<HTMLImageElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [markButton] = useState(() => {
    const mark = places.mark("qr");
    return (element: HTMLButtonElement | null): void => {
      button.current = element;
      mark(element);
    };
  });
  const { opening, qr, invite, status } = useQrCode(view, level, now, picture);
  const cancelling = useMutation({
    mutationFn: async (session_id: string) => answerTo(connection.api.cancelSession({ session_id })),
    onSettled: async () => refresh("invites"),
  });
  const waits = status === "pending";
  const outcome = status === undefined || waits ? undefined : t(`qr.${outcomeOf(status, invite?.cancel_reason)}`);
  useAnnouncedOutcome(outcome, button);
  const isClaimed = useIsClaimed(invite?.session_id, view.clockOffset);
  const blocked = !view.overview.secrets.can_pair;

  return (
    <div className="qr">
      <p className="quiet-text">{t("qr.intro")}</p>
      {waits && qr ? <QrCode qr={qr} left={Date.parse(qr.expires_at) - now} pictureRef={picture} /> : null}
      {isClaimed ? <p className="check-text">{t("qr.claimed")}</p> : null}
      {outcome === undefined ? null : <p className={status === "accepted" ? "preview" : "check-text"}>{outcome}</p>}
      {waits ? null : levelChoice}
      <PairingBlocked id="qr-blocked" secrets={view.overview.secrets} />
      <div className="actions">
        <Action
          ref={markButton}
          variant={waits ? "plain" : "primary"}
          busy={opening.isPending || blocked}
          aria-describedby={blocked ? "qr-blocked" : undefined}
          onClick={() => opening.mutate()}
        >
          {opening.isPending ? t("qr.making") : qr ? t("qr.another") : t("qr.show")}
        </Action>
        {waits && invite ? (
          <Action variant="quiet" busy={cancelling.isPending} onClick={() => cancelling.mutate(invite.session_id)}>
            {t("qr.cancel")}
          </Action>
        ) : null}
      </div>
      {(opening.error ?? cancelling.error) ? <ProblemLine thrown={opening.error ?? cancelling.error} /> : null}
    </div>
  );
}

/** Makes a QR code and follows its invite. */
function useQrCode({ overview }: InvitesView, level: Level, now: number, picture: RefObject<HTMLImageElement | null>) {
  const { connection, refresh } = usePageState();
  const { user_id, user_name } = overview.user;
  const opening = useMutation({
    async mutationFn() {
      const qr = await answerTo(connection.api.generateQr({ user_id, ...present({ user_name: user_name || undefined }), level }));
      // The overview has an invite's code only while it is pending: later, the page finds the invite by its session.
      const { invites } = await answerTo(connection.api.overview({}));
      return { qr, session: invites.find((invite) => invite.invite_code === qr.pairing_token)?.session_id };
    },
    async onSuccess() {
      await refresh("invites");
      picture.current?.focus();
    },
  });
  const qr = opening.data?.qr;
  const invite = overview.invites.find(({ session_id }) => session_id === opening.data?.session);
  const expired = qr !== undefined && now >= Date.parse(qr.expires_at);
  const reported = invite?.status ?? "pending";
  const status: Status | undefined = qr && (reported === "pending" && expired ? "expired" : reported);

  // A code that only this computer could open is replaced as soon as there is an address for phones.
  const isOutdated = qr !== undefined && status === "pending" && isOnlyHere(qr.pairing_link);
  const isReplaced = isOutdated && overview.base_url !== "" && !isOnlyHere(overview.base_url);
  const { mutate: make } = opening;
  useEffect(() => {
    if (isReplaced) make();
  }, [isReplaced, make]);
  return { opening, qr, invite, status };
}

/** Announces the result, and focuses the button for another code. */
function useAnnouncedOutcome(outcome: string | undefined, button: RefObject<HTMLButtonElement | null>): void {
  const { notices } = usePageState();
  useEffect(() => {
    if (outcome === undefined) return;
    notices.say("unseen", outcome);
    button.current?.focus();
  }, [outcome, notices, button]);
}

type Outcome = Exclude<Status, "pending"> | "declined" | "wrong_otp" | "wrong_digits";

function outcomeOf(status: Status, reason: Invite["cancel_reason"]): Outcome {
  if (status === "accepted") return "accepted";
  if (status !== "cancelled") return "expired";
  return reason === "declined" || reason === "wrong_otp" || reason === "wrong_digits" ? reason : "cancelled";
}

interface QrCodeProps {
  readonly qr: Qr;
  readonly left: number;
  readonly pictureRef: RefObject<HTMLImageElement | null>;
}

function QrCode({ qr, left, pictureRef }: QrCodeProps): ReactNode {
  const { t } = useTranslation();
  const [revealed, setRevealed] = useState(false);
  const otp = qr.otp_code;
  return (
    <>
      <div className="qr-code">
        <img ref={pictureRef} tabIndex={-1} className="qr-picture" src={`data:image/png;base64,${qr.qr_code_base64}`} alt={t("qr.alt")} />
        <div className="qr-beside">
          {otp === undefined ? null : (
            <p>
              {t("qr.otp")} <strong className="qr-otp">{revealed ? <Ltr>{`${otp.slice(0, 3)} ${otp.slice(3)}`}</Ltr> : "••• •••"}</strong>{" "}
              <Action variant="quiet" className="small" aria-pressed={revealed} onClick={() => setRevealed(!revealed)}>
                {revealed ? t("qr.hideOtp") : t("qr.showOtp")}
              </Action>
            </p>
          )}
          <p role="timer" aria-live="off">
            {fill("qr.left", { left: <Ltr>{minutesAndSeconds(left)}</Ltr> })}
          </p>
          {isOnlyHere(qr.pairing_link) ? null : (
            <p className="quiet-text">{fill("qr.network", { address: <Ltr>{new URL(qr.pairing_link).origin}</Ltr> })}</p>
          )}
        </div>
      </div>
      <label className="qr-link">
        <span>{t("qr.link")}</span>
        <input readOnly dir="ltr" value={qr.pairing_link} onFocus={(event) => event.currentTarget.select()} />
      </label>
    </>
  );
}
