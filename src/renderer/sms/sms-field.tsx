import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { SettingField } from "../parts/setting-field.tsx";
import type { SmsField as Field, SmsFault } from "./sms-draft.ts";

interface SmsFieldProps {
  readonly field: Field;
  readonly fault: SmsFault | undefined;
  readonly lockedBy: string | undefined;
  readonly children: Parameters<typeof SettingField>[0]["children"];
}

export function SmsField({ field, fault, ...rest }: SmsFieldProps): ReactNode {
  const { t } = useTranslation();
  return (
    <SettingField
      id={`sms-${field}`}
      label={t(`sms.fields.${field}`)}
      hint={t(`sms.hints.${field}`)}
      fault={fault && sentenceOf(field, fault, t)}
      {...rest}
    />
  );
}

function sentenceOf(field: Field, fault: SmsFault, t: TFunction): string {
  if ("needed" in fault) return t(`sms.needs.${fault.needed}`);
  return t("sms.mustBe", { field: t(`sms.fields.${field}`), rule: fault.rule });
}
