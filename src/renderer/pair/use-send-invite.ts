import { useMutation } from "@tanstack/react-query";
import { type RefObject, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { Overview } from "../data/follow-invites.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo, isAboutTheNumber, rejectionOf } from "../data/rejection.ts";
import { useRetryWait } from "../parts/retry-wait.ts";
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

/** Sends the invite for the number in the field, once its warnings are answered. */
export function useSendInvite(overview: Overview, number: NumberState, { field, anyway, checkAgain, submit }: Elements) {
  const { t } = useTranslation();
  const { notices, refresh } = usePageState();
  /** Set while the page asks about an address that phones may not reach: what was agreed to before. */
  const [unreachable, setUnreachable] = useState<Consent>();
  /** For this number: a refused message may be sent again without the same questions. */
  const [agreed, setAgreed] = useState<Consent>({});
  const [printed, setPrinted] = useState<string>();
  const busy = useRef(false);
  const attempt = useAttempt(overview, number, field);
  const charged = overview.sms_provider !== "mock";

  /** The sentence is on the screen before the focus moves, so that the field is read together with it. */
  const show = (verdict: Verdict): void => {
    flushSync(() => number.setVerdict(() => verdict));
    (verdict.kind === "check" ? anyway.current : field.current)?.focus();
  };
  const sending = useMutation({
    mutationFn: attempt,
    onSuccess(outcome, consent) {
      if (outcome === "unreachable") {
        flushSync(() => setUnreachable(consent));
        checkAgain.current?.focus();
      } else if (outcome.kind === "sent") {
        setAgreed({});
        if (!charged) setPrinted(outcome.invite_code);
        if (field.current?.value.trim() === outcome.text) number.clear();
        notices.say("pair", t(charged ? "pair.sent" : "pair.printed"));
      } else show(outcome);
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
  const limited = (useRetryWait(sending.error) ?? 0) > 0;
  const send = (consent: Consent): void => {
    // The mutation's state changes only after this click; a second click must not get past it.
    if (busy.current || !overview.secrets.can_pair || limited) return;
    busy.current = true;
    notices.clear("pair");
    setPrinted(undefined);
    setAgreed(consent);
    sending.mutate(consent);
  };
  return {
    unreachable,
    printed,
    limited,
    isSending: sending.isPending,
    error: sending.error,
    isIdle: () => !busy.current,
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
    /** Another number is typed. Too many requests are too many for every number. */
    forgetAnswers() {
      setUnreachable(undefined);
      setAgreed({});
      if (!sending.isPending && rejectionOf(sending.error).problem.code !== "rate_limited") sending.reset();
    },
  };
}

/** Reads the number, checks the address that the link leads to, and sends. Resolves with what stopped it. */
function useAttempt(overview: Overview, { read, preview }: NumberState, field: RefObject<HTMLInputElement | null>) {
  const { t } = useTranslation();
  const { connection, isReachable } = usePageState();
  const { user_id, user_name } = overview.user;
  return async (consent: Consent): Promise<Verdict | "unreachable" | Sent> => {
    const text = field.current?.value.trim() ?? "";
    if (text === "") return { kind: "wrong", sentence: t("pair.empty") };
    const found = await read(text);
    if (found.kind !== "fine" && !(found.kind === "check" && found.e164 === consent.number)) return found;
    // A text that the field itself cannot read was sent off before its reading was on the screen.
    if (preview !== found.e164 && consent.number !== found.e164) return otherReading(found.e164);
    if (overview.sms_provider !== "mock" && consent.reach !== true) {
      if (!(await isReachable(overview.base_url))) return "unreachable";
      // One may type while the address is checked.
      if (field.current?.value.trim() !== text) return { kind: "wrong", sentence: t("pair.changed") };
    }
    const name = user_name === "" ? {} : { user_name };
    const { invite_code } = await answerTo(connection.api.sendInvite({ phone_number: found.e164, user_id, ...name }));
    return { kind: "sent", text, invite_code };
  };
}
