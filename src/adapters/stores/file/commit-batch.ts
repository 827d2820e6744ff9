import { type AuditEntry, type Log, PairingError } from "../../../core/index.ts";
import type { Draft } from "../../../core/store/index.ts";
import { type LedgerDraft, openDraft } from "../draft.ts";
import type { Ledger } from "../ledger.ts";
import type { ObserveCommit } from "../measures.ts";
import type { AuditFile } from "./audit-file.ts";
import type { Journal } from "./journal.ts";
import { encodeChange, journalBatch } from "./journal-lines.ts";
import { isFull, PIECE, type Reserve } from "./reserve.ts";
import { codeOf } from "./storage-file.ts";

export interface Waiting {
  readonly decide: (draft: Draft) => unknown;
  readonly probes: boolean;
  readonly urgent: boolean;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (cause: unknown) => void;
}

export interface BatchCommit {
  /** Never rejects: each of the batch is resolved or rejected. */
  commit(batch: readonly Waiting[]): Promise<void>;
  /** The last change that the ledger holds. */
  seq(): number;
}

export interface BatchCommitDeps {
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
  readonly observe?: ObserveCommit | undefined;
}

interface State extends BatchCommitDeps {
  seq: number;
  failing: boolean;
}

/** Of a batch: its changes, not in the ledger yet, and how each call is answered once they are on disk. */
interface Decided {
  readonly draft: LedgerDraft;
  readonly changes: readonly string[];
  readonly auditLines: readonly string[];
  readonly entries: readonly AuditEntry[];
  /** Whether the reserve must be whole for it. */
  readonly ordinary: boolean;
  readonly answers: readonly (() => void)[];
}

export function createBatchCommit(deps: BatchCommitDeps): BatchCommit {
  const state: State = { ...deps, failing: false };
  return {
    seq: () => state.seq,
    async commit(batch) {
      const urgent = batch.filter((waiting) => waiting.urgent);
      if (urgent.length < batch.length) {
        try {
          await attempt(state, batch, false);
          return;
        } catch (cause) {
          refuse(
            state,
            batch.filter((waiting) => !waiting.urgent),
            cause,
          );
        }
      }
      if (urgent.length > 0) await commitUrgent(state, urgent);
    },
  };
}

/** Rejects, with nobody answered and nothing changed, when the disk does not take it. */
async function attempt(state: State, batch: readonly Waiting[], roomMade: boolean): Promise<void> {
  const { audit, log } = state;
  const from = performance.now();
  const { draft, changes, auditLines, entries, ordinary, answers } = decide(state.ledger, batch);
  const landed = (): void => {
    draft.merge();
    state.seq += changes.length;
  };
  if (changes.length > 0 || ordinary) {
    try {
      await write(state, changes, { ordinary, roomMade }, landed);
    } catch (cause) {
      draft.drop();
      throw cause;
    }
    if (state.failing && ordinary) {
      log.info("changes are written to disk again");
      state.failing = false;
    }
  }
  // A process that took the folder over meanwhile has read it without this change, or with it: no caller may get an answer.
  state.checkHeld();
  if (changes.length > 0) {
    await audit.append(auditLines);
    state.committed();
    state.checkHeld();
    state.observe?.({ audit: entries, milliseconds: performance.now() - from });
  }
  for (const answer of answers) answer();
}

function decide(ledger: Ledger, batch: readonly Waiting[]): Decided {
  const changes: string[] = [];
  const auditLines: string[] = [];
  const entries: AuditEntry[] = [];
  const draft = openDraft(ledger, (change, { audit }) => {
    changes.push(encodeChange(change));
    auditLines.push(...change.audit);
    entries.push(...audit);
  });
  let ordinary = false;
  const answers = batch.map((waiting) => {
    const before = changes.length;
    try {
      const answer = waiting.decide(draft);
      return () => waiting.resolve(answer);
    } catch (cause) {
      return () => waiting.reject(cause);
    } finally {
      ordinary ||= !waiting.urgent && (waiting.probes || changes.length > before);
    }
  });
  return { draft, changes, auditLines, entries, ordinary, answers };
}

async function write(
  { journal, reserve, seq, heal, checkHeld }: State,
  changes: readonly string[],
  { ordinary, roomMade }: { readonly ordinary: boolean; readonly roomMade: boolean },
  landed: () => void,
): Promise<void> {
  if (ordinary && !reserve.whole()) await reserve.fill();
  if (!journal.trusted()) await heal(roomMade);
  checkHeld();
  await (changes.length > 0 ? journal.append(journalBatch(seq + 1, changes), landed) : journal.probe());
}

function refuse(state: State, batch: readonly Waiting[], cause: unknown): void {
  if (!state.failing) state.log.error("changes cannot be written to disk and are refused", { reason: codeOf(cause) });
  state.failing = true;
  for (const { reject } of batch) reject(new PairingError("storage_unavailable", { note: codeOf(cause), cause }));
}

async function commitUrgent(state: State, batch: readonly Waiting[]): Promise<void> {
  let roomMade = false;
  for (let piece = PIECE; ; piece *= 2) {
    try {
      await attempt(state, batch, roomMade);
      return;
    } catch (cause) {
      // A journal that is not trusted gives way to files that are written whole: that may take all there is.
      const bytes = state.journal.trusted() ? piece : Number.POSITIVE_INFINITY;
      roomMade = isFull(cause) && (await state.reserve.giveUp(bytes).catch(() => false));
      if (roomMade) continue;
      refuse(state, batch, cause);
      return;
    }
  }
}
