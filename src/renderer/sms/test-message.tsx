import { useMutation } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { type ReactNode, type RefObject, type SubmitEvent, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { InvitesView, Overview } from "../data/follow-invites.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo, isAboutTheNumber, type Refused, rejectionOf } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { type Delivery, DeliverySteps } from "../parts/delivery-steps.tsx";
import { Icon } from "../parts/icon.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { ProviderDetails } from "../parts/provider-details.tsx";
import { numberIn } from "../parts/sentence.tsx";

interface TestMessageProps {
  readonly view: InvitesView;
  readonly dirty: boolean;
  /** Resolves with whether everything typed is saved: the test uses the saved settings. */
  readonly save: () => Promise<boolean>;
}

/** A sentence about the number in the field. With `e164`, the message may be sent to that number anyway. */
interface Note {
  readonly sentence: string;
  readonly details?: Refused["details"];
  readonly e164?: string;
}

/** Sends a message without a link, and follows its delivery. */
export function TestMessage({ view, dirty, save }: TestMessageProps): ReactNode {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  const { number, edit, note, sending, send } = useTestMessage(field, save);
  const { overview, clockOffset } = view;
  const canSendAnyway = note?.e164 !== undefined;
  const label = canSendAnyway ? "pair.sendAnyway" : dirty ? "sms.saveAndSend" : "sms.sendTest";
  return (
    <div className="try">
      <form
        noValidate
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          send();
        }}
      >
        <div className="setting">
          <label htmlFor="sms-test-number">{t("sms.testNumber")}</label>
          <input
            ref={field}
            id="sms-test-number"
            type="tel"
            inputMode="tel"
            autoComplete="tel"
            dir="ltr"
            spellCheck={false}
            maxLength={64}
            value={number}
            aria-describedby="sms-test-note sms-test-number-hint"
            aria-invalid={note && !canSendAnyway ? true : undefined}
            onChange={(event) => edit(event.target.value)}
          />
          <div id="sms-test-note">{note ? <NumberNote note={note} /> : null}</div>
          <p id="sms-test-number-hint" className="quiet-text">
            {t("sms.testNumberHint")}
          </p>
        </div>
        <Action type="submit" busy={sending.isPending}>
          {t(sending.isPending ? "sms.sendingTest" : label)}
        </Action>
      </form>
      {sending.error && !isAboutTheNumber(sending.error) ? (
        <ProblemLine
          thrown={sending.error}
          title={t(rejectionOf(sending.error).problem.code === "sms_outcome_unknown" ? "pair.unknown" : "sms.testFailed")}
        />
      ) : null}
      <TestDelivery test={overview.sms_test} provider={overview.sms_provider} clockOffset={clockOffset} />
    </div>
  );
}

function useTestMessage(field: RefObject<HTMLInputElement | null>, save: () => Promise<boolean>) {
  const { t } = useTranslation();
  const { connection, refresh } = usePageState();
  const [number, setNumber] = useState("");
  const [note, setNote] = useState<Note>();
  const busy = useRef(false);
  const show = (found: Note): void => {
    flushSync(() => setNote(found));
    field.current?.focus();
  };
  const sending = useMutation({
    async mutationFn(anyway: string | undefined): Promise<Note | undefined> {
      if (number.trim() === "") return { sentence: t("sms.testNumberEmpty") };
      if (!(await save())) return undefined;
      const { e164, sendable, problem, warning } = await answerTo(connection.api.readPhoneNumber({ typed: number }));
      if (!sendable || e164 === undefined) return { sentence: problem ?? t("problem.unreadable") };
      if (warning !== undefined && anyway !== e164) return { sentence: warning, e164 };
      await answerTo(connection.api.sendTestSms({ phone_number: e164 }));
      setNote(undefined);
      return undefined;
    },
    onSuccess(found) {
      if (found) show(found);
    },
    onError(thrown) {
      const { detail, details } = rejectionOf(thrown).problem;
      if (isAboutTheNumber(thrown)) show({ sentence: detail, details });
    },
    async onSettled() {
      busy.current = false;
      await refresh("invites");
    },
  });
  return {
    number,
    note,
    sending,
    edit(text: string) {
      setNumber(text);
      setNote(undefined);
    },
    send() {
      if (busy.current) return;
      busy.current = true;
      sending.mutate(note?.e164);
    },
  };
}

function NumberNote({ note: { sentence, details, e164 } }: { readonly note: Note }): ReactNode {
  return (
    <div className={e164 === undefined ? "wrong with-icon" : "check with-icon"}>
      <Icon name={e164 === undefined ? "error" : "warning"} />
      <div>
        {sentence}
        <ProviderDetails details={details} />
      </div>
    </div>
  );
}

interface TestDeliveryProps {
  readonly test: Overview["sms_test"];
  readonly provider: Overview["sms_provider"];
  readonly clockOffset: number;
}

/** The delivery of the last test message. */
function TestDelivery({ test, provider, clockOffset }: TestDeliveryProps): ReactNode {
  const { t } = useTranslation();
  const delivery = test?.delivery;
  return (
    <div className="test-delivery">
      {test ? <h4>{numberIn("sms.testTo", test.phone_number)}</h4> : null}
      {test && delivery ? (
        <DeliverySteps delivery={delivery} provider={provider} number={test.phone_number} clockOffset={clockOffset} />
      ) : null}
      <div role="status">
        {test ? <p className={delivery?.state === "delivered" ? "good" : undefined}>{sentenceOf(delivery, t)}</p> : null}
      </div>
      <ProviderDetails details={delivery?.details} />
    </div>
  );
}

function sentenceOf(delivery: Delivery | undefined, t: TFunction): string {
  if (!delivery) return t("sms.testStates.none");
  switch (delivery.state) {
    case "handed_over":
      return t(delivery.more ? "sms.testStates.handed_over" : "sms.testStates.handed_over_silent");
    case "sent":
    case "delivered":
      return t(`sms.testStates.${delivery.state}`);
    case "undelivered":
      return delivery.problem ?? t("delivery.isUndelivered");
    case "failed":
      return delivery.problem ?? t("delivery.isFailed");
    case "unknown":
      return delivery.problem ?? t("delivery.isUnknown");
    default:
      return delivery.state satisfies never;
  }
}
