import { type ComponentProps, type ReactNode, useState } from "react";
import { Action } from "./button.tsx";
import { Icon } from "./icon.tsx";

interface SecretInputProps extends Omit<ComponentProps<"input">, "type"> {
  /** What the button says while the text is hidden, and while it is shown. */
  readonly show: string;
  readonly hide: string;
}

/** Dots, until a button is asked to show them. */
export function SecretInput({ show, hide, ...input }: SecretInputProps): ReactNode {
  const [shown, setShown] = useState(false);
  return (
    <div className="with-button">
      <input {...input} type={shown ? "text" : "password"} dir="ltr" autoComplete="off" autoCapitalize="off" spellCheck={false} />
      <Action variant="quiet" aria-pressed={shown} aria-label={show} title={shown ? hide : show} onClick={() => setShown(!shown)}>
        <Icon name={shown ? "eye-closed" : "eye"} />
      </Action>
    </div>
  );
}
