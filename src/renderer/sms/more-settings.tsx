import { type ReactNode, useState } from "react";

interface MoreSettingsProps {
  readonly title: string;
  readonly startsOpen: boolean;
  /** Something in it needs attention. */
  readonly needed: boolean;
  readonly children: ReactNode;
}

/** Settings that few people need, folded. */
export function MoreSettings({ title, startsOpen, needed, children }: MoreSettingsProps): ReactNode {
  const [open, setOpen] = useState(startsOpen);
  return (
    <details className="folded more" open={open || needed} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}
