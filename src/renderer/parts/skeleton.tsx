import type { ReactNode } from "react";

/** Holds the place of rows that are loading. */
export function Skeleton(): ReactNode {
  return (
    <div className="skeleton" aria-hidden="true">
      <span />
      <span />
    </div>
  );
}
