import type { Level } from "../contract/levels.ts";
import type { PageWords } from "../words/page-languages.ts";

/** What a phone of this level may do, in the order in which it is listed. */
export function abilitiesOf(level: Level, { command, view, answer }: PageWords["abilities"]): readonly string[] {
  return { view: [view], answer: [view, answer], command: [command, view, answer] }[level];
}
