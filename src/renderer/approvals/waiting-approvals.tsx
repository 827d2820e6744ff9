import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAnswers, useApprovals } from "../data/lists.ts";
import { usePageState, useServerTime } from "../data/page-state.ts";
import { LongList, useSearch } from "../parts/long-list.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { fill } from "../parts/sentence.tsx";
import { AnsweredApprovals } from "./answered-approvals.tsx";
import { type Approval, statusOf } from "./approval-words.ts";
import { WaitingApproval } from "./waiting-approval.tsx";

const idOf = ({ approval_id }: Approval): string => approval_id;

/** What somebody waits for stands before everything else; where nobody waits, it takes no room. */
export function WaitingApprovals({ clockOffset }: { readonly clockOffset: number }): ReactNode {
  const { t } = useTranslation();
  const { notices, places, refresh } = usePageState();
  const { items, error } = useApprovals("waiting");
  const search = useSearch();
  const list = useApprovals("waiting", search.text);
  const now = useServerTime(clockOffset);
  const heading = useRef<HTMLHeadingElement>(null);
  const waits = (approval: Approval): boolean => statusOf(approval, now) === "pending";
  const waiting = items.filter(waits);
  const announced = useRef(new Set<string>());
  /** Those that were seen waiting here. */
  const [watched, setWatched] = useState<ReadonlySet<string>>(new Set());
  if (waiting.some(({ approval_id }) => !watched.has(approval_id)))
    setWatched(new Set([...watched, ...waiting.map(({ approval_id }) => approval_id)]));
  /** Answered by this page, or read. */
  const [settled, setSettled] = useState<ReadonlySet<string>>(new Set());
  const left = [...watched].filter((id) => !settled.has(id) && !waiting.some(({ approval_id }) => approval_id === id));
  const answered = useAnswers(left)
    .filter((approval) => !waits(approval))
    .toSorted((one, other) => other.requested_at.localeCompare(one.requested_at));
  const settle = (approvalId: string): void => setSettled((before) => new Set([...before, approvalId]));

  useEffect(() => {
    for (const { approval_id, project_name } of waiting) {
      if (announced.current.has(approval_id)) continue;
      announced.current.add(approval_id);
      notices.say("unseen", fill("approvals.asked", { project: project_name }));
    }
  }, [waiting, notices]);

  if (error) return <ProblemLine thrown={error} onRetry={() => void refresh("approvals")} />;
  return (
    <section className={waiting.length > 0 ? "card" : "card bare"} aria-labelledby="approvals-heading">
      <h2 id="approvals-heading" tabIndex={-1} ref={heading} className={waiting.length > 0 ? "" : "unseen"}>
        <span ref={places.mark("approvals")} tabIndex={-1}>
          {waiting.length > 0 ? t("approvals.heading") : t("approvals.none")}
        </span>
      </h2>
      <NoticeLine place="approvals" />
      <AnsweredApprovals
        approvals={answered.map((approval) => ({ ...approval, status: statusOf(approval, now) }))}
        clockOffset={clockOffset}
        onDismiss={settle}
      />
      {waiting.length > 0 ? (
        <LongList
          list={{ ...list, items: list.items.filter(waits) }}
          idOf={idOf}
          label={t("approvals.heading")}
          search={search}
          searchLabel={t("approvals.search")}
        >
          {(approval) => (
            <WaitingApproval
              approval={approval}
              clockOffset={clockOffset}
              onDecided={() => {
                settle(approval.approval_id);
                heading.current?.focus();
              }}
            />
          )}
        </LongList>
      ) : null}
    </section>
  );
}
