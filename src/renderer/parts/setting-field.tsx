import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "./icon.tsx";
import { IconText } from "./icon-text.tsx";

/** These connect the control inside a field with its label, hint and fault. */
export interface FieldAttributes {
  readonly id: string;
  readonly describedBy: string;
  readonly invalid: true | undefined;
}

interface SettingFieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint: ReactNode;
  /** What is wrong, and what to do. */
  readonly fault: string | undefined;
  /** The variable that sets it; absent when the page may change it. */
  readonly lockedBy: string | undefined;
  readonly children: (attributes: FieldAttributes) => ReactNode;
}

/** A control with its label, its hint, and its fault or the variable that sets it. */
export function SettingField({ id, label, hint, fault, lockedBy, children }: SettingFieldProps): ReactNode {
  return (
    <div className="setting" data-faulty={fault === undefined ? undefined : ""}>
      <label htmlFor={id}>{label}</label>
      {children({ id, describedBy: `${id}-note ${id}-hint`, invalid: fault === undefined ? undefined : true })}
      <div id={`${id}-note`}>
        {fault === undefined ? null : (
          <IconText icon="error" className="wrong with-icon">
            {fault}
          </IconText>
        )}
      </div>
      <p id={`${id}-hint`} className="quiet-text">
        {lockedBy === undefined ? hint : <Locked variable={lockedBy} />}
      </p>
    </div>
  );
}

export function Locked({ variable }: { readonly variable: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <span className="in-line">
      <Icon name="lock" /> {t("page.lockedBy", { variable })}
    </span>
  );
}
