import { setImmediate as nextTurn } from "node:timers/promises";
import { type Log, PairingError } from "../../../core/index.ts";
import type { Draft, Submit } from "../../../core/store/index.ts";
import { openDraft } from "../draft.ts";
import type { Ledger } from "../ledger.ts";
import type { AuditFile } from "./audit-file.ts";
import type { Journal } from "./journal.ts";
import { encodeChange, journalBatch } from "./journal-lines.ts";
import { isFull, PIECE, type Reserve } from "./reserve.ts";
import { codeOf } from "./storage-file.ts";

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

interface Waiting {
  readonly decide: (draft: Draft) => unknown;
  readonly probes: boolean;
  readonly urgent: boolean;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (cause: unknown) => void;
}

type Outcome = { readonly kind: "answer"; readonly answer: unknown } | { readonly kind: "fault"; readonly cause: unknown };

/** Bounds how long deciding and encoding one batch keeps the event loop. */
const MAX_BATCH = 256;

/**
 * Changes that arrive while the disk is busy wait and then share one write and one sync. They are decided one after another,
 * each seeing those before it; the ledger has them only when the disk has them. What is urgent may use the reserve; everything
 * else waits until the reserve is whole again.
 */
export function createGroupCommit(deps: {
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly audit: AuditFile;
  readonly reserve: Reserve;
  readonly log: Log;
  readonly seq: number;
  /** Throws when the folder is another process's by now. */
  readonly checkHeld: () => void;
  /** Brings a journal that is not trusted any more back to what the ledger says; `atOnce`: however short ago that failed. */
  readonly heal: (atOnce: boolean) => Promise<void>;
  readonly committed: () => void;
}): GroupCommit {
  const { ledger, journal, audit, reserve, log } = deps;
  let queue: Waiting[] = [];
  let tasks: (() => Promise<void>)[] = [];
  let running: Promise<void> | undefined;
  let stopped = false;
  let failing = false;
  let { seq } = deps;

  /** Rejects, with nobody answered and nothing changed, when the disk does not take it. */
  const attempt = async (batch: readonly Waiting[], roomMade: boolean): Promise<void> => {
    const changes: string[] = [];
    const auditLines: string[] = [];
    const draft = openDraft(ledger, (change) => {
      changes.push(encodeChange(change));
      auditLines.push(...change.audit);
    });
    let ordinary = false;
    const outcomes = batch.map(({ decide, probes, urgent }): Outcome => {
      const before = changes.length;
      try {
        return { kind: "answer", answer: decide(draft) };
      } catch (cause) {
        return { kind: "fault", cause };
      } finally {
        ordinary ||= !urgent && (probes || changes.length > before);
      }
    });
    const landed = (): void => {
      draft.merge();
      seq += changes.length;
    };
    if (changes.length > 0 || ordinary) {
      try {
        if (ordinary && !reserve.whole()) await reserve.fill();
        if (!journal.trusted()) await deps.heal(roomMade);
        deps.checkHeld();
        await (changes.length > 0 ? journal.append(journalBatch(seq + 1, changes), landed) : journal.probe());
      } catch (cause) {
        draft.drop();
        throw cause;
      }
      if (failing && ordinary) {
        log.info("changes are written to disk again");
        failing = false;
      }
    }
    // Whoever took the folder over meanwhile has read it without this change, or with it: nobody may be told either.
    deps.checkHeld();
    if (changes.length > 0) {
      await audit.append(auditLines);
      deps.committed();
      deps.checkHeld();
    }
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.kind === "answer") batch[index]?.resolve(outcome.answer);
      else batch[index]?.reject(outcome.cause);
    }
  };

  const refuse = (batch: readonly Waiting[], cause: unknown): void => {
    if (!failing) log.error("changes cannot be written to disk and are refused", { reason: codeOf(cause) });
    failing = true;
    for (const { reject } of batch) reject(new PairingError("storage_unavailable", { note: codeOf(cause), cause }));
  };

  const commitUrgent = async (batch: readonly Waiting[]): Promise<void> => {
    let roomMade = false;
    for (let piece = PIECE; ; piece *= 2) {
      try {
        await attempt(batch, roomMade);
        return;
      } catch (cause) {
        // A journal that is not trusted gives way to files that are written whole: that may take all there is.
        const bytes = journal.trusted() ? piece : Number.POSITIVE_INFINITY;
        roomMade = isFull(cause) && (await reserve.giveUp(bytes).catch(() => false));
        if (roomMade) continue;
        refuse(batch, cause);
        return;
      }
    }
  };

  const commit = async (batch: readonly Waiting[]): Promise<void> => {
    const urgent = batch.filter((waiting) => waiting.urgent);
    if (urgent.length < batch.length) {
      try {
        await attempt(batch, false);
        return;
      } catch (cause) {
        refuse(
          batch.filter((waiting) => !waiting.urgent),
          cause,
        );
      }
    }
    if (urgent.length > 0) await commitUrgent(urgent);
  };

  const run = async (): Promise<void> => {
    while (queue.length > 0 || tasks.length > 0) {
      // Whoever's question lies at the sockets already goes along.
      await nextTurn();
      const alone = tasks;
      tasks = [];
      for (const task of alone) await task();
      const batch = queue.length <= MAX_BATCH ? queue : queue.slice(0, MAX_BATCH);
      queue = queue.length <= MAX_BATCH ? [] : queue.slice(MAX_BATCH);
      if (batch.length > 0) await commit(batch);
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
    position: () => ({ seq, end: journal.end() }),
    async stop() {
      stopped = true;
      while (running) await running;
    },
  };
}
