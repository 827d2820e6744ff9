import type { TFunction } from "i18next";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { InvitesView } from "../data/follow-invites.ts";
import { type SmsSettings, usePageState } from "../data/page-state.ts";
import type { Refused } from "../data/rejection.ts";
import { IconText } from "../parts/icon-text.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { SaveRow } from "../parts/save-row.tsx";
import { type FaultsOf, useDraftForm } from "../parts/use-draft-form.ts";
import { providerName } from "../words/words.ts";
import { ConnectionTest } from "./connection-test.tsx";
import type { SmsFormPart } from "./form-part.ts";
import { ProviderChoice } from "./provider-choice.tsx";
import { ProviderFields } from "./provider-fields.tsx";
import { brokenRule, changeOf, faultsOf, fieldsOf, type SmsDraft, type SmsFault } from "./sms-draft.ts";
import { SmsFacts } from "./sms-facts.tsx";
import { TestMessage } from "./test-message.tsx";

export function SmsForm({ settings, view }: { readonly settings: SmsSettings; readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { formRef, saveButton, ...form } = useSmsForm(settings);
  const [edits, setEdits] = useState(0);
  const part: SmsFormPart = {
    ...form,
    settings,
    edit(changed) {
      form.edit(changed);
      setEdits((count) => count + 1);
      // The faults of one provider's fields say nothing about another's.
      if (changed.provider !== undefined) form.clearFaults();
    },
    leave: (field, text) => form.addFault(field.name, brokenRule(field, text.trim())),
  };
  return (
    <>
      <form ref={formRef} noValidate onSubmit={form.submit}>
        {[settings.problem ?? [], settings.warnings ?? []].flat().map((warning) => (
          <IconText key={warning} icon="warning" className="check with-icon">
            {warning}
          </IconText>
        ))}
        <ProviderChoice form={part} />
        <ProviderFields form={part} />
        <SaveRow
          {...form}
          saveButton={saveButton}
          discard={() => {
            form.discard();
            setEdits((count) => count + 1);
          }}
        />
      </form>
      {form.error ? <ProblemLine thrown={form.error} title={t("form.notSaved")} /> : null}
      <NoticeLine place="sms" />
      <SmsFacts settings={settings} />
      <h3>{t("sms.check")}</h3>
      {/* An edit makes the result of an earlier test out of date. */}
      <ConnectionTest key={`connection-${edits}`} dirty={form.dirty} save={form.save} />
      <TestMessage view={view} dirty={form.dirty} save={form.save} />
    </>
  );
}

function useSmsForm(settings: SmsSettings) {
  const { t } = useTranslation();
  const { client, connection, notices, refresh } = usePageState();
  return useDraftForm({
    place: "sms",
    changeOf: (draft: SmsDraft) => changeOf(settings, draft),
    check: (draft) => faultsOf(settings, draft),
    send: async (change) => connection.api.saveSmsSettings(change),
    onSaved(saved) {
      client.setQueryData(["sms"], saved);
      notices.say("sms", savedSentence(saved, t));
      void refresh("invites");
    },
    faultsIn({ errors = [] }: Refused): FaultsOf<SmsFault> {
      const own = errors.filter(({ field }) => fieldsOf(settings).some(({ name }) => name === field));
      return Object.fromEntries(own.map(({ field, message }) => [field, { rule: message }]));
    },
  });
}

function savedSentence({ active, problem }: SmsSettings, t: TFunction): string {
  if (problem !== undefined) return t("sms.savedIncomplete");
  return active === "mock" ? t("sms.savedMock") : t("sms.saved", { provider: providerName(active, t) });
}
