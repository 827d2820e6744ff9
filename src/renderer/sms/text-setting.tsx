import type { ReactNode } from "react";
import type { SmsFormPart } from "./form-part.ts";
import { type SmsField as Field, textOf } from "./sms-draft.ts";
import { SmsField } from "./sms-field.tsx";

/** A setting that may be seen. What is typed is looked at when the field is left. */
export function TextSetting({ field, form }: { readonly field: Field; readonly form: SmsFormPart }): ReactNode {
  const { draft, faults, edit, leave } = form;
  const { name, variable, locked } = field;
  const text = textOf(draft, field);
  return (
    <SmsField field={field} fault={faults[name]} lockedBy={locked ? variable : undefined}>
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
          onChange={(event) => edit({ [name]: event.target.value })}
          onBlur={() => leave(field, text)}
        />
      )}
    </SmsField>
  );
}
