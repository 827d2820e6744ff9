import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Action } from "./button.tsx";
import type { DraftForm } from "./use-draft-form.ts";

type SaveRowProps = Pick<DraftForm<object, object, unknown>, "saveButton" | "inStep" | "dirty" | "isSaving" | "discard">;

/** The end of a form whose changes are a draft until they are saved. In a step of the welcome, "Next" is the primary button. */
export function SaveRow({ saveButton, inStep, dirty, isSaving, discard }: SaveRowProps): ReactNode {
  const { t } = useTranslation();
  return (
    <div className="actions">
      <Action ref={saveButton} type="submit" variant={inStep ? "plain" : "primary"} busy={isSaving}>
        {t(isSaving ? "form.saving" : "form.save")}
      </Action>
      {dirty ? (
        <Action variant="quiet" onClick={discard}>
          {t("form.undo")}
        </Action>
      ) : null}
      <span className="quiet-text">{dirty && !isSaving ? t("form.unsaved") : ""}</span>
    </div>
  );
}
