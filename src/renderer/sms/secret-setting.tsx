import { type ReactNode, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { Action } from "../parts/button.tsx";
import { SecretInput } from "../parts/secret-input.tsx";
import { ofProvider } from "../words/words.ts";
import type { SmsFormPart } from "./form-part.ts";
import { type SmsField as Field, typedIn } from "./sms-draft.ts";
import { SmsField } from "./sms-field.tsx";

/** A secret goes in and never comes out: there is only whether it is set. */
export function SecretSetting({ field, form }: { readonly field: Field; readonly form: SmsFormPart }): ReactNode {
  const { t } = useTranslation();
  const { draft, faults, change, leave } = form;
  const { name, variable, set, locked } = field;
  const typed = locked ? undefined : typedIn(draft, field);
  const [replacing, setReplacing] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  const label = ofProvider("sms.fields", name, t) ?? variable;
  const about = (action: string): string => t("sms.secret.about", { action, field: label });
  const removed = set && typed === "" && !replacing;
  const settled = locked || (set && !replacing && (typed === undefined || typed === ""));

  /** The focus stays where the change is. */
  const turn = (next: boolean, value: string | undefined): void => {
    flushSync(() => {
      setReplacing(next);
      change({ [name]: value });
    });
    (next ? input.current : first.current)?.focus();
  };

  return (
    <SmsField field={field} fault={faults[name]} lockedBy={locked ? variable : undefined}>
      {({ id, describedBy, invalid }) =>
        settled ? (
          <div className="secret">
            <output id={id} className={removed ? "check" : undefined} aria-describedby={describedBy}>
              {removed ? (
                t("sms.secret.removed")
              ) : (
                <>
                  <span aria-hidden="true">•••••••• </span>
                  {t("sms.secret.set")}
                </>
              )}
            </output>
            {locked ? null : removed ? (
              <Action ref={first} aria-label={about(t("sms.secret.keep"))} onClick={() => turn(false, undefined)}>
                {t("sms.secret.keep")}
              </Action>
            ) : (
              <>
                <Action ref={first} aria-label={about(t("sms.secret.replace"))} onClick={() => turn(true, undefined)}>
                  {t("sms.secret.replace")}
                </Action>
                <Action look="quiet" aria-label={about(t("sms.secret.remove"))} onClick={() => turn(false, "")}>
                  {t("sms.secret.remove")}
                </Action>
              </>
            )}
          </div>
        ) : (
          <div className="secret">
            <SecretInput
              ref={input}
              id={id}
              show={t("sms.secret.show", { field: label })}
              hide={t("sms.secret.hide", { field: label })}
              value={typed ?? ""}
              maxLength={512}
              aria-describedby={describedBy}
              aria-invalid={invalid}
              onChange={(event) => change({ [name]: event.target.value === "" ? undefined : event.target.value })}
              onBlur={() => leave(field, typed ?? "")}
            />
            {set ? (
              <Action look="quiet" aria-label={about(t("sms.secret.keep"))} onClick={() => turn(false, undefined)}>
                {t("sms.secret.keep")}
              </Action>
            ) : null}
          </div>
        )
      }
    </SmsField>
  );
}
