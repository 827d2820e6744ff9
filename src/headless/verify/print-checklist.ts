import { padCells, widestOf } from "../columns.ts";
import type { Row } from "./row.ts";

/** For people: a line per row, what to do below it. */
export function checklistAsTable(address: string, rows: readonly Row[]): string {
  const width = widestOf(rows.map(({ name }) => name));
  const lines = rows.flatMap(({ number, name, passed, reason, todo }) => {
    const start = `${number}  ${padCells(name, width)}  `;
    return [
      `${start}${passed ? "✓ pass" : "✗ FAIL"}  ${reason}`,
      ...(todo === undefined ? [] : [`${padCells("", widestOf([`${start}✗ FAIL  `]))}→ ${todo}`]),
    ];
  });
  const passed = rows.filter((row) => row.passed).length;
  return [`Hardening Verification Checklist (v1.1), ${address}`, "", ...lines, "", `${passed} of ${rows.length} rows passed.`].join("\n");
}

/** For machines. */
export function checklistAsJson(address: string, rows: readonly Row[]): string {
  return JSON.stringify({ address, passed: rows.every((row) => row.passed), rows });
}
