import { piecesOf } from "../../words/pieces.ts";

const MARKUP = Symbol("markup");

/** Text that is markup already. Only {@link html} makes it, so nothing that came over a wire can pass for it. */
export interface Html {
  readonly [MARKUP]: string;
}

/** What may stand in a template's gaps. `false` and `undefined` leave the gap empty. */
export type HtmlPart = string | number | false | undefined | Html | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** A template whose gaps are escaped, for text and for quoted attributes alike, unless they were made by this function. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return { [MARKUP]: String.raw({ raw: strings }, ...parts.map(textOf)) };
}

/** A sentence of the catalogue, escaped, with markup where it has `{{gaps}}`. */
export function filled(sentence: string, parts: Readonly<Record<string, Html>>): readonly Html[] {
  return piecesOf(sentence, parts).map((piece) => html`${piece}`);
}

/** What the build wrote, as it is. Never anything that came over a wire. */
export function built(text: string): Html {
  return { [MARKUP]: text };
}

/** The markup itself, for the one place that sends it. */
export function markupOf(page: Html): string {
  return page[MARKUP];
}

function textOf(part: HtmlPart): string {
  if (part === undefined || part === false) return "";
  if (typeof part === "number") return String(part);
  if (typeof part === "string") return part.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? "");
  return MARKUP in part ? part[MARKUP] : part.map(markupOf).join("");
}
