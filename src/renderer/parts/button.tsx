import type { ComponentProps, ReactNode } from "react";

interface ActionProps extends ComponentProps<"button"> {
  readonly variant?: "primary" | "danger" | "quiet" | "plain";
  /** It stays focusable, but a press does nothing. The label must say why. */
  readonly busy?: boolean;
}

export function Action({ variant = "plain", busy = false, onClick, className = "", ...rest }: ActionProps): ReactNode {
  return (
    <button
      type="button"
      {...rest}
      className={`button ${variant} ${className}`}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}
