import i18next from "i18next";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AnswerOf } from "../../contract/operations.ts";
import type { audit } from "../../words/en/settings-page/audit.ts";
import { keyOf } from "../data/follow-devices.ts";
import { useAudit, usePageState } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { Chip } from "../parts/chip.tsx";
import { Icon } from "../parts/icon.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { useSearch } from "../parts/long-list.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { fill, Ltr } from "../parts/sentence.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { day, dayAndTime, dayName } from "../parts/times.ts";
import { AUDIT_KINDS, type AuditKind, type AuditLineBody, iconOf, isDoubtful, questionOf } from "./audit-filter.ts";
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
      <KindChoice kind={kind} onChoose={setKind} />
      <div className="audit-filter">
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
    <fieldset className="chips" aria-label={t("audit.kind")}>
      {AUDIT_KINDS.map((known) => (
        <Chip key={known} isOn={known === kind} onPress={() => onChoose(known)}>
          {t(`audit.kinds.${known}`)}
        </Chip>
      ))}
    </fieldset>
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
        .map((line, place, all) => (
          <AuditLine
            key={line.seq}
            line={line}
            phoneName={phoneNameOf(line)}
            isNewDay={place === 0 || dayOf(line) !== dayOf(all[place - 1])}
          />
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

type KnownEvent = keyof typeof audit.events;

interface AuditLineProps {
  readonly line: AuditLineBody;
  /** The current name of its phone, if that is still listed. */
  readonly phoneName: string | undefined;
  /** The line before it is of another day. */
  readonly isNewDay: boolean;
}

/** One line of the trail as a sentence. An event that this page does not know is shown by its name. */
function AuditLine({ line, phoneName, isNewDay }: AuditLineProps): ReactNode {
  const { t } = useTranslation();
  const phone = phoneName || line.device_id;
  const settled = settledWithoutPhone(line);
  return (
    <li className="row audit-line">
      {isNewDay ? <h3 className="audit-day">{dayName(Date.parse(line.ts))}</h3> : null}
      <span className={`audit-icon ${isDoubtful(line.event) ? "check" : ""}`}>
        <Icon name={iconOf(line.event)} />
      </span>
      <p>
        {settled !== undefined ? (
          t(`audit.settled.${settled}`)
        ) : isKnown(line.event) ? (
          fill(`audit.events.${line.event}`, { phone: <bdi>{phone ?? t("audit.aPhone")}</bdi> })
        ) : (
          <Ltr>{line.event}</Ltr>
        )}
      </p>
      <p className="facts">
        <time dateTime={line.ts}>{dayAndTime(Date.parse(line.ts))}</time>
        {line.phone_number === undefined ? null : <Ltr>{line.phone_number}</Ltr>}
        {line.user_id === undefined ? null : <span>{fill("audit.user", { user: <bdi>{line.user_id}</bdi> })}</span>}
        {line.ip === undefined ? null : <span>{fill("audit.from", { address: <Ltr>{line.ip}</Ltr> })}</span>}
        {line.reason === undefined ? null : <bdi>{line.reason.replaceAll("_", " ")}</bdi>}
        <span>{t("audit.number", { number: line.seq })}</span>
      </p>
      {line.ua === undefined ? null : (
        <p className="quiet-text agent" dir="ltr" title={line.ua}>
          {line.ua}
        </p>
      )}
    </li>
  );
}

function dayOf(line: AuditLineBody | undefined): string {
  return line === undefined ? "" : day(Date.parse(line.ts));
}

/** How an approval ended that no phone answered. */
function settledWithoutPhone({ event, device_id, reason, via }: AuditLineBody): keyof typeof audit.settled | undefined {
  if (event !== "approval_decided" || device_id !== undefined) return undefined;
  if (reason === "expired" || reason === "cancelled") return reason;
  return via === "admin" ? "admin" : "computer";
}

function isKnown(event: string): event is KnownEvent {
  return i18next.exists(`audit.events.${event}`);
}
