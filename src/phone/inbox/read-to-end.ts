import { approvalContent as words } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { element, onPress } from "./element.ts";

/** More than this of a text is folded until somebody asks for all of it. */
const MAX_LINES_SHOWN = 16;
const MAX_CHARACTERS_SHOWN = 1200;

export interface LongText {
  readonly nodes: readonly HTMLElement[];
  /** In view only when the text's last line is: the fold hides it as well. */
  readonly end: HTMLElement;
}

/** A text to be decided about. The button is for fingers, keyboards and screen readers alike; reading goes on where the fold was. */
export function longText(text: string, id: string): LongText {
  const whole = element("pre", { class: "plan", id, tabindex: "0", "aria-label": words.plan }, text);
  const lines = text.split("\n").length;
  if (lines <= MAX_LINES_SHOWN && text.length <= MAX_CHARACTERS_SHOWN) {
    const end = endOf("");
    return { nodes: [element("div", { class: "card fold" }, whole, end)], end };
  }
  const end = endOf(words.endOfPlan);
  const fold = element("div", { class: "card fold folded" }, whole, end);
  const more = lines > MAX_LINES_SHOWN ? fill(words.showLines, { count: lines }) : words.showAll;
  const button = element("button", { type: "button", class: "decline more", "aria-expanded": "false", "aria-controls": id }, more);
  onPress(button, () => {
    const folded = fold.classList.toggle("folded");
    button.setAttribute("aria-expanded", String(!folded));
    button.textContent = folded ? more : words.showLess;
    if (!folded) whole.focus({ preventScroll: true });
  });
  return { nodes: [fold, button], end };
}

/** Stands after the last line of what is read. For a screen reader the words mark the end. */
export function endOf(words: string): HTMLElement {
  return element("p", { class: "end quiet" }, words);
}

/** Calls `changed` when ends have come into view, with whether all have by now. A first call follows at once. */
export function watchEnds(ends: readonly HTMLElement[], changed: (allSeen: boolean) => void): void {
  const unseen = new Set<Element>(ends);
  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      unseen.delete(target);
      observer.unobserve(target);
    }
    changed(unseen.size === 0);
  });
  for (const end of ends) observer.observe(end);
}
