import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SmsFormPart } from "./form-part.ts";
import { agreedIn, type SmsProvider } from "./sms-draft.ts";

interface FoundCredentialsProps {
  readonly provider: SmsProvider;
  readonly form: SmsFormPart;
}

/** Credentials that this computer has for another purpose: they are used only after the person has agreed. */
export function FoundCredentials({ provider, form: { draft, edit } }: FoundCredentialsProps): ReactNode {
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
