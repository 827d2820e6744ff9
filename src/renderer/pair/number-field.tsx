import { type ClipboardEvent, type FocusEvent, type ReactNode, type RefObject, useRef } from "react";
import PhoneInput, { type Country } from "react-phone-number-input/min";
import { present } from "../../base/present.ts";
import { CountryChoice } from "./country-choice.tsx";
import { NumberInput } from "./number-input.tsx";

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
        // Clearing the value for a verbatim text is answered too; only what was typed counts.
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
