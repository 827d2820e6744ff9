import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { AuditEntry, Device, Instant } from "../../../core/index.ts";
import type { Draft, RowNames } from "../../../core/store/index.ts";
import { openDraft } from "../draft.ts";
import type { LedgerChange } from "../ledger.ts";
import type { ObserveCommit } from "../measures.ts";
import { auditLineAround } from "../one-line.ts";
import type { Database, Query, Session } from "./connection.ts";
import { codeOfError, isConflict, isRepeatable, OutcomeUnknown } from "./errors.ts";
import { type LoadedRows, loadRows, NearPendingLimit } from "./load-rows.ts";
import { mergeNames } from "./names.ts";
import { planOutbox } from "./plan-outbox.ts";
import { countsOf, writeRows } from "./write-rows.ts";

/** One change that waits to be decided. */
export interface Waiting {
  readonly names: () => RowNames;
  readonly decide: (draft: Draft) => unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (cause: unknown) => void;
}

export interface TransactionDeps {
  readonly database: Database;
  readonly channel: string;
  readonly usedSeq: number;
  readonly now: () => Instant;
  readonly seen: (device: Device) => Device;
  /** Called with the id of each change before it can be seen by anyone. */
  readonly committing: (changeId: string) => void;
  /** Called with the id of a change of which it stays unknown whether it was committed: nobody reports it here. */
  readonly unanswered: (changeId: string) => void;
  /** Called when all is read and decided, and only writing is left; once more with each further try. */
  readonly decided?: (() => void) | undefined;
  readonly observe?: ObserveCommit | undefined;
  /** How long to wait before another try; absent: a few milliseconds, longer each time. */
  readonly pause?: (tries: number) => Promise<unknown>;
}

/** Answers each of the batch once all of it is committed. */
export type Answers = readonly (() => void)[];

const MAX_TRIES = 8;
const VERIFY_FOR_MS = 8000;
const VERIFY_EVERY_MS = 250;

/**
 * Limits for one transaction, since a pooler may give the connection to others after it. A server that was paused, or whose connection
 * is dead, loses its locks soon.
 */
const BEGIN = `begin isolation level read committed;
set local lock_timeout = '5s'; set local statement_timeout = '10s'; set local idle_in_transaction_session_timeout = '10s'`;

/**
 * Commits what `work` did once it has resolved, and nothing otherwise. Where another transaction was in the way, all of it is done again.
 * Rejects with {@link OutcomeUnknown} when the connection was lost during the commit.
 */
export async function inTransaction<Answer>(
  database: Pick<Database, "withSession">,
  work: (query: Query) => Promise<Answer>,
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await begin(database, async (session) => {
        const answer = await work(session.query);
        if ((await commit(session, true)) === "unknown") throw new OutcomeUnknown("the connection was lost");
        return answer;
      });
    } catch (cause) {
      if (!isRepeatable(cause) || tries >= MAX_TRIES) throw cause;
      await pauseAfter(tries);
    }
  }
}

/** `work` commits what it did itself; it is rolled back when `work` rejects. */
async function begin<Answer>(database: Pick<Database, "withSession">, work: (session: Session) => Promise<Answer>): Promise<Answer> {
  return database.withSession(async (session) => {
    try {
      await session.query(BEGIN);
      return await work(session);
    } catch (cause) {
      if (!session.isBroken()) await session.query("rollback").catch(() => undefined);
      throw cause;
    }
  });
}

/** A few milliseconds, longer each time. */
async function pauseAfter(tries: number): Promise<void> {
  await delay(Math.random() * 2 ** tries * 5);
}

/**
 * Rejects, with nobody answered and nothing changed, when the database does not take it; with {@link OutcomeUnknown} when that cannot be
 * found out. Conflicts are tried again.
 */
export async function runTransaction(batch: readonly Waiting[], deps: TransactionDeps): Promise<Answers> {
  const pause = deps.pause ?? pauseAfter;
  let lockPending = false;
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(batch, deps, lockPending);
    } catch (cause) {
      if (cause instanceof NearPendingLimit) lockPending = true;
      else if (!(isConflict(cause) || cause instanceof RolledBack) || tries >= MAX_TRIES) throw cause;
      else await pause(tries);
    }
  }
}

/** The connection was cut during the commit, and nothing was committed. */
class RolledBack extends Error {}

