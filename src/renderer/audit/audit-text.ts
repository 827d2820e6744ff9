import { present } from "../../base/present.ts";
import type { InputOf } from "../../contract/operations.ts";
import type { PairingApi } from "../../contract/pairing-api.ts";
import { answerTo } from "../data/rejection.ts";
import type { AuditLineBody } from "./audit-filter.ts";

export const AUDIT_FORMATS = { csv: { type: "text/csv" }, jsonl: { type: "application/jsonl" } } as const;
export type AuditFormat = keyof typeof AUDIT_FORMATS;

const COLUMNS = [
  "ts",
  "seq",
  "event",
  "session_id",
  "user_id",
  "device_id",
  "ip",
  "ua",
  "phone_number",
  "reason",
  "via",
  "kid",
  "approval_id",
  "content_sha256",
  "count",
] as const satisfies readonly (keyof AuditLineBody)[];
const MAX_PAGE = 1000;

/** Oldest first, as in the file on disk. `read` is called with the number of lines so far. */
export async function readWholeTrail(
  api: PairingApi,
  question: InputOf<"listAudit">,
  read: (count: number) => void,
  signal: AbortSignal,
): Promise<readonly AuditLineBody[]> {
  const lines: AuditLineBody[] = [];
  for (let before: number | undefined; !signal.aborted; ) {
    const page = await answerTo(api.listAudit({ ...question, limit: MAX_PAGE, ...present({ before }) }));
    lines.push(...page.lines);
    read(lines.length);
    if (page.next === undefined) break;
    before = page.next;
  }
  return lines.reverse();
}

export function auditText(lines: readonly AuditLineBody[], format: AuditFormat): string {
  if (format === "jsonl") return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  // RFC 4180. The byte order mark makes spreadsheets read UTF-8.
  const rows = lines.map((line) => COLUMNS.map((column) => cell(line[column])).join(","));
  return `\ufeff${[COLUMNS.join(","), ...rows].join("\r\n")}\r\n`;
}

/** A spreadsheet would run text that begins like a formula, and some of these texts come from strangers. */
function cell(value: string | number | undefined): string {
  const text = String(value ?? "");
  const plain = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
