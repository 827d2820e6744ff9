import { useMutation } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { type ReactNode, type SubmitEvent, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { type Country, formatPhoneNumberIntl, isPossiblePhoneNumber, isSupportedCountry } from "react-phone-number-input/min";
import type { AnswerOf } from "../../contract/operations.ts";
import type { Overview } from "../data/follow-invites.ts";
import { usePageState, useReach } from "../data/page-state.ts";
import { answerTo, isAboutTheNumber, type Refused, Rejection, rejectionOf } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { ProviderDetails } from "../parts/provider-details.tsx";
import { ReachWarning } from "../parts/reach-warning.tsx";
import { useRetryWait } from "../parts/retry-wait.ts";
import { numberIn } from "../parts/sentence.tsx";
import { MessageCost } from "./message-cost.tsx";
import { NOTHING, NumberField, type Typed } from "./number-field.tsx";
import { PairingBlocked } from "./pairing-blocked.tsx";
import { PrintedLink } from "./printed-link.tsx";

/** What the page has to say about the number in the field. */
type Verdict =
  | { readonly kind: "none" }
  | { readonly kind: "wrong"; readonly sentence: ReactNode; readonly details?: Refused["details"] }
  | { readonly kind: "check"; readonly sentence: ReactNode; readonly e164: string }
  | { readonly kind: "fine"; readonly e164: string };

/** What was asked about before, and answered with "Send anyway". */
interface Consent {
  readonly number?: string | undefined;
  readonly reach?: true;
}

interface Sent {
  readonly kind: "sent";
  readonly text: string;
  readonly invite_code: string;
}

const NONE: Verdict = { kind: "none" };

/** Asks for a number and sends the link. The server reads the number: before sending, its reading is the one on the screen. */
export function SmsPanel({ overview }: { readonly overview: Overview }): ReactNode {
  const { t } = useTranslation();
  const { connection, isReachable, notices, places, refresh } = usePageState();
  const [typed, setTyped] = useState<Typed>(NOTHING);
  const [home] = useState<Country | undefined>(() => (isSupportedCountry(overview.country) ? overview.country : undefined));
  const [country, setCountry] = useState(home);
  const [verdict, setVerdict] = useState<Verdict>(NONE);
  /** The link would lead nowhere, as far as anybody knows; with what was agreed to before that was found out. */
  const [doubt, setDoubt] = useState<Consent>();
  /** Holds for this number: what was refused may be sent again without the same questions. */
  const [agreed, setAgreed] = useState<Consent>({});
  const [printed, setPrinted] = useState<string>();
  const reach = useReach(overview);
  const field = useRef<HTMLInputElement>(null);
  const anyway = useRef<HTMLButtonElement>(null);
  const checkAgain = useRef<HTMLButtonElement>(null);
  const submit = useRef<HTMLButtonElement>(null);
  const busy = useRef(false);

  const blocked = !overview.secrets.can_pair;
  const charged = overview.sms_provider !== "mock";
  const preview = verdict.kind === "fine" || verdict.kind === "check" ? verdict.e164 : localReading(typed);

  const read = async (text: string): Promise<Verdict> => {
    const reading = await answerTo(connection.api.readPhoneNumber(country === undefined ? { typed: text } : { typed: text, country }));
    return verdictOf(reading, localReading(typed));
  };

  /** The sentence is on the screen before the focus moves, so that the field is read together with it. */
  const say = (found: Verdict): void => {
    flushSync(() => setVerdict(found));
    (found.kind === "check" ? anyway.current : field.current)?.focus();
  };

  const sending = useMutation({
    async mutationFn(consent: Consent): Promise<Verdict | "unreachable" | Sent> {
      const text = field.current?.value.trim() ?? "";
      if (text === "") return { kind: "wrong", sentence: t("pair.empty") };
      const found = await read(text);
      if (found.kind !== "fine" && !(found.kind === "check" && found.e164 === consent.number)) return found;
      // A text that the field itself cannot read was sent off before its reading was on the screen.
      if (preview !== found.e164 && consent.number !== found.e164)
        return { kind: "check", e164: found.e164, sentence: otherReading(found.e164) };
      if (charged && consent.reach !== true) {
        if (!(await isReachable(overview.base_url))) return "unreachable";
        // One may type while the address is asked.
        if (field.current?.value.trim() !== text) return { kind: "wrong", sentence: t("pair.changed") };
      }
      const { user_id, user_name } = overview.user;
      const { invite_code } = await answerTo(
        connection.api.sendInvite({ phone_number: found.e164, user_id, ...(user_name === "" ? {} : { user_name }) }),
      );
      return { kind: "sent", text, invite_code };
    },
    onSuccess(outcome, consent) {
      if (outcome === "unreachable") {
        flushSync(() => setDoubt(consent));
        checkAgain.current?.focus();
      } else if (outcome.kind === "sent") {
        setAgreed({});
        if (!charged) setPrinted(outcome.invite_code);
        if (field.current?.value.trim() === outcome.text) {
          setTyped(NOTHING);
          setVerdict(NONE);
        }
        notices.say("pair", t(charged ? "pair.sent" : "pair.printed"));
      } else say(outcome);
    },
    onError(thrown) {
      const { problem } = rejectionOf(thrown);
      if (!isAboutTheNumber(thrown)) return;
      say({ kind: "wrong", sentence: problem.detail, details: problem.details });
    },
    async onSettled() {
      busy.current = false;
      await refresh("invites");
    },
  });

  const limited = (useRetryWait(sending.error) ?? 0) > 0;

  const send = (consent: Consent): void => {
    // React hears of the mutation only after this click; a second one must not wait for that.
    if (busy.current || blocked || limited) return;
    busy.current = true;
    notices.clear("pair");
    setPrinted(undefined);
    setAgreed(consent);
    sending.mutate(consent);
  };

  /** The question is answered: it goes, and the one button to send with says what happens. */
  const sendAnyway = (consent: Consent): void => {
    send(consent);
    flushSync(() => {
      setDoubt(undefined);
      setVerdict((now) => (now.kind === "check" ? { kind: "fine", e164: now.e164 } : now));
    });
    submit.current?.focus();
  };

  const look = (text: string): void => {
    if (text === "" || busy.current) return;
    read(text).then(
      (found) => {
        if (field.current?.value.trim() !== text || busy.current) return;
        setVerdict(found);
        const readable = found.kind === "fine" || found.kind === "check";
        setTyped((now) => (now.verbatim !== undefined && readable ? { value: found.e164, verbatim: undefined } : now));
      },
      // The same question is asked again before sending, and its failure is shown then.
      () => undefined,
    );
  };

  const asking = sending.isPending && charged && reach.isFetching;
  const sendLabel = asking ? t("reach.checking") : sending.isPending ? t("pair.sending") : undefined;
  const failed = sending.error !== null && !isAboutTheNumber(sending.error);
  const asks = verdict.kind === "check" || doubt !== undefined;
  const minutes = { count: overview.invite_minutes };

  return (
    <>
      <form
        noValidate
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          if (!asks) send(agreed);
        }}
      >
        <NumberField
          fieldRef={field}
          mark={places.mark("pair")}
          typed={typed}
          onTyped={(next) => {
            setTyped(next);
            setVerdict(NONE);
            setDoubt(undefined);
            setAgreed({});
            // What was said of another number is over; too many requests are too many for every number.
            if (!sending.isPending && rejectionOf(sending.error).problem.code !== "rate_limited") sending.reset();
          }}
          home={home}
          onCountry={(next) => {
            setCountry(next);
            if (verdict.kind !== "none") setVerdict(NONE);
          }}
          onPasted={look}
          onLeave={(event) => {
            // What has its verdict keeps it: the server's reading does not know what the provider said.
            if (event.target !== field.current || event.relatedTarget === submit.current || verdict.kind !== "none") return;
            look(field.current?.value.trim() ?? "");
          }}
          describedBy="number-hint number-note"
          invalid={verdict.kind === "wrong"}
        />
        <p id="number-hint" className="quiet-text">
          {t("pair.hint")}
        </p>
        <div id="number-note" className="note">
          {verdict.kind === "wrong" ? (
            <div className="wrong with-icon">
              <Icon name="error" />
              <div>
                {verdict.sentence}
                <ProviderDetails details={verdict.details} />
              </div>
            </div>
          ) : null}
          {preview !== undefined && verdict.kind !== "wrong" ? (
            <p className="preview">
              <Icon name="comment" />
              <span>{numberIn(charged ? "pair.preview" : "pair.previewMock", formatPhoneNumberIntl(preview))}</span>
            </p>
          ) : null}
          {preview !== undefined && verdict.kind !== "wrong" ? <MessageCost e164={preview} overview={overview} /> : null}
          {verdict.kind === "check" ? (
            <p className="check" role="alert">
              <Icon name="warning" />
              <span>{verdict.sentence}</span>
            </p>
          ) : null}
        </div>
        {verdict.kind === "check" && !doubt ? (
          <Action ref={anyway} onClick={() => sendAnyway({ ...agreed, number: verdict.e164 })}>
            {t("pair.sendAnyway")}
          </Action>
        ) : null}
        {doubt ? (
          <ReachWarning
            overview={overview}
            firstRef={checkAgain}
            onAnyway={() => sendAnyway({ ...doubt, reach: true })}
            onFine={() => {
              flushSync(() => setDoubt(undefined));
              notices.say("pair", t("reach.fine"));
              submit.current?.focus();
            }}
          />
        ) : null}
        <p className="quiet-text consent">{charged ? t("pair.consent", minutes) : t("pair.consentMock", minutes)}</p>
        <PairingBlocked id="sms-blocked" secrets={overview.secrets} />
        {asks ? null : (
          <Action
            ref={submit}
            type="submit"
            look="primary"
            busy={sending.isPending || blocked || limited}
            aria-describedby={blocked ? "sms-blocked" : limited ? "sms-limit" : undefined}
          >
            {sendLabel ?? t("pair.send")}
          </Action>
        )}
        <p role="status" className="quiet-text asking">
          {asking ? t("reach.asking") : ""}
        </p>
      </form>
      <div id="sms-limit">
        {failed ? (
          <ProblemLine
            thrown={sending.error}
            title={
              sending.error instanceof Rejection && sending.error.problem.code === "sms_outcome_unknown"
                ? t("pair.unknown")
                : t("pair.failed")
            }
            next={nextStep(sending.error, t)}
            onSettings={isForSettings(sending.error) ? () => places.open("sms") : undefined}
          />
        ) : null}
      </div>
      <NoticeLine place="pair">
        <PrintedLink code={printed} overview={overview} />
      </NoticeLine>
    </>
  );
}

