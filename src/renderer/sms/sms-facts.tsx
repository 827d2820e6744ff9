import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SmsSettings } from "../data/page-state.ts";
import { locale } from "../words/words.ts";

/** Facts about every provider that other settings decide. */
export function SmsFacts({ settings }: { readonly settings: SmsSettings }): ReactNode {
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
  const names = new Intl.DisplayNames(locale(), { type: "region" });
  return new Intl.ListFormat(locale()).format(codes.map((code) => names.of(code) ?? code));
}
