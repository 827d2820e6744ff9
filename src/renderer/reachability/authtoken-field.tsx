import { type ReactNode, type SubmitEvent, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { OPERATIONS } from "../../contract/operations.ts";
import { type Reachability, usePageState } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { SecretInput } from "../parts/secret-input.tsx";
import { fill } from "../parts/sentence.tsx";
import { SettingField } from "../parts/setting-field.tsx";
import { useStep } from "../parts/step-forms.ts";
import { useSaveReachability } from "./save-reachability.ts";

/** The authtoken goes in and never comes out: there is only whether it is set. */
export function AuthtokenField({ authtoken }: { readonly authtoken: Reachability["ngrok"]["authtoken"] }): ReactNode {
  const { t } = useTranslation();
  const { notices } = usePageState();
  const [typed, setTyped] = useState("");
  const [fault, setFault] = useState<string>();
  const [replacing, setReplacing] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  const { set, locked } = authtoken;
  const settled = locked || (set && !replacing);
  const label = t("reachability.fields.ngrok_authtoken");
  const about = (action: string): string => t("reachability.about", { action, field: label });

  const forget = (): void => {
    setTyped("");
    setFault(undefined);
    setReplacing(false);
  };
  /** The focus stays where the change is, once it is on the screen. */
  const follows = useRef(false);
  useEffect(() => {
    if (!follows.current) return;
    follows.current = false;
    (settled ? first.current : input.current)?.focus();
  }, [settled]);
  const turn = (next: boolean): void => {
    follows.current = true;
    forget();
    setReplacing(next);
  };
  const saving = useSaveReachability(({ ngrok_authtoken }) => {
    follows.current = true;
    forget();
    notices.say("reachability", t(ngrok_authtoken === "" ? "reachability.removed.ngrok_authtoken" : "reachability.saved.ngrok_authtoken"));
  });
  const save = async (wanted: string): Promise<boolean> => {
    notices.clear("reachability");
    return saving.mutateAsync({ ngrok_authtoken: wanted }).then(
      () => true,
      // Its sentence stands below the field.
      () => false,
    );
  };
  const brokenRule = (): string | undefined => {
    const read = OPERATIONS.saveReachability.body.shape.ngrok_authtoken.safeParse(typed);
    return read.success ? undefined : t("sms.mustBe", { field: label, rule: read.error.issues[0]?.message ?? "" });
  };
  /** Whether what was typed is saved now. */
  const saveTyped = async (): Promise<boolean> => {
    if (settled || typed.trim() === "") return true;
    if (saving.isPending) return false;
    saving.reset();
    const broken = brokenRule();
    if (broken === undefined) return save(typed.trim());
    // The sentence is on the screen before the focus moves, so that both are read together.
    flushSync(() => setFault(broken));
    input.current?.focus();
    return false;
  };
  useStep(saveTyped);

  return (
    <form
      noValidate
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        if (typed.trim() === "") notices.say("reachability", t("sms.unchanged"));
        else void saveTyped();
      }}
    >
      <SettingField
        id="reach-ngrok-authtoken"
        label={label}
        hint={fill("reachability.authtokenHint", { page: <code dir="ltr">dashboard.ngrok.com/get-started/your-authtoken</code> })}
        fault={fault}
        lockedBy={locked ? "NGROK_AUTHTOKEN" : undefined}
      >
        {({ id, describedBy, invalid }) =>
          settled ? (
            <div className="secret">
              <output id={id} aria-describedby={describedBy}>
                <span aria-hidden="true">•••••••• </span>
                {t("sms.secret.set")}
              </output>
              {locked ? null : (
                <>
                  <Action ref={first} aria-label={about(t("sms.secret.replace"))} onClick={() => turn(true)}>
                    {t("sms.secret.replace")}
                  </Action>
                  <Action look="quiet" busy={saving.isPending} aria-label={about(t("sms.secret.remove"))} onClick={() => void save("")}>
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
                value={typed}
                maxLength={512}
                aria-describedby={describedBy}
                aria-invalid={invalid}
                onChange={(event) => {
                  setTyped(event.target.value);
                  setFault(undefined);
                }}
                onBlur={() => setFault((now) => (typed.trim() === "" ? now : (brokenRule() ?? now)))}
              />
              <Action type="submit" busy={saving.isPending} aria-label={about(t("sms.save"))}>
                {t(saving.isPending ? "sms.saving" : "sms.save")}
              </Action>
              {set ? (
                <Action look="quiet" aria-label={about(t("sms.secret.keep"))} onClick={() => turn(false)}>
                  {t("sms.secret.keep")}
                </Action>
              ) : null}
            </div>
          )
        }
      </SettingField>
      {saving.error ? <ProblemLine thrown={saving.error} title={t("sms.notSaved")} /> : null}
    </form>
  );
}
