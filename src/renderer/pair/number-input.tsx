import type { ChangeEvent, ComponentProps, KeyboardEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";

export interface NumberInputProps extends ComponentProps<"input"> {
  /** Text that is no number (yet): shown as it is, without the formatting that would drop its letters. */
  readonly verbatim?: string | undefined;
  readonly onVerbatim?: (text: string) => void;
  readonly onUndo?: (again: boolean) => void;
}

/** Digits that the phone input would drop as letters (it knows ASCII, full-width and Arabic ones); the server reads them all. */
const FOREIGN_DIGIT = /(?![0-9\uFF10-\uFF19\u0660-\u0669\u06F0-\u06F9])\p{Nd}/u;

/** The field inside the phone input, with a label of its own: a label component around it would disturb the caret. */
export function NumberInput({ verbatim, onVerbatim, onUndo, onChange, onKeyDown, value, ...rest }: NumberInputProps): ReactNode {
  const { t } = useTranslation();
  return (
    <div className="field">
      <label htmlFor="number">{t("pair.number")}</label>
      <input
        {...rest}
        id="number"
        name="number"
        type="tel"
        inputMode="tel"
        autoComplete="tel"
        dir="ltr"
        spellCheck={false}
        maxLength={200}
        value={verbatim ?? value}
        onChange={(event: ChangeEvent<HTMLInputElement>) => {
          if (verbatim === undefined && !FOREIGN_DIGIT.test(event.target.value)) onChange?.(event);
          else onVerbatim?.(event.target.value);
        }}
        onKeyDown={(event: KeyboardEvent<HTMLInputElement>) => {
          const key = event.key.toLowerCase();
          if ((event.ctrlKey || event.metaKey) && !event.altKey && (key === "z" || key === "y")) {
            event.preventDefault();
            onUndo?.(key === "y" || event.shiftKey);
          } else if (verbatim === undefined) onKeyDown?.(event);
        }}
      />
    </div>
  );
}
