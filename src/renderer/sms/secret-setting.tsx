import { type ReactNode, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { SecretControl } from "../parts/secret-control.tsx";
import { ofProvider } from "../words/words.ts";
import type { SmsFormPart } from "./form-part.ts";
import { type SmsField as Field, typedIn } from "./sms-draft.ts";
import { SmsField } from "./sms-field.tsx";

export function SecretSetting({ field, form }: { readonly field: Field; readonly form: SmsFormPart }): ReactNode {
  const { t } = useTranslation();
  const { draft, faults, edit, leave } = form;
  const { name, variable, set, locked } = field;
  const typed = locked ? undefined : typedIn(draft, field);
  const [replacing, setReplacing] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const firstButton = useRef<HTMLButtonElement>(null);

  const turn = (next: boolean, value: string | undefined): void => {
    flushSync(() => {
      setReplacing(next);
      edit({ [name]: value });
    });
    (next ? input.current : firstButton.current)?.focus();
  };

  return (
    <SmsField field={field} fault={faults[name]} lockedBy={locked ? variable : undefined}>
      {(attributes) => (
        <SecretControl
          field={attributes}
          label={ofProvider("sms.fields", name, t) ?? variable}
          set={set}
          locked={locked}
          settled={locked || (set && !replacing && (typed ?? "") === "")}
          removed={set && typed === "" && !replacing}
          typed={typed ?? ""}
          input={input}
          firstButton={firstButton}
          onType={(text) => edit({ [name]: text === "" ? undefined : text })}
          onLeave={() => leave(field, typed ?? "")}
          onReplace={() => turn(true, undefined)}
          onKeep={() => turn(false, undefined)}
          onRemove={() => turn(false, "")}
        />
      )}
    </SmsField>
  );
}
