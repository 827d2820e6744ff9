import { type ComponentProps, type ReactNode, useState } from "react";
import { Action } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { VERBATIM } from "./verbatim.ts";

interface SecretInputProps extends Omit<ComponentProps<"input">, "type"> {
  /** The button's label while the text is hidden, and its tooltip while the text is shown. */
  readonly show: string;
  readonly hide: string;
}

/** Shows dots until the button is pressed. */
export function SecretInput({ show, hide, ...input }: SecretInputProps): ReactNode {
  const [shown, setShown] = useState(false);
  return (
    <div className="with-button">
      <input {...input} type={shown ? "text" : "password"} dir="ltr" {...VERBATIM} />
      <Action variant="quiet" aria-pressed={shown} aria-label={show} title={shown ? hide : show} onClick={() => setShown(!shown)}>
        <Icon name={shown ? "eye-closed" : "eye"} />
      </Action>
    </div>
  );
}
