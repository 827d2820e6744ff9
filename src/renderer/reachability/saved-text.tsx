import { type ReactNode, type SubmitEvent, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { OPERATIONS } from "../../contract/operations.ts";
import { type Reachability, usePageState } from "../data/page-state.ts";
import { rejectionOf } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { SettingField } from "../parts/setting-field.tsx";
import { useStep } from "../parts/step-forms.ts";
import { useSaveReachability } from "./save-reachability.ts";

interface SavedTextProps {
  readonly field: "base_url" | "cloudflared_path";
  readonly setting: Reachability["base_url"];
  readonly lockedBy: string;
  readonly hint: ReactNode;
}

/** One text with its own button. What is typed stays typed until it is saved or discarded, whatever news arrives meanwhile. */
export function SavedText({ field, setting, lockedBy, hint }: SavedTextProps): ReactNode {
  const { t } = useTranslation();
  const { notices } = usePageState();
  const [draft, setDraft] = useState<string>();
  const [fault, setFault] = useState<string>();
  /** What was saved before the last save, to go back to. */
  const [former, setFormer] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  const { value, locked } = setting;
  const text = locked ? value : (draft ?? value);
  const dirty = text.trim() !== value;

  /** The sentence is on the screen before the focus moves, so that both are read together. */
  const complain = (sentence: string): void => {
    flushSync(() => setFault(sentence));
    input.current?.focus();
  };
  const saving = useSaveReachability((change) => {
    setDraft(undefined);
    setFault(undefined);
    notices.say("reachability", t(change[field] === "" ? `reachability.removed.${field}` : `reachability.saved.${field}`));
  });
  const save = async (wanted: string): Promise<boolean> => {
    notices.clear("reachability");
    const saved = saving.mutateAsync(
      { [field]: wanted },
      {
        onSuccess: () => setFormer(value),
        onError(thrown) {
          const { problem } = rejectionOf(thrown);
          const own = problem.errors?.find((one) => one.field === field)?.message;
          if (own !== undefined) complain(ruleOf(own));
          else if (problem.code === "tunnel_program_unusable") complain(problem.detail);
        },
      },
    );
    return saved.then(
      () => true,
      // Its sentence stands beside the field, or below it.
      () => false,
    );
  };
  const ruleOf = (rule: string): string => t("sms.mustBe", { field: t(`reachability.fields.${field}`), rule });
  const brokenRule = (): string | undefined => {
    const read = OPERATIONS.saveReachability.body.shape[field].safeParse(text);
    return read.success ? undefined : ruleOf(read.error.issues[0]?.message ?? "");
  };

  /** Whether what was typed is saved now. */
  const saveTyped = async (): Promise<boolean> => {
    if (!dirty) return true;
    if (saving.isPending) return false;
    const broken = brokenRule();
    saving.reset();
    if (broken === undefined) return save(text.trim());
    complain(broken);
    return false;
  };
  useStep(saveTyped);

  return (
    <form
      noValidate
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        if (locked) return;
        if (dirty) void saveTyped();
        else notices.say("reachability", t("sms.unchanged"));
      }}
    >
      <SettingField
        id={`reach-${field}`}
        label={t(`reachability.fields.${field}`)}
        hint={hint}
        fault={fault}
        lockedBy={locked ? lockedBy : undefined}
      >
        {({ id, describedBy, invalid }) => (
          <input
            ref={input}
            id={id}
            value={text}
            readOnly={locked}
            dir="ltr"
            inputMode={field === "base_url" ? "url" : undefined}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            aria-describedby={describedBy}
            aria-invalid={invalid}
            onChange={(event) => {
              setDraft(event.target.value);
              setFault(undefined);
              setFormer(undefined);
            }}
            onBlur={() => setFault((now) => (dirty ? (brokenRule() ?? now) : now))}
          />
        )}
      </SettingField>
      {locked ? null : (
        <div className="actions">
          <Action
            type="submit"
            busy={saving.isPending}
            aria-label={t("reachability.about", { action: t("sms.save"), field: t(`reachability.fields.${field}`) })}
          >
            {t(saving.isPending ? "sms.saving" : "sms.save")}
          </Action>
          {dirty ? (
            <Action
              look="quiet"
              onClick={() => {
                setDraft(undefined);
                setFault(undefined);
                saving.reset();
                notices.say("reachability", t("sms.discarded"));
                input.current?.focus();
              }}
            >
              {t("sms.undo")}
            </Action>
          ) : former === undefined || former === value ? null : (
            <Action
              look="quiet"
              onClick={() => {
                void save(former);
                input.current?.focus();
              }}
            >
              {t("reachability.undo")}
            </Action>
          )}
        </div>
      )}
      {saving.error && fault === undefined ? <ProblemLine thrown={saving.error} title={t("sms.notSaved")} /> : null}
    </form>
  );
}