async function attempt(batch: readonly Waiting[], deps: TransactionDeps, lockPending: boolean): Promise<Answers> {
  const changeId = randomUUID();
  const from = performance.now();
  const { answers, audit, outcome } = await begin(deps.database, async (session) => {
    const decided = await decideBatch(session.query, batch, deps, { changeId, lockPending });
    if (decided.hasChanges) deps.committing(changeId);
    return { ...decided, outcome: await commit(session, decided.hasChanges) };
  });
  if (outcome === "unknown" && !(await isKnownCommitted(deps, changeId))) throw new RolledBack();
  if (audit) deps.observe?.({ audit, milliseconds: performance.now() - from });
  return answers;
}

async function isKnownCommitted({ database, unanswered }: TransactionDeps, changeId: string): Promise<boolean> {
  try {
    return await isCommitted(database, changeId);
  } catch (cause) {
    unanswered(changeId);
    throw cause;
  }
}

async function commit(session: Session, hasChanges: boolean): Promise<"committed" | "unknown"> {
  try {
    await session.query("commit");
    return "committed";
  } catch (cause) {
    if (hasChanges && session.isBroken()) return "unknown";
    throw cause;
  }
}

/**
 * Whether the change with this id was committed. Rejects with {@link OutcomeUnknown} when that cannot be found out in time. Its row of
 * `changes` is inserted again, and not kept: that waits until the transaction in question has ended, which may still be under way on the
 * server, and then fails only if it was committed. A primary that crashed and came back has changes that its synchronous standby may lack: a later commit of our own
 * is acknowledged when the standby has both.
 */
async function isCommitted(database: Database, changeId: string): Promise<boolean> {
  const until = performance.now() + VERIFY_FOR_MS;
  for (;;) {
    try {
      const committed = await database.withSession(async ({ query }) => {
        await query(BEGIN);
        try {
          await query(INSERT_AGAIN, [-randomInt(2 ** 47), changeId]);
          return false;
        } catch (cause) {
          if (codeOfError(cause) === "23505") return true;
          throw cause;
        } finally {
          await query("rollback").catch(() => undefined);
        }
      });
      if (committed) await database.query(WRITE_PROBE);
      return committed;
    } catch (cause) {
      if (performance.now() > until) throw new OutcomeUnknown(cause);
      await delay(VERIFY_EVERY_MS);
    }
  }
}

/** A change of nothing that anybody reads, and durable as every other. */
export const WRITE_PROBE = "update topdog.probe set probed = probed + 1";
const INSERT_AGAIN = "insert into topdog.changes (seq, change_id, at, kind, key) values ($1, $2, 0, '', '')";

/** Loads, decides and writes. Each change sees those before it in the batch; one whose decision throws is rejected alone. */
async function decideBatch(
  query: Query,
  batch: readonly Waiting[],
  { seen, usedSeq, channel, now, decided }: TransactionDeps,
  { changeId, lockPending }: { readonly changeId: string; readonly lockPending: boolean },
): Promise<{ readonly answers: Answers; readonly hasChanges: boolean; readonly audit?: readonly AuditEntry[] }> {
  const rows = await loadRows(query, mergeNames(batch.map(({ names }) => names())), { seen, lockPending });
  rows.ledger.usedSeq = usedSeq;
  const before = countsOf(rows.ledger);
  const { answers, changes, audit } = decideAll(batch, rows);
  if (changes.length === 0) return { answers, hasChanges: false };
  const outbox = await planOutbox(query, changes, rows);
  decided?.();
  await writeRows(query, changes, rows, before, outbox, {
    changeId,
    channel,
    at: now(),
    audit: audit.map(({ at, entry }) => ({ at, event: entry.event, around: auditLineAround(at, entry) })),
  });
  return { answers, hasChanges: true, audit: audit.map(({ entry }) => entry) };
}

interface DecidedAll {
  readonly answers: Answers;
  readonly changes: readonly LedgerChange[];
  readonly audit: readonly { readonly at: Instant; readonly entry: AuditEntry }[];
}

function decideAll(batch: readonly Waiting[], { ledger }: LoadedRows): DecidedAll {
  const changes: LedgerChange[] = [];
  const audit: { at: Instant; entry: AuditEntry }[] = [];
  const draft = openDraft(ledger, (change, { at, audit: entries }) => {
    changes.push(change);
    audit.push(...entries.map((entry) => ({ at, entry })));
  });
  const answers = batch.map((waiting) => {
    try {
      const answer = waiting.decide(draft);
      return () => waiting.resolve(answer);
    } catch (cause) {
      return () => waiting.reject(cause);
    }
  });
  draft.merge();
  return { answers, changes, audit };
}
