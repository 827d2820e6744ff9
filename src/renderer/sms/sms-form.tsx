import { useMutation } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { type ReactNode, type SubmitEvent, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { InvitesView } from "../data/follow-invites.ts";
import { type SmsSettings, usePageState } from "../data/page-state.ts";
import { answerTo, rejectionOf } from "../data/rejection.ts";
import { Icon } from "../parts/icon.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { SaveRow } from "../parts/save-row.tsx";
import { useStep } from "../parts/step-forms.ts";
import { providerName } from "../words/words.ts";
import { ConnectionTest } from "./connection-test.tsx";
import type { SmsFormPart } from "./form-part.ts";
import { ProviderChoice } from "./provider-choice.tsx";
import { ProviderFields } from "./provider-fields.tsx";
import { brokenRule, changeOf, faultsOf, fieldsOf, type SmsChange, type SmsDraft, type SmsFaults, withoutSaved } from "./sms-draft.ts";
import { SmsFacts } from "./sms-facts.tsx";
import { TestMessage } from "./test-message.tsx";

/** What is typed stays typed until it is saved or discarded, whatever news arrives meanwhile. */
export function SmsForm({ settings, view }: { readonly settings: SmsSettings; readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { client, connection, notices, refresh } = usePageState();
  const [draft, setDraft] = useState<SmsDraft>({});
  const [faults, setFaults] = useState<SmsFaults>({});
  const [saves, setSaves] = useState(0);
  const [edits, setEdits] = useState(0);
  const busy = useRef(false);
  const fields = useRef<HTMLFormElement>(null);
  const saveButton = useRef<HTMLButtonElement>(null);
  const change = changeOf(settings, draft);
  const dirty = Object.keys(change).length > 0;

  /** The sentences are on the screen before the focus moves, so that a field is read together with its own. */
  const complain = (found: SmsFaults): void => {
    flushSync(() => setFaults(found));
    const faulty = fields.current?.querySelector("[data-faulty]");
    faulty?.querySelector<HTMLElement>("input, button")?.focus();
  };

  const saving = useMutation({
    mutationFn: async (asked: SmsChange) => answerTo(connection.api.saveSmsSettings(asked)),
    onSuccess(saved, asked) {
      client.setQueryData(["sms"], saved);
      setDraft((now) => withoutSaved(now, asked));
      setFaults({});
      setSaves((count) => count + 1);
      notices.say("sms", savedSentence(saved, t));
      void refresh("invites");
    },
    onError(thrown) {
      const wrong = (rejectionOf(thrown).problem.errors ?? []).filter(({ field }) => fieldsOf(settings).some(({ name }) => name === field));
      if (wrong.length > 0) complain(Object.fromEntries(wrong.map(({ field, message }) => [field, { rule: message }])));
    },
    onSettled() {
      busy.current = false;
    },
  });

  /** Whether all that was typed is saved now. */
  const save = async (): Promise<boolean> => {
    if (busy.current) return false;
    const found = faultsOf(settings, draft);
    if (Object.keys(found).length > 0) {
      saving.reset();
      complain(found);
      return false;
    }
    if (!dirty) return true;
    busy.current = true;
    notices.clear("sms");
    return saving.mutateAsync(change).then(
      () => true,
      // Its sentence stands at the button.
      () => false,
    );
  };

  const inStep = useStep(save);

  const form: SmsFormPart = {
    settings,
    draft,
    faults,
    saves,
    change(part) {
      setDraft((now) => ({ ...now, ...part }));
      setEdits((count) => count + 1);
      // A change may mend what was complained about anywhere: it is looked at again when the field is left.
      setFaults((now) =>
        Object.fromEntries(Object.entries(now).filter(([field]) => !Object.hasOwn(part, field) && part.provider === undefined)),
      );
    },
    leave(field, text) {
      const fault = brokenRule(field, text.trim());
      if (fault) setFaults((now) => ({ ...now, [field.name]: fault }));
    },
  };

  return (
    <>
      <form
        ref={fields}
        noValidate
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          void save().then((saved) => {
            if (saved && !dirty) notices.say("sms", t("sms.unchanged"));
          });
        }}
      >
        {settings.problem === undefined ? null : (
          <p className="check with-icon">
            <Icon name="warning" />
            <span>{settings.problem}</span>
          </p>
        )}
        {(settings.warnings ?? []).map((warning) => (
          <p key={warning} className="check with-icon">
            <Icon name="warning" />
            <span>{warning}</span>
          </p>
        ))}
        <ProviderChoice form={form} />
        <ProviderFields form={form} />
        <SaveRow
          words="sms"
          saveButton={saveButton}
          inStep={inStep}
          dirty={dirty}
          saving={saving.isPending}
          onDiscard={() => {
            setDraft({});
            setFaults({});
            setSaves((count) => count + 1);
            setEdits((count) => count + 1);
            saving.reset();
            notices.say("sms", t("sms.discarded"));
            saveButton.current?.focus();
          }}
        />
      </form>
      {saving.error ? <ProblemLine thrown={saving.error} title={t("sms.notSaved")} /> : null}
      <NoticeLine place="sms" />
      <SmsFacts settings={settings} />
      <h3>{t("sms.check")}</h3>
      <ConnectionTest key={`connection-${edits}`} dirty={dirty} save={save} />
      <TestMessage view={view} dirty={dirty} save={save} />
    </>
  );
}

function savedSentence({ active, problem }: SmsSettings, t: TFunction): string {
  if (problem !== undefined) return t("sms.savedIncomplete");
  return active === "mock" ? t("sms.savedMock") : t("sms.saved", { provider: providerName(active, t) });
}
