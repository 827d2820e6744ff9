import { say } from "../../../words/say.ts";
import { readAuditLine } from "../one-line.ts";
import { type AuditText, auditFromEnd, auditFromStart } from "./audit-parts.ts";
import type { StoragePaths } from "./folder.ts";
import type { AuditLineRead } from "./journal-lines.ts";
import { asReader, isMissing, StorageError } from "./storage-file.ts";

/** A line of the audit trail as it is written. */
export interface TrailLine {
  readonly seq: number;
  readonly text: string;
}

/** The number of the last line; 0: there is none. */
export async function lastTrailSeq({ audit }: StoragePaths): Promise<number> {
  try {
    for await (const text of auditFromEnd(audit, asReader)) {
      const seq = readAuditLine(text)?.seq;
      if (seq !== undefined) return seq;
    }
    return 0;
  } catch (cause) {
    if (isMissing(cause)) return 0;
    throw cause;
  }
}

/**
 * The lines up to `until`, as they are, oldest first: those of the trail, and those that only the journal has yet. Rejects with a
 * StorageError at a line that is none, or out of order.
 */
export async function* trailLines({ audit }: StoragePaths, journaled: readonly AuditLineRead[], until: number): AsyncGenerator<TrailLine> {
  let last: number | undefined;
  for await (const found of auditFromStart(audit, asReader)) {
    const seq = seqOf(found, last);
    if (seq > until) break;
    last = seq;
    yield { seq, text: found.text };
  }
  for (const { seq, text } of journaled) {
    if (seq <= (last ?? 0) || seq > until) continue;
    last = seq;
    yield { seq, text };
  }
}

function seqOf({ file, text }: AuditText, last: number | undefined): number {
  const seq = readAuditLine(text)?.seq;
  const place = last === undefined ? say("storage.atBeginning") : say("storage.afterNumber", { number: last });
  if (seq === undefined || seq <= (last ?? 0)) {
    throw new StorageError(say("storage.trailDamaged", { file, place }));
  }
  return seq;
}
