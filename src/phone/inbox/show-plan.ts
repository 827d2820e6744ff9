import { approvalContent as words } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { isDiff, type PlanLine, planLines } from "./diff.ts";
import { element } from "./element.ts";

/** More than this of a text is shown only when somebody asks for all of it. */
const MAX_LINES_SHOWN = 16;
const MAX_CHARACTERS_SHOWN = 1200;

export interface Plan {
  readonly node: HTMLElement;
  /** Stands after the last line that is shown. */
  readonly end: HTMLElement;
  /** There while a part is not shown. */
  readonly rest?: {
    /** How much is not shown yet. */
    readonly hint: string;
    /** What shows it. */
    readonly label: string;
    /** Shows all, and goes on reading where the cut was. */
    readonly show: () => void;
  };
}

/** A text to be decided about, with diffs as such. What is not shown yet is not in the page at all, and cannot be in view. */
export function planView(text: string, id: string): Plan {
  const lines = planLines(text);
  const hasDiff = isDiff(lines);
  const whole = element("pre", { class: hasDiff ? "plan diff" : "plan", id, tabindex: "0", "aria-label": words.plan });
  const end = element("p", { class: "end hint" });
  const node = element("div", { class: "card well" }, whole, end);
  const shown = linesShown(text);
  const cut = shown < text.length;
  const show = (part: string): void => {
    if (hasDiff) whole.replaceChildren(...planLines(part).map(lineOf));
    else whole.textContent = part;
    end.textContent = part.length < text.length ? "" : cut ? words.endOfPlan : "";
  };
  show(text.slice(0, shown));
  if (!cut) return { node, end };
  const count = lines.length;
  const hidden = text.slice(shown).split("\n").length - 1;
  return {
    node,
    end,
    rest: {
      hint: hidden > 0 ? fill(words.linesHidden, { count, hidden }) : words.partHidden,
      label: count > MAX_LINES_SHOWN ? fill(words.showLines, { count }) : words.showAll,
      show: () => {
        const cutAt = whole.getBoundingClientRect().bottom;
        const isCutInView = cutAt > 0 && cutAt < innerHeight / 2;
        // What is above the cut stays as high as it was.
        const top = isCutInView ? scrollY : scrollY + cutAt - innerHeight / 3;
        show(text);
        whole.focus({ preventScroll: true });
        scrollTo(0, top);
      },
    },
  };
}

/** How many characters of a text are shown at first: whole lines, as far as there are some. */
function linesShown(text: string): number {
  const lines = text.split("\n");
  if (lines.length <= MAX_LINES_SHOWN && text.length <= MAX_CHARACTERS_SHOWN) return text.length;
  const whole = lines.slice(0, MAX_LINES_SHOWN).join("\n");
  return whole.length <= MAX_CHARACTERS_SHOWN ? whole.length : MAX_CHARACTERS_SHOWN;
}

const GLYPHS = { added: "+", removed: "−", same: " " } as const;

function lineOf(line: PlanLine): HTMLElement {
  if (!("number" in line)) return element("span", { class: line.kind }, `${line.text}\n`);
  const { kind, number, text } = line;
  return element(
    "span",
    { class: `changed ${kind}` },
    element("span", { class: "number", "aria-hidden": "true" }, String(number)),
    kind !== "same" && element("span", { class: "sr-only" }, `${words[kind]} `),
    element("span", { class: "glyph", "aria-hidden": "true" }, GLYPHS[kind]),
    element("bdi", {}, `${text}\n`),
  );
}