/** What the field itself makes of the text, for the line below it. */
function localReading({ value, verbatim }: Typed): string | undefined {
  return verbatim === undefined && value !== undefined && isPossiblePhoneNumber(value) ? value : undefined;
}

function verdictOf(reading: AnswerOf<"readPhoneNumber">, local: string | undefined): Verdict {
  const { e164 } = reading;
  if (!reading.sendable || e164 === undefined) return { kind: "wrong", sentence: reading.problem };
  if (reading.warning !== undefined) return { kind: "check", e164, sentence: reading.warning };
  if (local !== undefined && local !== e164) return { kind: "check", e164, sentence: otherReading(e164) };
  return { kind: "fine", e164 };
}

function otherReading(e164: string): ReactNode {
  return numberIn("pair.otherReading", formatPhoneNumberIntl(e164));
}

function nextStep(thrown: unknown, t: TFunction): string | undefined {
  const { code, details } = rejectionOf(thrown).problem;
  // A fault that is known by its kind says what to do by itself.
  if (details) return undefined;
  switch (code) {
    case "sms_send_failed":
      return t("next.sms_send_failed");
    case "sms_outcome_unknown":
      return t("next.sms_outcome_unknown");
    case "storage_unavailable":
      return t("next.storage_unavailable");
    default:
      return undefined;
  }
}

/** Faults that are mended where the provider is set up. */
const FOR_SETTINGS = new Set(["credentials", "sender", "not_set_up"]);

function isForSettings(thrown: unknown): boolean {
  const { details } = rejectionOf(thrown).problem;
  return details !== undefined && FOR_SETTINGS.has(details.reason);
}
