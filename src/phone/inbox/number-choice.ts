import { approval as words } from "../../words/phone.ts";
import { element } from "./element.ts";

/** Of the numbers, a person chooses the one that the computer shows. Radio buttons: arrow keys and screen readers know them. */
export function numberChoice(numbers: readonly string[]) {
  const options = numbers.map((number) => element("input", { type: "radio", name: "number", value: number }));
  const node = element(
    "fieldset",
    { class: "numbers" },
    element("legend", {}, words.whichNumber),
    ...options.map((option) => element("label", {}, option, element("span", { dir: "ltr" }, option.value))),
  );
  return {
    node,
    chosen: (): string | undefined => options.find(({ checked }) => checked)?.value,
    /** What was chosen counts no more. */
    clear(): void {
      for (const option of options) option.checked = false;
    },
  };
}
