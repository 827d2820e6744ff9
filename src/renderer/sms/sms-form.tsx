import { useMutation } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { InvitesView } from "../data/follow-invites.ts";
import { type SmsSettings, usePageState } from "../data/page-state.ts";
import { answerTo, type Refused } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { ProviderDetails } from "../parts/provider-details.tsx";
import { RadioChoices } from "../parts/radio-choices.tsx";
import { SaveRow } from "../parts/save-row.tsx";
import { Locked } from "../parts/setting-field.tsx";
import { type FaultsOf, useDraftForm } from "../parts/use-draft-form.ts";
import { countryNames, locale, ofProvider, providerName } from "../words/words.ts";
import type { SmsFormPart } from "./form-part.ts";
import { ProviderFields } from "./provider-fields.tsx";
import { brokenRule, changeOf, faultsOf, fieldsOf, providerOf, type SmsDraft, type SmsFault } from "./sms-draft.ts";
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

/** Facts about every provider that other settings decide. */
function SmsFacts({ settings }: { readonly settings: SmsSettings }): ReactNode {
  const { t } = useTranslation();
  const { allowed_countries, secrets_in } = settings;
  return (
    <ul className="quiet-text sms-facts">
      <li>{allowed_countries === undefined ? t("sms.everyCountry") : t("sms.countries", { list: namesOf(allowed_countries) })}</li>
      <li>{t(`sms.secretsIn.${secrets_in}`)}</li>
    </ul>
  );
}

function namesOf(codes: readonly string[]): string {
  return new Intl.ListFormat(locale()).format(codes.map(countryNames()));
}

function ProviderChoice({ form }: { readonly form: SmsFormPart }): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  const { settings, draft, edit } = form;
  const { locked } = settings.provider;
  const chosen = providerOf(settings, draft);
  const names = settings.providers.map(({ id }) => providerName(id, t)).join(", ");
  return (
    <RadioChoices
      name="sms-provider"
      legend={t("sms.who")}
      choices={["auto", ...settings.providers.map(({ id }) => id), "mock"]}
      chosen={chosen}
      labelOf={(choice) => ofProvider("sms.choices", choice, t) ?? providerName(choice, t)}
      hintOf={(choice) => (choice === "auto" ? t("sms.autoHint", { list: names }) : ofProvider("sms.choiceHints", choice, t))}
      onChoose={(choice) => edit({ provider: choice })}
      locked={locked ? <Locked variable="SMS_PROVIDER" /> : undefined}
      chosenRef={places.mark("sms")}
    />
  );
}

interface ConnectionTestProps {
  readonly dirty: boolean;
  /** Resolves with whether everything typed is saved: the test uses the saved settings. */
  readonly save: () => Promise<boolean>;
}

function ConnectionTest({ dirty, save }: ConnectionTestProps): ReactNode {
  const { t } = useTranslation();
  const { connection } = usePageState();
  const testing = useMutation({
    mutationFn: async () => ((await save()) ? answerTo(connection.api.testSmsConnection({})) : undefined),
  });
  const found = testing.data;
  return (
    <div className="try">
      <Action busy={testing.isPending} aria-describedby="sms-test-hint" onClick={() => testing.mutate()}>
        {t(testing.isPending ? "sms.testing" : dirty ? "sms.saveAndTest" : "sms.test")}
      </Action>
      <p id="sms-test-hint" className="quiet-text">
        {t("sms.testHint")}
      </p>
      <div role="status">
        {found ? (
          <div className={found.ok ? "good with-icon" : "wrong with-icon"}>
            <Icon name={found.ok ? "pass" : "error"} />
            <div>
              {found.sentence}
              <ProviderDetails details={found.details} />
            </div>
          </div>
        ) : null}
      </div>
      {testing.error ? <ProblemLine thrown={testing.error} /> : null}
    </div>
  );
}
