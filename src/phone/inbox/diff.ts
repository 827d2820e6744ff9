/** A line of a text that is decided about. Every line of the text is one of these, in order: nothing is left out. */
export type PlanLine =
  | { readonly kind: "text" | "file"; readonly text: string }
  | { readonly kind: "same" | "added" | "removed"; readonly text: string; readonly number: number };

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;
const FILE = /^(?:diff --git |index [0-9a-f]|--- |\+\+\+ )/;

/**
 * The lines of a text in which there may be unified diffs. Only what the counts of a hunk promise belongs to it, so no text around a
 * diff can pass for a part of it.
 */
export function planLines(text: string): readonly PlanLine[] {
  const lines = text.split("\n");
  const result: PlanLine[] = [];
  let [old, next, oldLeft, nextLeft] = [0, 0, 0, 0];
  for (const [index, line] of lines.entries()) {
    const hunk = oldLeft + nextLeft === 0 ? HUNK.exec(line) : null;
    if (hunk) {
      [old, next] = [Number(hunk[1]), Number(hunk[3])];
      [oldLeft, nextLeft] = [Number(hunk[2] ?? 1), Number(hunk[4] ?? 1)];
      result.push({ kind: "file", text: line });
      continue;
    }
    const sign = line[0];
    if (sign === "-" && oldLeft > 0) {
      result.push({ kind: "removed", text: line.slice(1), number: old++ });
      oldLeft -= 1;
    } else if (sign === "+" && nextLeft > 0) {
      result.push({ kind: "added", text: line.slice(1), number: next++ });
      nextLeft -= 1;
    } else if ((sign === " " || (sign === undefined && index < lines.length - 1)) && oldLeft > 0 && nextLeft > 0) {
      result.push({ kind: "same", text: line.slice(1), number: next++ });
      old += 1;
      oldLeft -= 1;
      nextLeft -= 1;
    } else {
      // "\ No newline at end of file" belongs to the hunk; anything else ends it.
      if (sign !== "\\") [oldLeft, nextLeft] = [0, 0];
      result.push({ kind: FILE.test(line) && isHeader(lines, index) ? "file" : "text", text: line });
    }
  }
  return result;
}

/** Whether a hunk follows after no more than the lines of a file's header. */
function isHeader(lines: readonly string[], index: number): boolean {
  for (const line of lines.slice(index, index + 6)) {
    if (HUNK.test(line)) return true;
    if (!FILE.test(line)) return false;
  }
  return false;
}

export function isDiff(lines: readonly PlanLine[]): boolean {
  return lines.some(({ kind }) => kind === "added" || kind === "removed");
}
