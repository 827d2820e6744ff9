import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useApprovals, useDesk, useServerTime } from "../data/desk.ts";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { fill } from "../parts/sentence.tsx";
import { standingOf } from "./approval-words.ts";
import { WaitingApproval } from "./waiting-approval.tsx";

/** What somebody waits for stands before everything else; where nobody waits, it takes no room. */
export function WaitingApprovals({ clockOffset }: { readonly clockOffset: number }): ReactNode {
  const { t } = useTranslation();
  const { notices, places, refresh } = useDesk();
  const { data, error } = useApprovals();
  const now = useServerTime(clockOffset);
  const heading = useRef<HTMLHeadingElement>(null);
  const waiting = (data ?? []).filter((approval) => standingOf(approval, now) === "pending");
  const known = useRef(new Set<string>());

  useEffect(() => {
    const fresh = waiting.filter(({ approval_id }) => !known.current.has(approval_id));
    for (const { approval_id, project_name } of fresh) {
      known.current.add(approval_id);
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
      {waiting.length > 0 ? (
        <ul className="rows">
          {waiting.map((approval) => (
            <WaitingApproval
              key={approval.approval_id}
              approval={approval}
              clockOffset={clockOffset}
              onDecided={() => heading.current?.focus()}
            />
          ))}
        </ul>
      ) : null}
    </section>
  );
}
