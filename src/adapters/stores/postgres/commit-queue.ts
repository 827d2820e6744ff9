import { setImmediate as nextTurn } from "node:timers/promises";
import { type Instant, type Log, PairingError } from "../../../core/index.ts";
import type { Submit } from "../../../core/store/index.ts";
import { isRejectedValue, OutcomeUnknown, reasonOf, unavailable } from "./errors.ts";
import { type Answers, runTransaction, type TransactionDeps, type Waiting } from "./transaction.ts";

export interface CommitQueue {
  readonly submit: Submit;
  /** Refuses what comes from now on and resolves when what came before is answered. */
  stop(): Promise<void>;
}

/** Bounds how long deciding and encoding one batch keeps the event loop. */
const MAX_BATCH = 256;

/**
 * Changes that arrive while a transaction reads and decides wait, and then share one, in the order in which they came: a commit costs the
 * same for one as for many. The next transaction reads while the one before it writes, as another server's would.
 */
export function createCommitQueue(deps: TransactionDeps & { readonly log: Log; readonly offset: () => number }): CommitQueue {
  const { log, offset } = deps;
  const queue: Waiting[] = [];
  let running: Promise<void> | undefined;
  let stopped = false;
  const { refuse, answer } = createAnswering(log);
  const commit = async (batch: readonly Waiting[], decided?: () => void): Promise<void> => {
    try {
      answer(await runTransaction(batch, { ...deps, decided }));
    } catch (cause) {
      // One change's value that a column does not take must not cost the others of its batch.
      if (batch.length > 1 && isRejectedValue(cause)) for (const one of batch) await commit([one]);
      else refuse(batch, cause);
    }
  };
  const start = (): void => {
    running ??= commitAll(queue, commit).finally(() => {
      running = undefined;
      if (queue.length > 0) start();
    });
  };
  return {
    submit: (decision, given) =>
      new Promise((resolve, reject) => {
        if (stopped) throw new PairingError("storage_unavailable", { note: "the store is closed" });
        const change = onDatabaseClock(given, offset);
        queue.push({
          names: () => decision.rows(change),
          decide: (draft) => decision.decide(draft, change),
          resolve: resolve as (answer: unknown) => void,
          reject,
        });
        start();
      }),
    async stop() {
      stopped = true;
      while (running) await running;
    },
  };
}

/** Returns when the queue is empty and what it held is answered. `commit` calls `decided` when only writing is left, and never rejects. */
async function commitAll(queue: Waiting[], commit: (batch: readonly Waiting[], decided: () => void) => Promise<void>): Promise<void> {
  let before: Promise<void> = Promise.resolve();
  while (queue.length > 0) {
    // Requests that the sockets have already join the batch.
    await nextTurn();
    const batch = queue.splice(0, MAX_BATCH);
    const committed = await new Promise<{ readonly end: Promise<void> }>((resolve) => {
      const end = commit(batch, () => resolve({ end }));
      void end.then(() => resolve({ end }));
    });
    await before;
    before = committed.end;
  }
  await before;
}

/** Answers batches. A database that is away is in the log once. */
function createAnswering(log: Log) {
  let failing = false;
  return {
    refuse(batch: readonly Waiting[], cause: unknown): void {
      const reason = reasonOf(cause);
      if (cause instanceof OutcomeUnknown) log.error("it is unknown whether changes were written to the database", { reason });
      else if (!failing) log.error("changes cannot be written to the database and are refused", { reason });
      failing ||= !(cause instanceof OutcomeUnknown);
      for (const { reject } of batch) reject(unavailable(cause));
    },
    answer(answers: Answers): void {
      if (failing) log.info("changes are written to the database again");
      failing = false;
      for (const one of answers) one();
    },
  };
}

/** Deadlines are judged by the database's clock, so that all servers agree: a change that brings a clock gets it corrected. */
function onDatabaseClock<Change>(change: Change, offset: () => number): Change {
  const { at } = (change ?? {}) as { readonly at?: unknown };
  if (typeof at !== "function") return change;
  return { ...change, at: () => (at as () => Instant)() + offset() };
}
