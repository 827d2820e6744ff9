import type { ReactNode } from "react";
import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { ProblemLine } from "./problem-line.tsx";

interface QuestionProps {
  readonly title: ReactNode;
  readonly children: ReactNode;
  /** The subject of the decision, where it is long. A screen reader does not read it when the dialog opens. */
  readonly content?: ReactNode;
  /** Why it cannot be confirmed yet. */
  readonly notYet?: string | undefined;
  readonly confirm: string;
  /** `danger`, the default: it cannot be undone. */
  readonly variant?: "primary" | "danger";
  readonly busy: boolean;
  /** For a list that needs more width. */
  readonly wide?: boolean;
  /** Stays in view above the buttons, however long the text is. */
  readonly beforeAnswers?: ReactNode;
  readonly error: unknown;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}

/** Asks for a confirmation. The focus starts on "Cancel", which Escape presses as well; a click beside the dialog does not close it. */
export function Question(props: QuestionProps): ReactNode {
  const {
    title,
    children,
    content,
    notYet,
    confirm,
    variant = "danger",
    busy,
    wide = false,
    beforeAnswers,
    error,
    onConfirm,
    onCancel,
  } = props;
  const { t } = useTranslation();
  const blocked = busy || notYet !== undefined;
  return (
    <ModalOverlay isOpen className="veil" onOpenChange={(open) => !open && onCancel()}>
      <Modal className={wide ? "modal wide" : "modal"}>
        <Dialog role="alertdialog" className="dialog" aria-describedby="question-text">
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          <div id="question-text" className="question-text">
            {children}
          </div>
          {content}
          {beforeAnswers}
          <p id="question-not-yet" className="hint" role="status">
            {notYet}
          </p>
          {error ? <ProblemLine thrown={error} /> : null}
          <div className="answers">
            <Button autoFocus className="button plain" onPress={onCancel}>
              {t("page.cancel")}
            </Button>
            <button
              type="button"
              className={`button ${variant}`}
              aria-describedby="question-not-yet"
              aria-disabled={blocked || undefined}
              onClick={() => !blocked && onConfirm()}
            >
              {confirm}
            </button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
