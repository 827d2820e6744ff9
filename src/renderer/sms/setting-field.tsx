import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../parts/icon.tsx";
import type { SmsFault, SmsField } from "./sms-draft.ts";

interface SettingFieldProps {
  readonly field: SmsField;
  readonly fault: SmsFault | undefined;
  /** The variable that rules it; absent when the page may change it. */
  readonly lockedBy: string | undefined;
  readonly children: (about: { readonly id: string; readonly describedBy: string; readonly invalid: true | undefined }) => ReactNode;
}

/** A label, what stands under it, and beside it what is wrong or who rules it. */
export function SettingField({ field, fault, lockedBy, children }: SettingFieldProps): ReactNode {
  const { t } = useTranslation();
  const id = `sms-${field}`;
  return (
    <div className="setting" data-faulty={fault ? "" : undefined}>
      <label htmlFor={id}>{t(`sms.fields.${field}`)}</label>
      {children({ id, describedBy: `${id}-note ${id}-hint`, invalid: fault ? true : undefined })}
      <div id={`${id}-note`}>
        {fault ? (
          <p className="wrong with-icon">
            <Icon name="error" />
            <span>{sentenceOf(field, fault, t)}</span>
          </p>
        ) : null}
      </div>
      <p id={`${id}-hint`} className="quiet-text">
        {lockedBy === undefined ? t(`sms.hints.${field}`) : <Locked variable={lockedBy} />}
      </p>
    </div>
  );
}

export function Locked({ variable }: { readonly variable: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <span className="in-line">
      <Icon name="lock" /> {t("sms.locked", { variable })}
    </span>
  );
}

function sentenceOf(field: SmsField, fault: SmsFault, t: ReturnType<typeof useTranslation>["t"]): string {
  if ("needed" in fault) return t(`sms.needs.${fault.needed}`);
  return t("sms.mustBe", { field: t(`sms.fields.${field}`), rule: fault.rule });
}
