import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SmsFormPart } from "./form-part.ts";
import { MoreSettings } from "./more-settings.tsx";
import { changeOf, providerOf } from "./sms-draft.ts";
import { SnsFields } from "./sns-fields.tsx";
import { TwilioFields } from "./twilio-fields.tsx";

/** The fields of the provider that was chosen; with automatic choice those of both, folded. */
export function ProviderFields({ form }: { readonly form: SmsFormPart }): ReactNode {
  const { t } = useTranslation();
  const { settings, draft, faults } = form;
  const faulty = (prefix: string): boolean => Object.keys(faults).some((field) => field.startsWith(prefix));
  switch (providerOf(settings, draft)) {
    case "twilio":
      return (
        <section className="provider" aria-labelledby="sms-twilio">
          <h3 id="sms-twilio">{t("providers.twilio")}</h3>
          <TwilioFields form={form} />
        </section>
      );
    case "sns":
      return (
        <section className="provider" aria-labelledby="sms-sns">
          <h3 id="sms-sns">{t("providers.sns")}</h3>
          <SnsFields form={form} />
        </section>
      );
    case "auto":
      return (
        <>
          <MoreSettings title={t("providers.twilio")} startsOpen={false} needed={faulty("twilio_")}>
            <Missing form={form} list={settings.twilio.missing} />
            <TwilioFields form={form} />
          </MoreSettings>
          <MoreSettings title={t("providers.sns")} startsOpen={false} needed={faulty("sns_")}>
            <Missing form={form} list={settings.sns.missing} />
            <SnsFields form={form} />
          </MoreSettings>
        </>
      );
    case "mock":
      return null;
  }
}

/** What was saved misses this; of a provider that was chosen by name the form itself says so. While something else is being typed, that is out of date. */
function Missing({ form: { settings, draft }, list }: { readonly form: SmsFormPart; readonly list: readonly string[] }): ReactNode {
  const { t } = useTranslation();
  if (list.length === 0 || Object.keys(changeOf(settings, draft)).length > 0) return null;
  return <p className="check-text">{t("sms.missing", { list: `${list.join("; ")}.` })}</p>;
}
