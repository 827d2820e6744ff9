import type { PairingSession } from "../../../core/index.ts";
import { say } from "../../../words/say.ts";
import { inBatches } from "../batches.ts";
import type { Ledger } from "../ledger.ts";
import { pathsIn } from "./folder.ts";
import { readStorageStatus } from "./read-only.ts";
import { takeSnapshot } from "./snapshot.ts";
import { StorageError } from "./storage-file.ts";
import { lastTrailSeq, trailLines } from "./trail.ts";
import { type Exported, type ExportedSession, type ExportTarget, writeExport } from "./write-export.ts";

export interface ExportOptions extends ExportTarget {
  /** The storage folder. A server may be at work in it. */
  readonly from: string;
}

/**
 * Writes the registers and the audit trail as they stand together at one moment. The source is only read. Rejects with a
 * StorageError, and with nothing left in `to`, when something in the source is damaged or `to` cannot be used.
 */
export async function exportStorage({ from, ...target }: ExportOptions): Promise<Exported> {
  const paths = pathsIn(from);
  const before = await lastTrailSeq(paths);
  const found = await readStorageStatus(paths);
  if (!found) {
    throw new StorageError(say("storage.nothingToExport", { folder: from }));
  }
  const { ledger, seq, auditLines } = found;
  const { sessions, devices, revoked } = await takeSnapshot(ledger, seq);
  return writeExport(
    {
      seq,
      auditSeq: ledger.auditSeq,
      sessions: inBatches(withTexts(sessions, ledger)),
      devices: inBatches(devices),
      revoked: inBatches(revoked),
      // Of a trail that is ahead of restored older registers every line was there before; others came after this moment.
      trail: trailLines(paths, auditLines, Math.max(ledger.auditSeq, before)),
    },
    target,
  );
}

function* withTexts(sessions: readonly PairingSession[], { texts }: Ledger): Generator<ExportedSession> {
  for (const session of sessions) yield { session, text: texts.get(session.textId ?? "") };
}
