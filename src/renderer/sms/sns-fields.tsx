import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SmsFormPart } from "./form-part.ts";
import { MoreSettings } from "./more-settings.tsx";
import { SecretSetting } from "./secret-setting.tsx";
import { TextSetting } from "./text-setting.tsx";

export function SnsFields({ form }: { readonly form: SmsFormPart }): ReactNode {
  const { t } = useTranslation();
  const { change, draft, faults, saves, settings } = form;
  const { access_key_id, agreed, found, secret_access_key } = settings.sns;
  const keys = (
    <>
      <TextSetting field="sns_access_key_id" form={form} />
      <SecretSetting key={`secret-${saves}`} field="sns_secret_access_key" form={form} />
    </>
  );
  return (
    <>
      <TextSetting field="sns_region" form={form} />
      {found === undefined ? (
        keys
      ) : (
        <>
          <p>{t("sms.found", { where: found })}</p>
          {agreed ? (
            <p className="quiet-text">{t("sms.agreed")}</p>
          ) : (
            <label className="tick">
              <input
                type="checkbox"
                checked={draft.sns_agreed ?? false}
                onChange={(event) => change({ sns_agreed: event.target.checked })}
              />
              {t("sms.agree")}
            </label>
          )}
          <MoreSettings
            title={t("sms.ownKeys")}
            startsOpen={access_key_id.value !== "" || secret_access_key.set}
            needed={faults.sns_access_key_id !== undefined || faults.sns_secret_access_key !== undefined}
          >
            {keys}
          </MoreSettings>
        </>
      )}
      <TextSetting field="sns_sender_id" form={form} />
      <TextSetting field="sns_max_price" form={form} />
    </>
  );
}
