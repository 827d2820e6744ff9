import { useMutation } from "@tanstack/react-query";
import { type RefObject, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { present } from "../../base/present.ts";
import type { Level } from "../../contract/levels.ts";
import type { Overview } from "../data/follow-invites.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo, isAboutTheNumber, rejectionOf } from "../data/rejection.ts";
import { useRetryWait } from "../parts/retry-wait.ts";
import { pageLanguage } from "../words/words.ts";
import type { NumberState } from "./use-number.ts";
import { otherReading, type Verdict } from "./verdict.ts";

/** Warnings that the person answered with "Send anyway". */
export interface Consent {
  readonly number?: string | undefined;
  readonly reach?: true;
}

interface Sent {
  readonly kind: "sent";
  readonly text: string;
  readonly invite_code: string;
}

/** The elements that take the focus. */
interface Elements {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly anyway: RefObject<HTMLButtonElement | null>;
  readonly checkAgain: RefObject<HTMLButtonElement | null>;
  readonly submit: RefObject<HTMLButtonElement | null>;
}

interface Given {
  readonly overview: Overview;
  readonly level: Level;
}

/** Sends the invite for the number in the field, once its warnings are answered. */
export function useSendInvite(given: Given, number: NumberState, elements: Elements) {
  const { overview } = given;
  const { t } = useTranslation();
  const { notices } = usePageState();
  const { field, checkAgain, submit } = elements;
  /** Set while the page asks about an address that phones may not reach: the answers to the warnings before it. */
  const [unreachable, setUnreachable] = useState<Consent>();
  /** For this number: a message that failed may be sent again without the same questions. */
  const [agreed, setAgreed] = useState<Consent>({});
  const [printed, setPrinted] = useState<string>();
  const charged = overview.sms_provider !== "mock";
  const { sending, isIdle, start } = useSending(given, number, elements, {
    onUnreachable(consent) {
      flushSync(() => setUnreachable(consent));
      checkAgain.current?.focus();
    },
    onSent({ text, invite_code }) {
      setAgreed({});
      if (!charged) setPrinted(invite_code);
      if (field.current?.value.trim() === text) number.clear();
      notices.say("pair", t(charged ? "pair.sent" : "pair.printed"));
    },
  });
  const limited = (useRetryWait(sending.error) ?? 0) > 0;
  const send = (consent: Consent): void => {
    if (!overview.secrets.can_pair || limited || !start(consent)) return;
    notices.clear("pair");
    setPrinted(undefined);
    setAgreed(consent);
  };
  return {
    unreachable,
    printed,
    limited,
    isSending: sending.isPending,
    error: sending.error,
    isIdle,
    send: () => send(agreed),
    /** The warning is answered, so the send button comes back and takes the focus. */
    sendAnyway(consent: Consent) {
      send({ ...agreed, ...unreachable, ...consent });
      flushSync(() => {
        setUnreachable(undefined);
        number.setVerdict((now) => (now.kind === "check" ? { kind: "fine", e164: now.e164 } : now));
      });
      submit.current?.focus();
    },
    nowReachable() {
      flushSync(() => setUnreachable(undefined));
      notices.say("pair", t("reach.fine"));
      submit.current?.focus();
    },
    /** Another number is typed. A rate limit applies to every number, so its error stays. */
    forgetAnswers() {
      setUnreachable(undefined);
      setAgreed({});
      if (!sending.isPending && rejectionOf(sending.error).problem.code !== "rate_limited") sending.reset();
    },
  };
}

interface SendHandlers {
  readonly onUnreachable: (consent: Consent) => void;
  readonly onSent: (sent: Sent) => void;
}

function useSending(given: Given, number: NumberState, { field, anyway }: Elements, { onUnreachable, onSent }: SendHandlers) {
  const { refresh } = usePageState();
  const busy = useRef(false);
  /** The sentence is on the screen before the focus moves, so that a screen reader reads it with the field. */
  const show = (verdict: Verdict): void => {
    flushSync(() => number.setVerdict(() => verdict));
    (verdict.kind === "check" ? anyway.current : field.current)?.focus();
  };
  const sending = useMutation({
    mutationFn: useAttempt(given, number, field),
    onSuccess(outcome, consent) {
      if (outcome === "unreachable") onUnreachable(consent);
      else if (outcome.kind === "sent") onSent(outcome);
      else show(outcome);
    },
    onError(thrown) {
      const { detail, details } = rejectionOf(thrown).problem;
      if (isAboutTheNumber(thrown)) show({ kind: "wrong", sentence: detail, details });
    },
    async onSettled() {
      busy.current = false;
      await refresh("invites");
    },
  });
  return {
    sending,
    isIdle: () => !busy.current,
    /** The mutation's state changes only after a click; a second click must not start it again. */
    start(consent: Consent): boolean {
      if (busy.current) return false;
      busy.current = true;
      sending.mutate(consent);
      return true;
    },
  };
}

/** Reads the number, checks the address in the link, and sends. Resolves with what stopped it. */
function useAttempt({ overview, level }: Given, { read, preview }: NumberState, field: RefObject<HTMLInputElement | null>) {
  const { t } = useTranslation();
  const { connection, isReachable } = usePageState();
  const { user_id, user_name } = overview.user;
  return async (consent: Consent): Promise<Verdict | "unreachable" | Sent> => {
    const text = field.current?.value.trim() ?? "";
    if (text === "") return { kind: "wrong", sentence: t("pair.empty") };
    const found = await read(text);
    if (found.kind !== "fine" && !(found.kind === "check" && found.e164 === consent.number)) return found;
    // The field could not read this text, so the person has not seen the number that the server reads.
    if (preview !== found.e164 && consent.number !== found.e164) return otherReading(found.e164);
    if (overview.sms_provider !== "mock" && consent.reach !== true) {
      if (!(await isReachable(overview.base_url))) return "unreachable";
      // The number may have been edited while the address was checked.
      if (field.current?.value.trim() !== text) return { kind: "wrong", sentence: t("pair.changed") };
    }
    const user = { user_id, ...present({ user_name: user_name || undefined }), language: pageLanguage() };
    const { invite_code } = await answerTo(connection.api.sendInvite({ phone_number: found.e164, ...user, level }));
    return { kind: "sent", text, invite_code };
  };
}
