import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { SettingField } from "../parts/setting-field.tsx";
import { ofProvider } from "../words/words.ts";
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
      id={`sms-${field.name}`}
      label={labelOf(field, t)}
      hint={ofProvider("sms.hints", field.name, t)}
      fault={fault && sentenceOf(field, fault, t)}
      {...rest}
    />
  );
}

function sentenceOf(field: Field, fault: SmsFault, t: TFunction): string {
  if ("needed" in fault) return ofProvider("sms.needs", field.name, t) ?? t("sms.needed", { field: labelOf(field, t) });
  return t("sms.mustBe", { field: labelOf(field, t), rule: fault.rule });
}

/** A field that the catalogue does not have is shown by the name of its variable. */
function labelOf({ name, variable }: Field, t: TFunction): string {
  return ofProvider("sms.fields", name, t) ?? variable;
}
