import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SmsFormPart } from "./form-part.ts";
import { MoreSettings } from "./more-settings.tsx";
import { SecretSetting } from "./secret-setting.tsx";
import { TextSetting } from "./text-setting.tsx";

export function TwilioFields({ form }: { readonly form: SmsFormPart }): ReactNode {
  const { t } = useTranslation();
  const { faults, saves, settings } = form;
  const { twilio } = settings;
  return (
    <>
      <p className="quiet-text">{t("sms.twilioWhere")}</p>
      <TextSetting field="twilio_account_sid" form={form} />
      <SecretSetting key={`token-${saves}`} field="twilio_auth_token" form={form} />
      <MoreSettings
        title={t("sms.otherSignIn")}
        startsOpen={twilio.api_key_sid.value !== "" || twilio.api_key_secret.set}
        needed={faults.twilio_api_key_sid !== undefined || faults.twilio_api_key_secret !== undefined}
      >
        <TextSetting field="twilio_api_key_sid" form={form} />
        <SecretSetting key={`key-${saves}`} field="twilio_api_key_secret" form={form} />
      </MoreSettings>
      <TextSetting field="twilio_phone_number" form={form} />
      <MoreSettings
        title={t("sms.otherSender")}
        startsOpen={twilio.messaging_service_sid.value !== ""}
        needed={faults.twilio_messaging_service_sid !== undefined}
      >
        <TextSetting field="twilio_messaging_service_sid" form={form} />
      </MoreSettings>
      {twilio.missing.length > 0 ? null : <p className="quiet-text">{t(twilio.delivery_reports ? "sms.reports" : "sms.noReports")}</p>}
    </>
  );
}
