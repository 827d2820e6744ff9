import type { ReactNode, Ref } from "react";

interface RadioChoicesProps<Choice extends string> {
  /** Of the group of radio buttons; ids begin with it. */
  readonly name: string;
  readonly legend: string;
  readonly choices: readonly Choice[];
  readonly chosen: string;
  readonly labelOf: (choice: Choice) => string;
  readonly hintOf: (choice: Choice) => string | undefined;
  readonly onChoose: (choice: Choice) => void;
  /** Why nothing can be chosen now; the buttons stay readable. */
  readonly locked?: ReactNode;
  readonly chosenRef?: Ref<HTMLInputElement>;
}

/** One of a few choices, each with a sentence about it. */
export function RadioChoices<Choice extends string>(props: RadioChoicesProps<Choice>): ReactNode {
  const { name, legend, choices, chosen, labelOf, hintOf, onChoose, locked, chosenRef } = props;
  const isLocked = locked !== undefined;
  return (
    <fieldset className="radios" aria-describedby={isLocked ? `${name}-locked` : undefined}>
      <legend>{legend}</legend>
      {choices.map((choice) => (
        <div key={choice}>
          <label>
            <input
              ref={choice === chosen ? chosenRef : undefined}
              type="radio"
              name={name}
              checked={choice === chosen}
              aria-disabled={isLocked || undefined}
              aria-describedby={`${name}-${choice}`}
              onChange={() => {
                if (!isLocked) onChoose(choice);
              }}
            />
            {labelOf(choice)}
          </label>
          <p id={`${name}-${choice}`} className="quiet-text choice-hint">
            {hintOf(choice)}
          </p>
        </div>
      ))}
      {isLocked ? (
        <p id={`${name}-locked`} className="quiet-text">
          {locked}
        </p>
      ) : null}
    </fieldset>
  );
}
