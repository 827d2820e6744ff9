import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AnswerOf } from "../../contract/operations.ts";
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

/** Shows a QR code until a phone has scanned it, and what became of it. */
export function QrPanel({ view }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { connection, notices, places, refresh } = usePageState();
  const now = useServerTime(view.clockOffset);
  const picture = useRef<HTMLImageElement>(null);
  const again = useRef<HTMLButtonElement>(null);
  const [markButton] = useState(() => {
    const mark = places.mark("qr");
    return (element: HTMLButtonElement | null): void => {
      again.current = element;
      mark(element);
    };
  });
  const { user_id, user_name } = view.overview.user;

  const opening = useMutation({
    async mutationFn() {
      const made = await answerTo(connection.api.generateQr({ user_id, ...(user_name === "" ? {} : { user_name }) }));
      // A code is told to the page only while it waits; its session is what is looked for afterwards.
      const { invites } = await answerTo(connection.api.overview({}));
      return { made, session: invites.find((invite) => invite.invite_code === made.pairing_token)?.session_id };
    },
    async onSuccess() {
      await refresh("invites");
      picture.current?.focus();
    },
  });
  const blocked = !view.overview.secrets.can_pair;
  const qr = opening.data?.made;
  const found = view.overview.invites.find((invite) => invite.session_id === opening.data?.session);
  const status: Status | undefined = qr && (found?.status ?? (now >= Date.parse(qr.expires_at) ? "expired" : "pending"));
  const waits = status === "pending" && qr !== undefined && now < Date.parse(qr.expires_at);

  // A code that only this computer could open is made anew as soon as there is an address for phones.
  const baseUrl = view.overview.base_url;
  const isOutdated = waits && isOnlyHere(qr.pairing_link) && baseUrl !== "" && !isOnlyHere(baseUrl);
  const { mutate: make } = opening;
  useEffect(() => {
    if (isOutdated) make();
  }, [isOutdated, make]);

  const cancelling = useMutation({
    mutationFn: async (session_id: string) => answerTo(connection.api.cancelSession({ session_id })),
    onSettled: async () => refresh("invites"),
  });

  const ended = qr !== undefined && !waits;
  const outcome = ended ? t(`qr.${outcomeOf(status, found?.cancel_reason)}`) : undefined;
  useEffect(() => {
    if (outcome === undefined) return;
    notices.say("unseen", outcome);
    again.current?.focus();
  }, [outcome, notices]);

  return (
    <div className="qr">
      <p className="quiet-text">{t("qr.intro")}</p>
      {waits ? <QrCode qr={qr} left={Date.parse(qr.expires_at) - now} pictureRef={picture} /> : null}
      {ended ? <p className={status === "accepted" ? "preview" : "check-text"}>{outcome}</p> : null}
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
        {waits && found ? (
          <Action variant="quiet" busy={cancelling.isPending} onClick={() => cancelling.mutate(found.session_id)}>
            {t("qr.cancel")}
          </Action>
        ) : null}
      </div>
      {(opening.error ?? cancelling.error) ? <ProblemLine thrown={opening.error ?? cancelling.error} /> : null}
    </div>
  );
}

function outcomeOf(
  status: Status | undefined,
  reason: Invite["cancel_reason"],
): "accepted" | "declined" | "wrong_otp" | "cancelled" | "expired" {
  if (status === "accepted") return "accepted";
  if (status !== "cancelled") return "expired";
  return reason === "declined" || reason === "wrong_otp" ? reason : "cancelled";
}

interface QrCodeProps {
  readonly qr: Qr;
  readonly left: number;
  readonly pictureRef: React.RefObject<HTMLImageElement | null>;
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
