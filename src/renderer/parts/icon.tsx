import type { ReactNode } from "react";

export type IconName =
  | "phone"
  | "browser"
  | "question"
  | "copy"
  | "check"
  | "link-external"
  | "warning"
  | "error"
  | "eye"
  | "eye-closed"
  | "close"
  | "chevron"
  | "pass"
  | "lock"
  | "comment"
  | "globe"
  | "waiting"
  | "beaker"
  | "disconnect"
  | "plus"
  | "circle"
  | "dash"
  | "gear"
  | "search";

/** A codicon. The words beside it say the same, so it is decoration. */
export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return <span className={`icon icon-${name}`} aria-hidden="true" />;
}
