import { type ReactNode, type RefObject, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Reachability } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { SettingField } from "../parts/setting-field.tsx";
import { VERBATIM } from "../parts/verbatim.ts";
import { useReachabilityText } from "./save-reachability.ts";

interface SavedTextProps {
  readonly field: "base_url" | "cloudflared_path";
  readonly setting: Reachability["base_url"];
  readonly lockedBy: string;
  readonly hint: ReactNode;
}

/** One text with its own button, which can be changed back to the value before the last save. */
export function SavedText({ field, setting: { value, locked }, lockedBy, hint }: SavedTextProps): ReactNode {
  const { t } = useTranslation();
  /** The value before the last save. */
  const [former, setFormer] = useState<string>();
  const replaced = useRef(value);
  const input = useRef<HTMLInputElement>(null);
  const { formRef, ...form } = useReachabilityText({
    name: field,
    toSave(typed = value) {
      const text = typed.trim();
      return locked || text === value ? undefined : text;
    },
    onSend() {
      replaced.current = value;
    },
    onSaved: () => setFormer(replaced.current),
  });
  const label = t(`reachability.fields.${field}`);

  return (
    <form ref={formRef} noValidate onSubmit={locked ? (event) => event.preventDefault() : form.submit}>
      <SettingField id={`reach-${field}`} label={label} hint={hint} fault={form.fault} lockedBy={locked ? lockedBy : undefined}>
        {({ id, describedBy, invalid }) => (
          <input
            ref={input}
            id={id}
            value={locked ? value : (form.typed ?? value)}
            readOnly={locked}
            dir="ltr"
            inputMode={field === "base_url" ? "url" : undefined}
            {...VERBATIM}
            aria-describedby={describedBy}
            aria-invalid={invalid}
            onChange={(event) => {
              form.edit({ [field]: event.target.value });
              setFormer(undefined);
            }}
            onBlur={form.leave}
          />
        )}
      </SettingField>
      {locked ? null : (
        <div className="actions">
          <Action type="submit" busy={form.isSaving} aria-label={t("reachability.about", { action: t("form.save"), field: label })}>
            {t(form.isSaving ? "form.saving" : "form.save")}
          </Action>
          <UndoAction
            dirty={form.dirty}
            former={former === value ? undefined : former}
            input={input}
            onDiscard={form.discard}
            onUndo={(text) => void form.send({ [field]: text })}
          />
        </div>
      )}
      {form.failure ? <ProblemLine thrown={form.failure} title={t("form.notSaved")} /> : null}
    </form>
  );
}

interface UndoActionProps {
  readonly dirty: boolean;
  readonly former: string | undefined;
  /** Takes the focus, as the button goes. */
  readonly input: RefObject<HTMLInputElement | null>;
  readonly onDiscard: () => void;
  readonly onUndo: (former: string) => void;
}

/** Discards the typed text or, when it is saved already, undoes the save. */
function UndoAction({ dirty, former, input, onDiscard, onUndo }: UndoActionProps): ReactNode {
  const { t } = useTranslation();
  if (!dirty && former === undefined) return null;
  return (
    <Action
      variant="quiet"
      onClick={() => {
        if (dirty) onDiscard();
        else onUndo(former ?? "");
        input.current?.focus();
      }}
    >
      {t(dirty ? "form.undo" : "reachability.undo")}
    </Action>
  );
}
