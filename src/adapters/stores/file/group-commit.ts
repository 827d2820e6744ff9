import { setImmediate as nextTurn } from "node:timers/promises";
import { PairingError } from "../../../core/index.ts";
import type { Draft, Submit } from "../../../core/store/index.ts";
import { type BatchCommitDeps, createBatchCommit, type Waiting } from "./commit-batch.ts";

/** Where ledger and journal agree: the ledger holds the changes up to `seq`, the journal's lines of them end at `end`. */
interface Position {
  readonly seq: number;
  readonly end: number;
}

export interface GroupCommit {
  readonly submit: Submit;
  /** Resolves when a change could be written now. */
  probe(): Promise<void>;
  /** Runs while no change is under way. */
  alone<Answer>(work: () => Promise<Answer>): Promise<Answer>;
  position(): Position;
  /** Refuses what comes from now on and resolves when what came before is answered. */
  stop(): Promise<void>;
}

/** Bounds how long deciding and encoding one batch keeps the event loop. */
const MAX_BATCH = 256;

/**
 * Changes that arrive while the disk is busy wait and then share one write and one sync. They are decided one after another,
 * each seeing those before it; the ledger has them only when the disk has them. What is urgent may use the reserve; everything
 * else waits until the reserve is whole again.
 */
export function createGroupCommit(deps: BatchCommitDeps): GroupCommit {
  const commits = createBatchCommit(deps);
  const queue: Waiting[] = [];
  let tasks: (() => Promise<void>)[] = [];
  let running: Promise<void> | undefined;
  let stopped = false;

  const run = async (): Promise<void> => {
    while (queue.length > 0 || tasks.length > 0) {
      // Requests that the sockets have already join the batch.
      await nextTurn();
      const alone = tasks;
      tasks = [];
      for (const task of alone) await task();
      const batch = queue.splice(0, MAX_BATCH);
      if (batch.length > 0) await commits.commit(batch);
    }
  };
  const start = (): void => {
    running ??= run().finally(() => {
      running = undefined;
      if (queue.length > 0 || tasks.length > 0) start();
    });
  };
  const enqueue = <Answer>(decide: (draft: Draft) => Answer, { probes = false, urgent = false }): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (stopped) throw new PairingError("storage_unavailable", { note: "the store is closed" });
      queue.push({ decide, probes, urgent, resolve: resolve as (answer: unknown) => void, reject });
      start();
    });

  return {
    submit: (decision, change) => enqueue((draft) => decision.decide(draft, change), { urgent: decision.isUrgent?.(change) === true }),
    probe: () => enqueue((): void => undefined, { probes: true }),
    alone: (work) =>
      new Promise((resolve, reject) => {
        tasks.push(() => work().then(resolve, reject));
        start();
      }),
    position: () => ({ seq: commits.seq(), end: deps.journal.end() }),
    async stop() {
      stopped = true;
      while (running) await running;
    },
  };
}
