import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { keyOf } from "../data/follow-devices.ts";
import { useAudit, usePageState } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { AUDIT_KINDS, type AuditFilter, type AuditKind, type AuditLineBody, questionOf } from "./audit-filter.ts";
import { AuditLine } from "./audit-line.tsx";
import { SaveAudit } from "./save-audit.tsx";

const TYPING_PAUSE = 300;

/** The audit log's newest lines, with a filter, a search and the way to older ones. */
export function AuditLines(): ReactNode {
  const { t } = useTranslation();
  const { client } = usePageState();
  const [kind, setKind] = useState<AuditKind>("all");
  const [typed, setTyped] = useState("");
  const [text, setText] = useState("");
  useEffect(() => {
    const timer = window.setTimeout(() => setText(typed.trim()), TYPING_PAUSE);
    return () => window.clearTimeout(timer);
  }, [typed]);

  const filter: AuditFilter = { kind, text };
  const { data, error, isPending, isFetching, isFetchingNextPage, hasNextPage, fetchNextPage } = useAudit(questionOf(filter));
  const pages = data?.pages ?? [];
  const lines = pages.flatMap((page) => page.lines);
  const names = new Map(pages.flatMap((page) => page.phones.map((phone) => [keyOf(phone), phone.device_name])));
  const missing = pages.reduce((sum, page) => sum + page.missing, 0);
  const unreadable = pages.reduce((sum, page) => sum + page.unreadable, 0);
  const phoneNameOf = ({ user_id, device_id }: AuditLineBody): string | undefined =>
    user_id === undefined || device_id === undefined ? undefined : names.get(keyOf({ user_id, device_id }));
  const filtered = kind !== "all" || text !== "";

  return (
    <>
      <p className="quiet-text">{t("audit.intro")}</p>
      <div className="audit-filter">
        <div>
          <label htmlFor="audit-kind">{t("audit.kind")}</label>
          <select
            id="audit-kind"
            value={kind}
            onChange={(event) => setKind(AUDIT_KINDS.find((known) => known === event.target.value) ?? "all")}
          >
            {AUDIT_KINDS.map((known) => (
              <option key={known} value={known}>
                {t(`audit.kinds.${known}`)}
              </option>
            ))}
          </select>
        </div>
        <div>
          <label htmlFor="audit-search">{t("audit.search")}</label>
          <input
            id="audit-search"
            type="search"
            value={typed}
            maxLength={200}
            autoComplete="off"
            spellCheck={false}
            placeholder={t("audit.searchHint")}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
        <SaveAudit filter={filter} />
      </div>
      <NoticeLine place="audit" />
      {missing > 0 ? <Doubt text={t("audit.missing", { count: missing })} /> : null}
      {unreadable > 0 ? <Doubt text={t("audit.unreadable", { count: unreadable })} /> : null}
      {error ? <ProblemLine thrown={error} onRetry={() => void client.invalidateQueries({ queryKey: ["audit"] })} /> : null}
      <p role="status" className="unseen">
        {isPending || isFetching ? "" : t("audit.shown", { count: lines.length })}
      </p>
      {isPending ? (
        <div className="skeleton" aria-hidden="true">
          <span />
          <span />
        </div>
      ) : null}
      {data && lines.length === 0 ? <p>{hasNextPage ? t("audit.noneYet") : filtered ? t("audit.noMatch") : t("audit.empty")}</p> : null}
      {lines.length > 0 ? (
        <ol className="rows audit-lines" aria-label={t("audit.heading")}>
          {lines.map((line) => (
            <AuditLine key={line.seq} line={line} phoneName={phoneNameOf(line)} />
          ))}
        </ol>
      ) : null}
      {hasNextPage ? (
        <Action busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t(isFetchingNextPage ? "page.loading" : "audit.older")}
        </Action>
      ) : null}
    </>
  );
}

function Doubt({ text }: { readonly text: string }): ReactNode {
  return (
    <div className="note" role="status">
      <p>
        <Icon name="warning" />
        <span>{text}</span>
      </p>
    </div>
  );
}
