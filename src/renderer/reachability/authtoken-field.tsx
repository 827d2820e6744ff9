import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Reachability } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { SecretControl } from "../parts/secret-control.tsx";
import { fill } from "../parts/sentence.tsx";
import { SettingField } from "../parts/setting-field.tsx";
import { useReachabilityText } from "./save-reachability.ts";

export function AuthtokenField({ authtoken: { set, locked } }: { readonly authtoken: Reachability["ngrok"]["authtoken"] }): ReactNode {
  const { t } = useTranslation();
  const [replacing, setReplacing] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const firstButton = useRef<HTMLButtonElement>(null);
  const settled = locked || (set && !replacing);
  const label = t("reachability.fields.ngrok_authtoken");
  const moveFocus = useMovedFocus(settled ? firstButton : input);
  const turn = (next: boolean): void => {
    moveFocus();
    form.edit({ ngrok_authtoken: "" });
    setReplacing(next);
  };
  const { formRef, ...form } = useReachabilityText({
    name: "ngrok_authtoken",
    toSave: (typed = "") => (settled || typed.trim() === "" ? undefined : typed.trim()),
    onSaved: () => turn(false),
  });

  return (
    <form ref={formRef} noValidate onSubmit={form.submit}>
      <SettingField
        id="reach-ngrok-authtoken"
        label={label}
        hint={fill("reachability.authtokenHint", { page: <code dir="ltr">dashboard.ngrok.com/get-started/your-authtoken</code> })}
        fault={form.fault}
        lockedBy={locked ? "NGROK_AUTHTOKEN" : undefined}
      >
        {(field) => (
          <SecretControl
            field={field}
            label={label}
            set={set}
            locked={locked}
            settled={settled}
            isRemoving={form.isSaving}
            typed={form.typed ?? ""}
            input={input}
            firstButton={firstButton}
            onType={(text) => form.edit({ ngrok_authtoken: text })}
            onLeave={form.leave}
            onReplace={() => turn(true)}
            onKeep={() => turn(false)}
            onRemove={() => void form.send({ ngrok_authtoken: "" })}
          >
            <Action type="submit" busy={form.isSaving} aria-label={t("sms.secret.about", { action: t("form.save"), field: label })}>
              {t(form.isSaving ? "form.saving" : "form.save")}
            </Action>
          </SecretControl>
        )}
      </SettingField>
      {form.failure ? <ProblemLine thrown={form.failure} title={t("form.notSaved")} /> : null}
    </form>
  );
}

/** Moves the focus to this element at the next change of the element, once that is on the screen. */
function useMovedFocus(target: RefObject<HTMLElement | null>): () => void {
  const isMoving = useRef(false);
  useEffect(() => {
    if (!isMoving.current) return;
    isMoving.current = false;
    target.current?.focus();
  }, [target]);
  return () => {
    isMoving.current = true;
  };
}
