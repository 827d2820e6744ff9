import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { present } from "../../base/present.ts";
import type { InputOf } from "../../contract/operations.ts";
import type { PairingApi } from "../../contract/pairing-api.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { type AuditFilter, type AuditLineBody, questionOf } from "./audit-filter.ts";

const AUDIT_FORMATS = { csv: { type: "text/csv" }, jsonl: { type: "application/jsonl" } } as const;
type AuditFormat = keyof typeof AUDIT_FORMATS;

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
async function readWholeTrail(
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

function auditText(lines: readonly AuditLineBody[], format: AuditFormat): string {
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

/** Saves all lines that match the filter, not only those that are shown. */
export function SaveAudit({ filter }: { readonly filter: AuditFilter }): ReactNode {
  const { t } = useTranslation();
  const { connection, notices } = usePageState();
  const [count, setCount] = useState(0);
  const leaving = useRef(new AbortController());
  useEffect(() => {
    const controller = new AbortController();
    leaving.current = controller;
    return () => controller.abort();
  }, []);

  const saving = useMutation({
    async mutationFn(format: AuditFormat) {
      setCount(0);
      const { signal } = leaving.current;
      const lines = await readWholeTrail(connection.api, questionOf(filter), setCount, signal);
      if (!signal.aborted) download(auditText(lines, format), AUDIT_FORMATS[format].type, `pairing_audit.${format}`);
      return lines.length;
    },
    onSuccess: (saved) => notices.say("audit", t("audit.saved", { count: saved })),
  });

  return (
    <div className="actions">
      {(["csv", "jsonl"] as const).map((format) => (
        <Action key={format} busy={saving.isPending} onClick={() => saving.mutate(format)}>
          {t(`audit.save.${format}`)}
        </Action>
      ))}
      <span role="status" className="quiet-text">
        {saving.isPending ? t("audit.saving", { count }) : ""}
      </span>
      {saving.error ? <ProblemLine thrown={saving.error} /> : null}
    </div>
  );
}

function download(text: string, type: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
