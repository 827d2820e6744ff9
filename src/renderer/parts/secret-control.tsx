import type { ReactNode, RefObject } from "react";
import { useTranslation } from "react-i18next";
import { Action } from "./button.tsx";
import { SecretInput } from "./secret-input.tsx";
import type { FieldAttributes } from "./setting-field.tsx";

interface SecretControlProps {
  readonly field: FieldAttributes;
  readonly label: string;
  readonly set: boolean;
  readonly locked: boolean;
  /** There is no input: the secret is set, and it is not being replaced. */
  readonly settled: boolean;
  /** It is removed with the next save. */
  readonly removed?: boolean;
  readonly isRemoving?: boolean;
  readonly typed: string;
  /** For the focus, which stays where the change is. */
  readonly input: RefObject<HTMLInputElement | null>;
  readonly firstButton: RefObject<HTMLButtonElement | null>;
  readonly onType: (text: string) => void;
  readonly onLeave: () => void;
  readonly onReplace: () => void;
  readonly onKeep: () => void;
  readonly onRemove: () => void;
  /** Beside the input. */
  readonly children?: ReactNode;
}

/** A secret goes in and never comes out: the page knows only whether it is set. */
export function SecretControl(props: SecretControlProps): ReactNode {
  const { t } = useTranslation();
  const { field, label, set, locked, settled, removed = false, isRemoving = false, typed, input, firstButton } = props;
  const { onType, onLeave, onReplace, onKeep, onRemove, children } = props;
  const about = (action: "keep" | "replace" | "remove"): string =>
    t("sms.secret.about", { action: t(`sms.secret.${action}`), field: label });
  if (!settled) {
    return (
      <div className="secret">
        <SecretInput
          ref={input}
          id={field.id}
          show={t("sms.secret.show", { field: label })}
          hide={t("sms.secret.hide", { field: label })}
          value={typed}
          maxLength={512}
          aria-describedby={field.describedBy}
          aria-invalid={field.invalid}
          onChange={(event) => onType(event.target.value)}
          onBlur={onLeave}
        />
        {children}
        {set ? (
          <Action variant="quiet" aria-label={about("keep")} onClick={onKeep}>
            {t("sms.secret.keep")}
          </Action>
        ) : null}
      </div>
    );
  }
  return (
    <div className="secret">
      <output id={field.id} className={removed ? "check" : undefined} aria-describedby={field.describedBy}>
        {removed ? null : <span aria-hidden="true">•••••••• </span>}
        {t(removed ? "sms.secret.removed" : "sms.secret.set")}
      </output>
      {locked ? null : removed ? (
        <Action ref={firstButton} aria-label={about("keep")} onClick={onKeep}>
          {t("sms.secret.keep")}
        </Action>
      ) : (
        <>
          <Action ref={firstButton} aria-label={about("replace")} onClick={onReplace}>
            {t("sms.secret.replace")}
          </Action>
          <Action variant="quiet" busy={isRemoving} aria-label={about("remove")} onClick={onRemove}>
            {t("sms.secret.remove")}
          </Action>
        </>
      )}
    </div>
  );
}
