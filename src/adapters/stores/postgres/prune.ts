import { type Approval, DAY, type Device, type Instant, type Log, MINUTE, SECOND } from "../../../core/index.ts";
import { createApprovalRetention, type Decision, isPastDevice, isPastSession, isPastText, type Submit } from "../../../core/store/index.ts";
import { readApproval } from "../file/approval-records.ts";
import { readDevice, readSession } from "../file/records.ts";
import { readText } from "../file/text-records.ts";
import type { Query, Row } from "./connection.ts";
import { DATABASE_NOW } from "./database-clock.ts";
import { reasonOf } from "./errors.ts";

/** How many days what is over is stored. */
export interface RetentionDays {
  readonly sessions: number;
  readonly devices: number;
  readonly audit: number;
}

export interface Pruning {
  /** Deletes what is past its time; also called every few minutes. Any number of servers may do it at once. */
  prune(): Promise<void>;
  stop(): void;
}

interface PruneDeps {
  readonly query: Query;
  readonly submit: Submit;
  /** 0 while a clock that jumped must delete nothing. */
  readonly retentionNow: () => Instant;
  readonly keep: RetentionDays;
  readonly log: Log;
}

const EVERY_MS = 600_000;
/** What one step takes: others get their turn in between. */
const AT_ONCE = 256;
const LINES_AT_ONCE = 2000;
/** Longer than any server needs to find out what it missed, or whether its change was committed. */
const CHANGES_MS = 60 * MINUTE;
/** Longer than any window of the budgets, so that a clock that is set back a little loses nothing. */
const SENDS_MS = 2 * DAY;

export function createPruning(deps: PruneDeps): Pruning {
  let running: Promise<void> | undefined;
  const prune = (): Promise<void> => {
    running ??= pruneAll(deps).finally(() => {
      running = undefined;
    });
    return running;
  };
  const timer = setInterval(() => {
    prune().catch((cause: unknown) => deps.log.warn("what is past its time could not be deleted", { reason: reasonOf(cause) }));
  }, EVERY_MS);
  timer.unref();
  return { prune, stop: () => clearInterval(timer) };
}

async function pruneAll(deps: PruneDeps): Promise<void> {
  const now = deps.retentionNow();
  await pruneRecords(deps, now);
  await pruneApprovals(deps.query, now);
  await pruneAudit(deps.query, now - deps.keep.audit * DAY);
  await repeat(deps.query, DELETE_MESSAGES, [now, AT_ONCE]);
  await repeat(
    deps.query,
    "delete from topdog.revoked where jti in (select jti from topdog.revoked where exp <= $1 limit $2) returning 1",
    [Math.floor(now / SECOND), LINES_AT_ONCE],
  );
  await deps.query("delete from topdog.sends where sent_at <= $1", [now - SENDS_MS]);
  await deps.query("delete from topdog.changes where at <= $1", [now - CHANGES_MS]);
  await deps.query("delete from topdog.guesses where ends_at <= $1", [now]);
  await deps.query(DELETE_ENDED_RUNS);
  await deps.query(DELETE_CONNECTIONS);
}

interface Past {
  readonly at: Instant;
  readonly now: Instant;
  readonly keep: RetentionDays;
  readonly sessions?: readonly string[];
  readonly texts?: readonly string[];
  readonly devices?: readonly Pick<Device, "userId" | "deviceId">[];
}

/** Judges the rows again under their locks. */
const forgetPast: Decision<Past, void> = {
  rows: ({ sessions = [], texts = [], devices = [] }) => ({ sessions, texts, devices }),
  decide(draft, { at, now, keep, sessions = [], texts = [], devices = [] }) {
    const pastSessions = sessions.map(draft.session).filter((session) => session && isPastSession(session, now, keep.sessions));
    const pastTexts = texts.map(draft.text).filter((text) => {
      const session = text?.sessionId === undefined ? undefined : draft.sessionById(text.sessionId);
      return text && isPastText(text, now, keep.sessions) && (!session || isPastSession(session, now, keep.sessions));
    });
    const pastDevices = devices.map(draft.device).filter((device) => device && isPastDevice(device, now, keep.devices));
    if (pastSessions.length + pastTexts.length + pastDevices.length === 0) return;
    draft.commit({
      at,
      audit: [],
      sessions: pastSessions.flatMap((session) => (session ? [{ ...session, forgotten: true as const }] : [])),
      texts: pastTexts.flatMap((text) => (text ? [{ ...text, forgotten: true as const }] : [])),
      devices: pastDevices.flatMap((device) => (device ? [{ ...device, forgotten: true as const }] : [])),
    });
  },
};

