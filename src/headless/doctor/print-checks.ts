import { present } from "../../base/present.ts";
import { say } from "../../words/say.ts";
import { padCells, widestOf } from "../columns.ts";
import type { Check } from "./check.ts";

const SIGN = { ok: "✓", warning: "⚠", failed: "✗" } as const;

/** For people: one line for each check, also where its text has line breaks. */
export function checksAsLines(checks: readonly Check[]): string {
  const width = widestOf(checks.map(({ title }) => title));
  const lines = checks.map(({ title, state, seen, todo }) =>
    onOneLine(`${SIGN[state]} ${padCells(title, width)}  ${seen}${todo === undefined ? "" : ` → ${todo}`}`),
  );
  const count = (wanted: Check["state"]): number => checks.filter(({ state }) => state === wanted).length;
  const warnings = say("doctor.warnings", { count: count("warning") });
  return [...lines, "", say("doctor.summary", { ok: count("ok"), warnings, failed: count("failed") })].join("\n");
}

function onOneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").replace(/\p{Cc}/gu, "");
}

/** For machines. */
export function checksAsJson(checks: readonly Check[]): string {
  return JSON.stringify({
    ok: checks.every(({ state }) => state !== "failed"),
    checks: checks.map(({ name, state, seen, todo }) => ({ name, state, seen, ...present({ todo }) })),
  });
}
