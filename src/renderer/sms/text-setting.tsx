import type { ReactNode } from "react";
import type { SmsFormPart } from "./form-part.ts";
import { SMS_TEXTS, type SmsText, textOf } from "./sms-draft.ts";
import { SmsField } from "./sms-field.tsx";

/** A setting that may be seen. What is typed is looked at when the field is left. */
export function TextSetting({ field, form }: { readonly field: SmsText; readonly form: SmsFormPart }): ReactNode {
  const { settings, draft, faults, change, leave } = form;
  const { variable, of } = SMS_TEXTS[field];
  const { locked } = of(settings);
  const text = textOf(settings, draft, field);
  return (
    <SmsField field={field} fault={faults[field]} lockedBy={locked ? variable : undefined}>
      {({ id, describedBy, invalid }) => (
        <input
          id={id}
          value={text}
          readOnly={locked}
          dir="ltr"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={200}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onChange={(event) => change({ [field]: event.target.value })}
          onBlur={() => leave(field, text)}
        />
      )}
    </SmsField>
  );
}
