import { memo, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApprovals, useDesk, useNotifications, useServerTime } from "../data/desk.ts";
import { Icon, type IconName } from "../parts/icon.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { fill, Ltr } from "../parts/sentence.tsx";
import { dayAndTime } from "../parts/times.ts";
import { type Approval, type Notification, standingOf } from "./approval-words.ts";
import { MessageDeliveries } from "./message-deliveries.tsx";
import { RequestedBy } from "./requested-by.tsx";

const STATUS_ICON: Readonly<Record<Approval["status"], IconName>> = {
  pending: "waiting",
  approved: "pass",
  rejected: "error",
  expired: "close",
  cancelled: "close",
};

type Entry = { readonly at: string } & ({ readonly approval: Approval } | { readonly notification: Notification });

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
  const { refresh } = useDesk();
  const approvals = useApprovals();
  const notifications = useNotifications();
  const now = useServerTime(clockOffset);
  const error = approvals.error ?? notifications.error;
  if (error) return <ProblemLine thrown={error} onRetry={() => void Promise.all([refresh("approvals"), refresh("messages")])} />;
  if (!approvals.data || !notifications.data) return <p>{t("page.loading")}</p>;
  const entries: Entry[] = [
    ...approvals.data.map((approval) => ({ at: approval.requested_at, approval })),
    ...notifications.data.map((notification) => ({ at: notification.sent_at, notification })),
  ].sort((one, other) => other.at.localeCompare(one.at));
  if (entries.length === 0) return <p>{t("approvals.nothingSent")}</p>;
  return (
    <ol className="rows" aria-label={t("approvals.history")}>
      {entries.map((entry) =>
        "approval" in entry ? (
          <AskedRow
            key={entry.approval.approval_id}
            approval={entry.approval}
            status={standingOf(entry.approval, now)}
            clockOffset={clockOffset}
          />
        ) : (
          <ToldRow key={entry.notification.notification_id} notification={entry.notification} clockOffset={clockOffset} />
        ),
      )}
    </ol>
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
                {fill(decided_by === "desk" && decided_by_name === undefined ? "approvals.byDesk" : "approvals.byPhone", {
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
