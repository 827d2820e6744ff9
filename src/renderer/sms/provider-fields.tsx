import { Fragment, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ofProvider, providerName } from "../words/words.ts";
import type { SmsFormPart } from "./form-part.ts";
import { SecretSetting } from "./secret-setting.tsx";
import { agreedIn, changeOf, providerOf, type SmsField, type SmsProvider } from "./sms-draft.ts";
import { TextSetting } from "./text-setting.tsx";

/** The fields of the provider that was chosen; with automatic choice those of all, folded. */
export function ProviderFields({ form }: { readonly form: SmsFormPart }): ReactNode {
  const { t } = useTranslation();
  const { settings, draft, faults } = form;
  const wanted = providerOf(settings, draft);
  if (wanted === "auto") {
    return settings.providers.map((provider) => (
      <MoreSettings
        key={provider.id}
        title={providerName(provider.id, t)}
        startsOpen={false}
        needed={provider.fields.some(({ name }) => faults[name] !== undefined)}
      >
        <Missing form={form} list={provider.missing} />
        <OneProvider provider={provider} form={form} />
      </MoreSettings>
    ));
  }
  const chosen = settings.providers.find(({ id }) => id === wanted);
  if (!chosen) return null;
  return (
    <section className="provider" aria-labelledby={`sms-${chosen.id}`}>
      <h3 id={`sms-${chosen.id}`}>{providerName(chosen.id, t)}</h3>
      <OneProvider provider={chosen} form={form} />
    </section>
  );
}

function OneProvider({ provider, form }: { readonly provider: SmsProvider; readonly form: SmsFormPart }): ReactNode {
  const { t } = useTranslation();
  const { id, fields, missing, delivery_reports } = provider;
  const where = ofProvider("sms.where", id, t);
  return (
    <>
      {where === undefined ? null : <p className="quiet-text">{where}</p>}
      {grouped(fields).map((group) => (
        <FieldGroup key={group[0]?.name} group={group} provider={provider} form={form} />
      ))}
      {missing.length > 0 || delivery_reports === undefined ? null : (
        <p className="quiet-text">{delivery_reports ? t("sms.reports", { provider: providerName(id, t) }) : t("sms.noReports")}</p>
      )}
    </>
  );
}

interface FieldGroupProps {
  readonly group: readonly SmsField[];
  readonly provider: SmsProvider;
  readonly form: SmsFormPart;
}

/** Fields that belong together, folded where few need them. */
function FieldGroup({ group, provider, form }: FieldGroupProps): ReactNode {
  const { t } = useTranslation();
  const { faults, resets } = form;
  const folded = group[0]?.folded;
  const inner = group.map((field) => (
    <Fragment key={field.name}>
      {field.secret ? <SecretSetting key={resets} field={field} form={form} /> : <TextSetting field={field} form={form} />}
    </Fragment>
  ));
  if (folded === undefined) return inner;
  const isForFound = provider.needs.some(({ or_found, any_of }) => or_found && any_of.flat().includes(group[0]?.name ?? ""));
  // Where no credentials were found, these fields are needed.
  if (isForFound && provider.found === undefined) return inner;
  return (
    <>
      {isForFound ? <FoundCredentials provider={provider} form={form} /> : null}
      <MoreSettings
        title={ofProvider("sms.folded", folded, t) ?? folded}
        startsOpen={group.some(({ set, value }) => set || value !== "")}
        needed={group.some(({ name }) => faults[name] !== undefined)}
      >
        {inner}
      </MoreSettings>
    </>
  );
}

/** Neighbours that are folded together, and the others alone. */
function grouped(fields: readonly SmsField[]): readonly (readonly SmsField[])[] {
  const groups: SmsField[][] = [];
  for (const field of fields) {
    const last = groups.at(-1);
    if (last && field.folded !== undefined && last[0]?.folded === field.folded) last.push(field);
    else groups.push([field]);
  }
  return groups;
}

/** What the saved settings lack, with automatic choice only: for a chosen provider, the fields show it. Out of date while the form has changes. */
function Missing({ form: { settings, draft }, list }: { readonly form: SmsFormPart; readonly list: readonly string[] }): ReactNode {
  const { t } = useTranslation();
  if (list.length === 0 || Object.keys(changeOf(settings, draft)).length > 0) return null;
  return <p className="check-text">{t("sms.missing", { list: `${list.join("; ")}.` })}</p>;
}

interface MoreSettingsProps {
  readonly title: string;
  readonly startsOpen: boolean;
  /** Something in it needs attention. */
  readonly needed: boolean;
  readonly children: ReactNode;
}

/** Settings that few people need, folded. */
function MoreSettings({ title, startsOpen, needed, children }: MoreSettingsProps): ReactNode {
  const [open, setOpen] = useState(startsOpen);
  return (
    <details className="folded more" open={open || needed} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}

/** Credentials that this computer has for another purpose: they are used only after the person has agreed. */
function FoundCredentials({ provider, form: { draft, edit } }: { readonly provider: SmsProvider; readonly form: SmsFormPart }): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <p>{t("sms.found", { where: provider.found ?? "" })}</p>
      {provider.agreed ? (
        <p className="quiet-text">{t("sms.agreed")}</p>
      ) : (
        <label className="tick">
          <input
            type="checkbox"
            checked={agreedIn(draft, provider)}
            onChange={(event) => edit({ [`${provider.id}_agreed`]: event.target.checked })}
          />
          {t("sms.agree")}
        </label>
      )}
    </>
  );
}
