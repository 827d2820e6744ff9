import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";

interface RowHeadProps {
  readonly icon: IconName;
  /** Gives the badge its color. */
  readonly status?: string;
  readonly children: ReactNode;
}

/** The head of a list's row: a badge, and beside it what the row is about. */
export function RowHead({ icon, status = "", children }: RowHeadProps): ReactNode {
  return (
    <div className="row-head">
      <span className={`badge ${status}`}>
        <Icon name={icon} />
      </span>
      {children}
    </div>
  );
}
