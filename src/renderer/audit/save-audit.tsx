import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePageState } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { type AuditFilter, questionOf } from "./audit-filter.ts";
import { AUDIT_FORMATS, type AuditFormat, auditText, readWholeTrail } from "./audit-text.ts";

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
