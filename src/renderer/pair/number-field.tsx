import {
  type ChangeEvent,
  type ClipboardEvent,
  type ComponentProps,
  type FocusEvent,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useRef,
} from "react";
import { useTranslation } from "react-i18next";
import PhoneInput, { type Country } from "react-phone-number-input/min";
import { present } from "../../base/present.ts";
import { CountryChoice } from "./country-choice.tsx";

interface NumberInputProps extends ComponentProps<"input"> {
  /** Text that is no number (yet): shown as it is, without the formatting that would drop its letters. */
  readonly verbatim?: string | undefined;
  readonly onVerbatim?: (text: string) => void;
  readonly onUndo?: (again: boolean) => void;
}

/** Digits that the phone input would drop as letters (it knows ASCII, full-width and Arabic ones); the server reads them all. */
const FOREIGN_DIGIT = /(?![0-9\uFF10-\uFF19\u0660-\u0669\u06F0-\u06F9])\p{Nd}/u;

/** The field inside the phone input, with a label of its own: a label component around it would disturb the caret. */
function NumberInput({ verbatim, onVerbatim, onUndo, onChange, onKeyDown, value, ...rest }: NumberInputProps): ReactNode {
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

/** The field's content. `verbatim` holds text that is no number (yet). */
export interface Typed {
  readonly value: string | undefined;
  readonly verbatim: string | undefined;
}

export const NOTHING: Typed = { value: undefined, verbatim: undefined };

interface NumberFieldProps {
  readonly fieldRef: RefObject<HTMLInputElement | null>;
  readonly mark: (element: HTMLInputElement | null) => void;
  readonly typed: Typed;
  readonly onTyped: (typed: Typed) => void;
  /** The country of numbers without a country code, until another one is chosen or typed. */
  readonly home: Country | undefined;
  readonly onCountry: (country: Country | undefined) => void;
  /** A whole number was pasted; it is in the field unchanged. */
  readonly onPasted: (text: string) => void;
  readonly onLeave: (event: FocusEvent) => void;
  readonly describedBy: string;
  readonly invalid: boolean;
}

/** Formats what is typed and keeps the caret. The server reads pasted text, because it knows more spellings. */
export function NumberField(props: NumberFieldProps): ReactNode {
  const { fieldRef, mark, typed, onTyped, home, onCountry, onPasted, onLeave, describedBy, invalid } = props;
  const undo = useHistory(typed, onTyped);

  const change = (next: Typed): void => {
    if (next.value === typed.value && next.verbatim === typed.verbatim) return;
    undo.remember(typed);
    onTyped(next);
  };

  const paste = (event: ClipboardEvent<HTMLInputElement>): void => {
    const { selectionStart, selectionEnd, value } = event.currentTarget;
    // A piece in the middle of a number is typing.
    if (value !== "" && !(selectionStart === 0 && selectionEnd === value.length)) return;
    event.preventDefault();
    const text = event.clipboardData.getData("text/plain").replace(/\s+/gu, " ").trim().slice(0, 200);
    if (text === "") return;
    change({ value: undefined, verbatim: text });
    onPasted(text);
  };

  return (
    <PhoneInput
      ref={(element: unknown) => {
        const input = element instanceof HTMLInputElement ? element : null;
        fieldRef.current = input;
        mark(input);
      }}
      className="number"
      {...present({ defaultCountry: home })}
      value={typed.value ?? ""}
      onChange={(value: string | undefined) => {
        // The input also reports its own clearing for a verbatim text; only typing counts.
        if (typed.verbatim === undefined) change({ value, verbatim: undefined });
      }}
      onCountryChange={onCountry}
      onBlur={onLeave}
      countrySelectComponent={CountryChoice}
      flagComponent={() => <></>}
      inputComponent={NumberInput}
      numberInputProps={{
        verbatim: typed.verbatim,
        onVerbatim: (text: string) => change({ value: undefined, verbatim: text === "" ? undefined : text }),
        onUndo: undo.step,
        onPaste: paste,
        "aria-describedby": describedBy,
        "aria-invalid": invalid || undefined,
        "aria-required": true,
      }}
    />
  );
}

/** Formatting replaces the text of the field, which ends the browser's own undo. */
function useHistory(typed: Typed, onTyped: (typed: Typed) => void): { remember: (typed: Typed) => void; step: (again: boolean) => void } {
  const past = useRef<Typed[]>([]);
  const future = useRef<Typed[]>([]);
  return {
    remember(before) {
      past.current.push(before);
      future.current = [];
    },
    step(again) {
      const [from, to] = again ? [future.current, past.current] : [past.current, future.current];
      const next = from.pop();
      if (!next) return;
      to.push(typed);
      onTyped(next);
    },
  };
}
