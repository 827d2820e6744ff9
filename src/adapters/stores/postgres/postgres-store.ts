import { randomUUID } from "node:crypto";
import { type CoordinationPorts, type Device, type Instant, type Log, MINUTE, type PairingStore } from "../../../core/index.ts";
import { decidedMethods } from "../../../core/store/index.ts";
import { say } from "../../../words/say.ts";
import { newServerId } from "../../server-id.ts";
import type { MeasuredStore, ObserveCommit } from "../measures.ts";
import { usedSeqAt } from "../message-numbers.ts";
import { type ChangeFeed, createChangeFeed, type ForeignChanges } from "./change-feed.ts";
import { checkDatabase } from "./check-database.ts";
import { createCommitQueue } from "./commit-queue.ts";
import { type ConnectionOptions, type Database, openDatabase, type Query } from "./connection.ts";
import { createConnections } from "./connections.ts";
import { createDatabaseClock, type DatabaseClock } from "./database-clock.ts";
import { ofStatement, reasonOf, unavailable } from "./errors.ts";
import { createGuessCounts } from "./guess-counts.ts";
import { createLeases } from "./leases.ts";
import { createListener } from "./listener.ts";
import { listMethods } from "./lists.ts";
import { SCHEMA } from "./migrations.ts";
import { createOwnLease } from "./own-lease.ts";
import { createPruning, type RetentionDays } from "./prune.ts";
import { deviceMethods, otherMethods, sessionMethods, textMethods } from "./reads.ts";
import { createSeenMarks, UNWRITTEN } from "./seen-marks.ts";
import { createSignals, type Signals } from "./signals.ts";
import { startError } from "./start-errors.ts";
import { createVoiceBoard } from "./voice-board.ts";

export interface PostgresStoreOptions extends ConnectionOptions {
  readonly now: () => Instant;
  /** The moment by which things count as past their retention; absent: now. */
  readonly retentionNow?: () => Instant;
  readonly keep: RetentionDays;
  /** Distinguishes this computer from those of other servers, also after a restart; absent: for this run. */
  readonly host?: string;
  /** Called with what other servers changed. */
  readonly changed?: (changes: ForeignChanges) => void;
  readonly observe?: ObserveCommit | undefined;
  readonly log: Log;
}

export interface PostgresStore extends PairingStore, MeasuredStore {
  /** All servers of a database are one to a phone's browser. */
  readonly serverId: string;
  /** Deletes what is past its time, which happens every few minutes anyway. */
  prune(): Promise<void>;
  /** What the start found that a person should know, a sentence each. */
  readonly warnings: readonly string[];
  /** How the servers of the database take turns. */
  readonly coordination: CoordinationPorts;
}

/**
 * The state in a PostgreSQL database, which any number of servers share. Rejects with a DatabaseError: one line that says what is wrong
 * with the database and what to do.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const { schema = SCHEMA, now, log } = options;
  const database = openDatabase(options, log);
  const clock = createDatabaseClock(database.query, now, log);
  try {
    await checkDatabase(database.query, options, "PAIRING_DATABASE_URL");
    await clock.measure();
    const usedSeq = await readUsedSeq(database.query, now() + clock.offset());
    const serverId = await readServerId(database.query);
    const signals = createSignals(createListener(options, schema, database.query, log));
    const feed = await createChangeFeed({ query: database.query, signals, changed: options.changed ?? (() => undefined), log });
    return createStore({ ...options, database, clock, signals, feed, channel: schema, usedSeq, serverId });
  } catch (cause) {
    clock.stop();
    await database.close();
    throw startError(cause, options, "PAIRING_DATABASE_URL");
  }
}

/** Above what any server has given before: the clock's, or what an import wrote down. A database without a change has given none. */
async function readUsedSeq(query: Query, at: Instant): Promise<number> {
  const [state] = await query("select change_seq, used_seq from topdog.state");
  const { change_seq = 0, used_seq = 0 } = (state ?? {}) as { readonly change_seq?: number; readonly used_seq?: number };
  return change_seq > 0 ? Math.max(used_seq, usedSeqAt(at)) : used_seq;
}

interface StoreDeps extends Omit<PostgresStoreOptions, keyof ConnectionOptions> {
  readonly database: Database;
  readonly clock: DatabaseClock;
  readonly signals: Signals;
  readonly feed: ChangeFeed;
  readonly channel: string;
  readonly usedSeq: number;
  readonly serverId: string;
}

/** The first start of all gives the id. */
async function readServerId(query: Query): Promise<string> {
  await query("update topdog.state set server_id = $1 where server_id is null", [newServerId()]);
  const [state] = await query("select server_id from topdog.state");
  return state?.["server_id"] as string;
}

function createStore(deps: StoreDeps): PostgresStore {
  const { database, clock, signals, feed, log, now } = deps;
  const seen = (device: Device): Device => marks.apply(device);
  const commits = createCommitQueue({ ...deps, seen, offset: clock.offset, committing: feed.noteOwn, unanswered: feed.forgetOwn });
  const marks = createSeenMarks(commits.submit, now, log);
  const pruning = createPruning({ retentionNow: now, ...deps, query: database.query, submit: commits.submit });
  const query = orUnavailable(database.query);
  const decided = decidedMethods(commits.submit);
  const holder = randomUUID();
  const leases = createLeases({ ...deps, query, holder });
  // Taken at every start: no news for the log.
  const ownLeases = createLeases({ ...deps, query, holder, log: { ...log, info: () => undefined } });
  const own = createOwnLease(ownLeases, holder);
  const phoneConnections = createConnections({ ...deps, query, own });
  const voiceBoard = createVoiceBoard({ ...deps, query, own });
  const guessCounts = createGuessCounts({ database, now: () => now() + clock.offset(), host: deps.host ?? holder });
  let closing: Promise<void> | undefined;
  const shut = async (): Promise<void> => {
    clock.stop();
    feed.stop();
    phoneConnections.stop();
    voiceBoard.stop();
    await own.giveBack();
    signals.stop();
    pruning.stop();
    marks.stop();
    await marks.flush().catch((cause: unknown) => log.warn(UNWRITTEN, { reason: reasonOf(cause) }));
    await commits.stop();
    await database.close();
  };
  const minutes = Math.round(Math.abs(clock.offset()) / MINUTE);
  return {
    serverId: deps.serverId,
    coordination: { leases, phoneConnections, voiceBoard, guessCounts },
    warnings: minutes > 0 ? [say("database.clockDiffers", { count: minutes })] : [],
    ...decided,
    ...listMethods(query, seen),
    ...sessionMethods(query, commits.submit),
    ...textMethods(query),
    ...deviceMethods(query, seen),
    ...otherMethods(query, commits.submit, decided),
    prune: pruning.prune,
    async countQueued() {
      const [row] = await query(COUNT_QUEUED, [MAX_COUNTED]);
      return row?.["queued"] as number;
    },
    feed: feed.measure,
    leases: () => [...ownLeases.measure(), ...leases.measure()],
    noteSeen(device, at) {
      if (!closing) marks.note(device, at);
    },
    close() {
      closing ??= shut();
      return closing;
    },
  };
}

/** Counting more would cost a database with very many phones too much at each look. */
const MAX_COUNTED = 100_000;
const COUNT_QUEUED = "select count(*) as queued from (select from topdog.queue limit $1) as counted";

function orUnavailable(query: Query): Query {
  return async (text, values) => {
    try {
      return await query(text, values);
    } catch (cause) {
      throw unavailable(ofStatement(cause, text));
    }
  };
}
