import { memo, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { mergeLists, useApprovals, useNotifications } from "../data/lists.ts";
import { usePageState, useServerTime } from "../data/page-state.ts";
import { Icon, type IconName } from "../parts/icon.tsx";
import { LongList, useSearch } from "../parts/long-list.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { fill, Ltr } from "../parts/sentence.tsx";
import { dayAndTime } from "../parts/times.ts";
import { type Approval, type Notification, statusOf } from "./approval-words.ts";
import { MessageDeliveries } from "./message-deliveries.tsx";
import { RequestedBy } from "./requested-by.tsx";

const STATUS_ICON: Readonly<Record<Approval["status"], IconName>> = {
  pending: "waiting",
  approved: "pass",
  rejected: "error",
  expired: "close",
  cancelled: "close",
};

type Entry = { readonly id: string; readonly at: string } & ({ readonly approval: Approval } | { readonly notification: Notification });

const idOf = ({ id }: Entry): string => id;

/** What was sent to phones and what became of it, closed until somebody wants to know. */
export function SentHistory({ clockOffset }: { readonly clockOffset: number }): ReactNode {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <section className="card" aria-labelledby="sent-heading">
      <details className="folded" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <h2 id="sent-heading">{t("approvals.history")}</h2>
        </summary>
        {open ? <Entries clockOffset={clockOffset} /> : null}
      </details>
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
            <AskedRow approval={entry.approval} status={statusOf(entry.approval, now)} clockOffset={clockOffset} />
          ) : (
            <ToldRow notification={entry.notification} clockOffset={clockOffset} />
          )
        }
      </LongList>
    </>
  );
}

// There may be hundreds of them, and the clock ticks each second.
const AskedRow = memo(Asked);
const ToldRow = memo(Told);

interface AskedProps {
  readonly approval: Approval;
  readonly status: Approval["status"];
  readonly clockOffset: number;
}

function Asked({ approval, status, clockOffset }: AskedProps): ReactNode {
  const { t } = useTranslation();
  const { decided_by, decided_by_name, decided_at, comment } = approval;
  return (
    <li className="row">
      <div className="row-head">
        <span className={`badge ${status}`}>
          <Icon name={STATUS_ICON[status]} />
        </span>
        <div className="row-text">
          <h3>
            <bdi>{approval.project_name}</bdi>
          </h3>
          <p className="facts">
            <span>{t(`approvals.status.${status}`)}</span>
            {decided_by === undefined || decided_at === undefined ? null : (
              <span>
                {fill(decided_by === "desk" && decided_by_name === undefined ? "approvals.byComputer" : "approvals.byPhone", {
                  name: <bdi>{decided_by_name ?? decided_by}</bdi>,
                  time: dayAndTime(Date.parse(decided_at) - clockOffset),
                })}
              </span>
            )}
            <RequestedBy approval={approval} />
            <span>{fill("approvals.build", { build: <Ltr>{approval.build_id}</Ltr> })}</span>
            <span>{dayAndTime(Date.parse(approval.requested_at) - clockOffset)}</span>
          </p>
          {comment === undefined ? null : (
            <p>
              <bdi>{comment}</bdi>
            </p>
          )}
        </div>
      </div>
      <MessageDeliveries deliveries={approval.deliveries} clockOffset={clockOffset} />
    </li>
  );
}

interface ToldProps {
  readonly notification: Notification;
  readonly clockOffset: number;
}

function Told({ notification: { payload, sent_at, deliveries }, clockOffset }: ToldProps): ReactNode {
  const { t } = useTranslation();
  return (
    <li className="row">
      <div className="row-head">
        <span className="badge">
          <Icon name="comment" />
        </span>
        <div className="row-text">
          <h3>
            <bdi>{payload.project_name}</bdi>
          </h3>
          <p className="facts">
            <span>{t(`approvals.buildStatus.${payload.status}`)}</span>
            <span>{fill("approvals.build", { build: <Ltr>{payload.build_id}</Ltr> })}</span>
            <span>{dayAndTime(Date.parse(sent_at) - clockOffset)}</span>
          </p>
          <p>
            <bdi>{payload.message}</bdi>
          </p>
        </div>
      </div>
      <MessageDeliveries deliveries={deliveries} clockOffset={clockOffset} />
    </li>
  );
}
