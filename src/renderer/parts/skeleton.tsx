import type { ReactNode } from "react";

/** Holds the place of rows that are loading. A screen reader reads the label. */
export function Skeleton({ label }: { readonly label?: string }): ReactNode {
  return (
    <>
      {label === undefined ? null : <span className="unseen">{label}</span>}
      <div className="skeleton" aria-hidden="true">
        <span />
        <span />
      </div>
    </>
  );
}
