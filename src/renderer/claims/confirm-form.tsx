import { type ReactNode, type RefCallback, type RefObject, type SubmitEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Action } from "../parts/button.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { VERBATIM } from "../parts/verbatim.ts";

interface ConfirmFormProps {
  readonly digits: string;
  readonly type: (digits: string) => void;
  readonly fieldRef: RefObject<HTMLInputElement | null>;
  /** Gets the field as well. */
  readonly mark: RefCallback<HTMLElement>;
  /** Why the last try was rejected; the element with this id says it. */
  readonly error: unknown;
  readonly problemId: string;
  readonly isPending: boolean;
  readonly confirm: () => void;
  /** Beside the button. */
  readonly children: ReactNode;
}

const MAX_DIGITS = 2;
const COMPLETE = /^\p{Nd}{2}$/u;

/** One field with two places: pasting, undo and screen readers work as in any field. Digits of every script are taken. */
export function ConfirmForm(props: ConfirmFormProps): ReactNode {
  const { digits, type, fieldRef, mark, error, problemId, isPending, confirm, children } = props;
  const { t } = useTranslation();
  const [missing, setMissing] = useState(false);
  const [ref] = useState(() => (element: HTMLInputElement | null) => {
    fieldRef.current = element;
    mark(element);
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (isPending) return;
    // The server would take an incomplete entry for a wrong one, which closes what waits.
    const isComplete = COMPLETE.test(digits);
    setMissing(!isComplete);
    fieldRef.current?.focus();
    if (isComplete) confirm();
  };
  return (
    <form className="confirm-claim" noValidate onSubmit={submit}>
      <div className="well">
        <label htmlFor="claim-digits">{t("claims.digits")}</label>
        <input
          ref={ref}
          id="claim-digits"
          className="digits"
          {...VERBATIM}
          inputMode="numeric"
          dir="ltr"
          value={digits}
          aria-describedby={`claim-digits-hint claim-digits-note ${problemId}`}
          aria-invalid={missing || error !== null || undefined}
          onChange={({ target }) => {
            setMissing(false);
            type((target.value.match(/\p{Nd}/gu) ?? []).slice(0, MAX_DIGITS).join(""));
          }}
        />
        <p id="claim-digits-hint" className="quiet-text">
          {t("claims.digitsHint")}
        </p>
        <div id="claim-digits-note" role="status">
          {missing ? (
            <IconText icon="error" className="wrong with-icon">
              {t("claims.digitsMissing")}
            </IconText>
          ) : null}
        </div>
      </div>
      <div className="actions">
        <Action type="submit" variant="primary" busy={isPending}>
          {t(isPending ? "claims.confirming" : "claims.confirm")}
        </Action>
        {children}
      </div>
    </form>
  );
}
