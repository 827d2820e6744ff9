import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Approval, isDecidedHere, statusOf } from "../data/approval.ts";
import type { InvitesView } from "../data/follow-invites.ts";
import { useAnswers, useApprovals } from "../data/lists.ts";
import { usePageState, useServerTime } from "../data/page-state.ts";
import { Dismiss } from "../parts/dismiss.tsx";
import type { IconName } from "../parts/icon.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { LongList, useSearch } from "../parts/long-list.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { fill } from "../parts/sentence.tsx";
import { clockTime } from "../parts/times.ts";
import { WaitingApproval } from "./waiting-approval.tsx";

interface AnsweredApprovalsProps {
  /** Each waited on this page, and was not answered by it. */
  readonly approvals: readonly Approval[];
  readonly clockOffset: number;
  readonly onDismiss: (approvalId: string) => void;
}

const ICONS: Readonly<Record<Approval["status"], IconName>> = {
  pending: "waiting",
  approved: "pass",
  rejected: "error",
  expired: "warning",
  cancelled: "close",
};

/** The outcome of approvals that were answered elsewhere, until it is dismissed. */
function AnsweredApprovals({ approvals, clockOffset, onDismiss }: AnsweredApprovalsProps): ReactNode {
  const { t } = useTranslation();
  return (
    <div role="status">
      {approvals.map((approval) => (
        <div key={approval.approval_id} className={`notice ${approval.status === "approved" ? "good" : "check"}`}>
          <IconText icon={ICONS[approval.status]}>
            <bdi>{approval.project_name}</bdi>: {outcomeOf(approval, clockOffset)}
          </IconText>
          <Dismiss
            name={t("approvals.about", { action: t("page.dismiss"), name: approval.project_name })}
            onDismiss={() => onDismiss(approval.approval_id)}
          />
        </div>
      ))}
    </div>
  );
}

function outcomeOf(approval: Approval, clockOffset: number): ReactNode {
  const { status, decided_by, decided_by_name, decided_at } = approval;
  if (status === "cancelled") return fill("approvals.outcome.cancelled", {});
  if (status !== "approved" && status !== "rejected") return fill("approvals.outcome.expired", {});
  return fill(`approvals.outcome.${status}${isDecidedHere(approval) ? "Here" : "On"}`, {
    name: <bdi>{decided_by_name ?? decided_by}</bdi>,
    time: decided_at === undefined ? "" : <time dateTime={decided_at}>{clockTime(Date.parse(decided_at) - clockOffset)}</time>,
  });
}

const idOf = ({ approval_id }: Approval): string => approval_id;

/** The approvals that wait for an answer. */
export function WaitingApprovals({ view: { clockOffset, overview } }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { places, refresh } = usePageState();
  const { items, error } = useApprovals("waiting");
  const search = useSearch();
  const list = useApprovals("waiting", search.text);
  const now = useServerTime(clockOffset);
  const heading = useRef<HTMLHeadingElement>(null);
  const isWaiting = (approval: Approval): boolean => statusOf(approval, now) === "pending";
  const waiting = items.filter(isWaiting);
  const { answered, settle } = useAnsweredElsewhere(waiting, now);
  useAnnouncement(waiting);

  if (error) return <ProblemLine thrown={error} onRetry={() => void refresh("approvals")} />;
  return (
    <section className="card" aria-labelledby="approvals-heading">
      <h2 id="approvals-heading" tabIndex={-1} ref={heading}>
        <span ref={places.mark("approvals")} tabIndex={-1}>
          {waiting.length > 0 ? t("approvals.heading") : t("approvals.none")}
        </span>
      </h2>
      <NoticeLine place="approvals" />
      <AnsweredApprovals approvals={answered} clockOffset={clockOffset} onDismiss={settle} />
      {waiting.length > 0 ? (
        <LongList
          list={{ ...list, items: list.items.filter(isWaiting) }}
          idOf={idOf}
          label={t("approvals.heading")}
          search={search}
          searchLabel={t("approvals.search")}
        >
          {(approval) => (
            <WaitingApproval
              approval={approval}
              clockOffset={clockOffset}
              canAnswer={overview.answers_at_computer === "window"}
              onDecided={() => {
                settle(approval.approval_id);
                heading.current?.focus();
              }}
            />
          )}
        </LongList>
      ) : (
        <p className="quiet-text">{t("approvals.noneText")}</p>
      )}
    </section>
  );
}

/** The approvals that waited on this page and were answered by something else, until `settle` dismisses them. */
function useAnsweredElsewhere(waiting: readonly Approval[], now: number) {
  const ids = waiting.map(idOf);
  const [watched, setWatched] = useState<ReadonlySet<string>>(new Set());
  if (ids.some((id) => !watched.has(id))) setWatched(new Set([...watched, ...ids]));
  /** Answered by this page, or dismissed. */
  const [settled, setSettled] = useState<ReadonlySet<string>>(new Set());
  const answered = useAnswers([...watched].filter((id) => !settled.has(id) && !ids.includes(id)))
    .map((approval) => ({ ...approval, status: statusOf(approval, now) }))
    .filter(({ status }) => status !== "pending")
    .toSorted((one, other) => other.requested_at.localeCompare(one.requested_at));
  return { answered, settle: (id: string): void => setSettled((before) => new Set([...before, id])) };
}

/** Screen readers announce each approval once. */
function useAnnouncement(waiting: readonly Approval[]): void {
  const { notices } = usePageState();
  const announced = useRef(new Set<string>());
  useEffect(() => {
    for (const { approval_id, project_name } of waiting) {
      if (announced.current.has(approval_id)) continue;
      announced.current.add(approval_id);
      notices.say("unseen", fill("approvals.asked", { project: project_name }));
    }
  }, [waiting, notices]);
}
