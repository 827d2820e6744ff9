import type { ReactNode } from "react";
import { VERBATIM } from "../parts/verbatim.ts";
import type { SmsFormPart } from "./form-part.ts";
import { type SmsField as Field, textOf } from "./sms-draft.ts";
import { SmsField } from "./sms-field.tsx";

/** A setting that is no secret. The text is checked when the field is left. */
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
          {...VERBATIM}
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
