import type { ReactNode, RefObject } from "react";
import { useTranslation } from "react-i18next";
import { Action } from "./button.tsx";

/** The end of a form whose changes are a draft until they are saved. `words`: where its texts stand. */
export function SaveRow(props: {
  readonly words: "settings" | "sms";
  readonly saveButton: RefObject<HTMLButtonElement | null>;
  /** In a step of the welcome, "Next" is what comes first. */
  readonly inStep: boolean;
  readonly dirty: boolean;
  readonly saving: boolean;
  readonly onDiscard: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { words, saveButton, inStep, dirty, saving, onDiscard } = props;
  return (
    <div className="actions">
      <Action ref={saveButton} type="submit" look={inStep ? "plain" : "primary"} busy={saving}>
        {t(saving ? `${words}.saving` : `${words}.save`)}
      </Action>
      {dirty ? (
        <Action look="quiet" onClick={onDiscard}>
          {t(`${words}.undo`)}
        </Action>
      ) : null}
      <span className="quiet-text">{dirty && !saving ? t(`${words}.unsaved`) : ""}</span>
    </div>
  );
}
