import { type ReactNode, useState } from "react";

interface ToggleProps {
  readonly label: string;
  /** The saved state. */
  readonly checked: boolean;
  /** Resolves when it is saved; rejects when it is not. The caller shows the error. */
  readonly onChoose: (checked: boolean) => Promise<unknown>;
}

/** A checkbox that shows the choice at once, before it is saved. */
export function Toggle({ label, checked, onChoose }: ToggleProps): ReactNode {
  const [chosen, setChosen] = useState<boolean>();
  if (chosen === checked) setChosen(undefined);
  return (
    <label className="toggle">
      <input
        type="checkbox"
        checked={chosen ?? checked}
        onChange={(event) => {
          setChosen(event.target.checked);
          onChoose(event.target.checked).catch(() => setChosen(undefined));
        }}
      />
      <span>{label}</span>
    </label>
  );
}
