import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Approval, isDecidedHere, type MessageDelivery, type Notification, statusOf } from "../data/approval.ts";
import { mergeLists, useApprovals, useNotifications } from "../data/lists.ts";
import { usePageState, useServerTime, useWasShown } from "../data/page-state.ts";
import type { IconName } from "../parts/icon.tsx";
import { LongList, useSearch } from "../parts/long-list.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { RowHead } from "../parts/row-head.tsx";
import { fill, Ltr } from "../parts/sentence.tsx";
import { dayAndTime } from "../parts/times.ts";
import { MessageDeliveries, RequestedBy } from "./message-deliveries.tsx";

const STATUS_ICON: Readonly<Record<Approval["status"], IconName>> = {
  pending: "waiting",
  approved: "pass",
  rejected: "error",
  expired: "close",
  cancelled: "close",
};

type Entry = { readonly id: string; readonly at: string } & ({ readonly approval: Approval } | { readonly notification: Notification });

const idOf = ({ id }: Entry): string => id;

/** The messages that were sent to phones, and their outcome. */
export function SentHistory({ clockOffset }: { readonly clockOffset: number }): ReactNode {
  const { t } = useTranslation();
  // The list may be long: it is read when it can be seen.
  const isShown = useWasShown("approvals");
  return (
    <section className="card" aria-labelledby="sent-heading">
      <h2 id="sent-heading">{t("approvals.history")}</h2>
      {isShown ? <Entries clockOffset={clockOffset} /> : null}
    </section>
  );
}

function Entries({ clockOffset }: { readonly clockOffset: number }): ReactNode {
  const { t } = useTranslation();
  const { refresh } = usePageState();
  const search = useSearch();
  const list = mergeLists<Approval, Notification, Entry>(
    useApprovals("all", search.text),
    (approval) => ({ id: approval.approval_id, at: approval.requested_at, approval }),
    useNotifications(search.text),
    (notification) => ({ id: notification.notification_id, at: notification.sent_at, notification }),
  );
  const now = useServerTime(clockOffset);
  if (list.error) return <ProblemLine thrown={list.error} onRetry={() => void Promise.all([refresh("approvals"), refresh("messages")])} />;
  if (list.isPending) return <p>{t("page.loading")}</p>;
  return (
    <>
      {list.items.length === 0 && search.text === "" && !list.isStale ? <p>{t("approvals.nothingSent")}</p> : null}
      <LongList list={list} idOf={idOf} rows="ol" label={t("approvals.history")} search={search} searchLabel={t("approvals.searchHistory")}>
        {(entry) =>
          "approval" in entry ? (
            <ApprovalRow approval={entry.approval} status={statusOf(entry.approval, now)} clockOffset={clockOffset} />
          ) : (
            <NotificationRow notification={entry.notification} clockOffset={clockOffset} />
          )
        }
      </LongList>
    </>
  );
}

interface ApprovalRowProps {
  readonly approval: Approval;
  readonly status: Approval["status"];
  readonly clockOffset: number;
}

// Rows are memoized: there may be hundreds, and the clock ticks each second.
const ApprovalRow = memo(({ approval, status, clockOffset }: ApprovalRowProps): ReactNode => {
  const { t } = useTranslation();
  const { decided_by, decided_by_name, decided_at } = approval;
  const facts = (
    <>
      <span>{t(`approvals.status.${status}`)}</span>
      {decided_by === undefined || decided_at === undefined ? null : (
        <span>
          {fill(isDecidedHere(approval) ? "approvals.byComputer" : "approvals.byPhone", {
            name: <bdi>{decided_by_name ?? decided_by}</bdi>,
            time: dayAndTime(Date.parse(decided_at) - clockOffset),
          })}
        </span>
      )}
      <RequestedBy approval={approval} />
    </>
  );
  return (
    <SentRow
      icon={STATUS_ICON[status]}
      status={status}
      project={approval.project_name}
      facts={facts}
      build={approval.build_id}
      at={approval.requested_at}
      text={approval.comment}
      deliveries={approval.deliveries}
      clockOffset={clockOffset}
    />
  );
});

interface NotificationRowProps {
  readonly notification: Notification;
  readonly clockOffset: number;
}

const NotificationRow = memo(({ notification: { payload, sent_at, deliveries }, clockOffset }: NotificationRowProps): ReactNode => {
  const { t } = useTranslation();
  return (
    <SentRow
      icon="comment"
      project={payload.project_name}
      facts={<span>{t(payload.alert ? "approvals.alert" : `approvals.buildStatus.${payload.status}`)}</span>}
      build={payload.build_id}
      at={sent_at}
      text={payload.message}
      deliveries={deliveries}
      clockOffset={clockOffset}
    />
  );
});

interface SentRowProps {
  readonly icon: IconName;
  readonly status?: string;
  readonly project: string;
  readonly facts: ReactNode;
  readonly build: string;
  readonly at: string;
  readonly text: string | undefined;
  readonly deliveries: readonly MessageDelivery[];
  readonly clockOffset: number;
}

function SentRow({ icon, status = "", project, facts, build, at, text, deliveries, clockOffset }: SentRowProps): ReactNode {
  return (
    <li className="row">
      <RowHead icon={icon} status={status}>
        <div className="row-text">
          <h3>
            <bdi>{project}</bdi>
          </h3>
          <p className="facts">
            {facts}
            <span>{fill("approvals.build", { build: <Ltr>{build}</Ltr> })}</span>
            <span>{dayAndTime(Date.parse(at) - clockOffset)}</span>
          </p>
          {text === undefined ? null : (
            <p>
              <bdi>{text}</bdi>
            </p>
          )}
        </div>
      </RowHead>
      <MessageDeliveries deliveries={deliveries} clockOffset={clockOffset} />
    </li>
  );
}
