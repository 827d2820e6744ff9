import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AnswerOf } from "../../contract/operations.ts";
import { keyOf } from "../data/follow-devices.ts";
import { useAudit, usePageState } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { useSearch } from "../parts/long-list.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { AUDIT_KINDS, type AuditKind, type AuditLineBody, questionOf } from "./audit-filter.ts";
import { AuditLine } from "./audit-line.tsx";
import { SaveAudit } from "./save-audit.tsx";

/** The newest lines of the audit trail, with a filter, a search and a button for older ones. */
export function AuditLines(): ReactNode {
  const { t } = useTranslation();
  const { client } = usePageState();
  const [kind, setKind] = useState<AuditKind>("all");
  const search = useSearch();
  const filter = { kind, text: search.text };
  const { data, error, isPending, isFetching, isFetchingNextPage, hasNextPage, fetchNextPage } = useAudit(questionOf(filter));
  const pages = data?.pages ?? [];
  const count = pages.reduce((sum, page) => sum + page.lines.length, 0);
  const missing = pages.reduce((sum, page) => sum + page.missing, 0);
  const unreadable = pages.reduce((sum, page) => sum + page.unreadable, 0);
  const isFiltered = kind !== "all" || search.text !== "";

  return (
    <>
      <p className="quiet-text">{t("audit.intro")}</p>
      <div className="audit-filter">
        <KindChoice kind={kind} onChoose={setKind} />
        <div>
          <label htmlFor="audit-search">{t("audit.search")}</label>
          <input
            id="audit-search"
            type="search"
            value={search.typed}
            maxLength={200}
            autoComplete="off"
            spellCheck={false}
            placeholder={t("audit.searchHint")}
            onChange={(event) => search.type(event.target.value)}
          />
        </div>
        <SaveAudit filter={filter} />
      </div>
      <NoticeLine place="audit" />
      {missing > 0 ? <Doubt text={t("audit.missing", { count: missing })} /> : null}
      {unreadable > 0 ? <Doubt text={t("audit.unreadable", { count: unreadable })} /> : null}
      {error ? <ProblemLine thrown={error} onRetry={() => void client.invalidateQueries({ queryKey: ["audit"] })} /> : null}
      <p role="status" className="unseen">
        {isPending || isFetching ? "" : t("audit.shown", { count })}
      </p>
      {isPending ? <Skeleton /> : null}
      {data && count === 0 ? <p>{hasNextPage ? t("audit.noneYet") : isFiltered ? t("audit.noMatch") : t("audit.empty")}</p> : null}
      {count > 0 ? <Lines pages={pages} /> : null}
      {hasNextPage ? (
        <Action busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t(isFetchingNextPage ? "page.loading" : "audit.older")}
        </Action>
      ) : null}
    </>
  );
}

function KindChoice({ kind, onChoose }: { readonly kind: AuditKind; readonly onChoose: (kind: AuditKind) => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <div>
      <label htmlFor="audit-kind">{t("audit.kind")}</label>
      <select
        id="audit-kind"
        value={kind}
        onChange={(event) => onChoose(AUDIT_KINDS.find((known) => known === event.target.value) ?? "all")}
      >
        {AUDIT_KINDS.map((known) => (
          <option key={known} value={known}>
            {t(`audit.kinds.${known}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

function Lines({ pages }: { readonly pages: readonly AnswerOf<"listAudit">[] }): ReactNode {
  const { t } = useTranslation();
  const names = new Map(pages.flatMap((page) => page.phones.map((phone) => [keyOf(phone), phone.device_name])));
  const phoneNameOf = ({ user_id, device_id }: AuditLineBody): string | undefined =>
    user_id === undefined || device_id === undefined ? undefined : names.get(keyOf({ user_id, device_id }));
  return (
    <ol className="rows audit-lines" aria-label={t("audit.heading")}>
      {pages
        .flatMap(({ lines }) => lines)
        .map((line) => (
          <AuditLine key={line.seq} line={line} phoneName={phoneNameOf(line)} />
        ))}
    </ol>
  );
}

function Doubt({ text }: { readonly text: string }): ReactNode {
  return (
    <div className="note" role="status">
      <IconText icon="warning">{text}</IconText>
    </div>
  );
}