/** By when they were made, sent or revoked: what is young is not read. */
async function pruneRecords({ query, submit, keep }: PruneDeps, now: Instant): Promise<void> {
  const forget = async (past: Pick<Past, "sessions" | "texts" | "devices">): Promise<void> =>
    submit(forgetPast, { at: now, now, keep, ...past });
  await inPages(query, page("sessions", "created_at", "status <> 'pending'"), now - Math.max(1, keep.sessions) * DAY, async (rows) =>
    forget({ sessions: rows.flatMap(({ data }) => readSession(data)?.codeHash ?? []) }),
  );
  await inPages(query, page("texts", "last_sent_at", "true"), now - Math.max(1, keep.sessions) * DAY, async (rows) =>
    forget({ texts: rows.map(({ data }) => readText(data).id) }),
  );
  await inPages(query, page("devices", "revoked_at", "revoked_at is not null"), now - keep.devices * DAY, async (rows) =>
    forget({ devices: rows.map(({ data }) => readDevice(data)) }),
  );
}

function page(table: string, time: string, where: string): string {
  return `select ${time} as at, ord, data from topdog.${table}
    where ${where} and ${time} <= $1 and (${time}, ord) > ($2::bigint, $3::bigint) order by ${time}, ord limit $4`;
}

async function inPages(query: Query, text: string, until: Instant, work: (rows: readonly Row[]) => Promise<void>): Promise<void> {
  let [at, ord] = [Number.MIN_SAFE_INTEGER, 0];
  for (;;) {
    const rows = await query(text, [until, at, ord, AT_ONCE]);
    if (rows.length > 0) await work(rows);
    const last = rows.at(-1);
    if (!last || rows.length < AT_ONCE) return;
    [at, ord] = [last["at"] as number, last["ord"] as number];
  }
}

async function pruneApprovals(query: Query, now: Instant): Promise<void> {
  const retention = createApprovalRetention(now);
  const settled = (await query(READ_SETTLED)).map(({ data }): Approval => readApproval(data));
  for (const approval of settled) retention.count(approval);
  const past = settled.filter((approval) => retention.isPast(approval)).map(({ approvalId }) => approvalId);
  if (now > 0 && past.length > 0) await query("delete from topdog.approvals where approval_id = any($1) and status <> 'pending'", [past]);
}

/** The oldest lines only, up to the first that is young, and never the newest: the numbers of those that stay have no gap. */
async function pruneAudit(query: Query, until: Instant): Promise<void> {
  await repeat(
    query,
    `delete from topdog.audit where seq in (
      select seq from topdog.audit where seq < (
        select coalesce((select min(seq) from topdog.audit where at > $1), (select max(seq) from topdog.audit))
      ) order by seq limit $2) returning 1`,
    [until, LINES_AT_ONCE],
  );
}

/** A statement that deletes at most so many rows, the last of its values, until there are fewer. */
async function repeat(query: Query, text: string, values: readonly number[]): Promise<void> {
  while ((await query(text, values)).length >= (values.at(-1) ?? 0));
}

const READ_SETTLED = "select data from topdog.approvals where settled_at is not null order by ord";

/** Of servers that are gone. Other leases keep their rows, whose epochs only rise. */
const DELETE_ENDED_RUNS = `delete from topdog.leases where name like 'server %' and until <= ${DATABASE_NOW} - ${DAY}`;

const DELETE_CONNECTIONS = `
delete from topdog.connections c where not exists (select from topdog.devices d where d.device_key = c.device_key)`;

/** With their places in the phones' queues. */
const DELETE_MESSAGES = `
with past as (
  delete from topdog.messages where message_id in (select message_id from topdog.messages where expires_at <= $1 limit $2) returning message_id
), places as (
  delete from topdog.queue q using past where q.message_id = past.message_id returning q.device_key, q.bytes
), counted as (
  update topdog.inboxes i set queued = i.queued - p.count, queued_bytes = i.queued_bytes - p.bytes
  from (select device_key, count(*) as count, sum(bytes)::bigint as bytes from places group by device_key) p
  where i.device_key = p.device_key
)
select message_id from past`;
