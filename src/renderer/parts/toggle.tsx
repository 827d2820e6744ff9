import { type ReactNode, useState } from "react";

interface ToggleProps {
  readonly label: string;
  /** As it is kept. */
  readonly checked: boolean;
  /** Resolves when it is kept; rejects when it is not. Whoever gives it says why. */
  readonly onChoose: (checked: boolean) => Promise<unknown>;
}

/** A box that shows at once what was chosen, until what is kept shows it as well. */
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
