import type { Log } from "../../../core/index.ts";
import { type AuditRotation, listParts } from "./audit-parts.ts";
import { codeOf, files, sizeOf } from "./storage-file.ts";

/**
 * Deletes the oldest parts until the trail is no larger than it may be. The trail in use stays, and the newest part where that one is
 * empty: somebody would see the trail as robbed. What cannot be deleted now stays until the next time.
 */
export async function dropPartsForSize(audit: string, { maxBytes, droppedForSize }: AuditRotation, log: Log): Promise<void> {
  const parts = await listParts(audit);
  if (parts.length === 0) return;
  const sizes = await Promise.all([audit, ...parts.map(({ file }) => file)].map(sizeOf));
  const [inUse = 0] = sizes;
  let total = sizes.reduce((sum, size) => sum + size, 0);
  let dropped: number | undefined;
  for (const [index, { file, lastSeq }] of (inUse > 0 ? parts : parts.slice(0, -1)).entries()) {
    if (total <= maxBytes) break;
    try {
      await files.unlink(file);
    } catch (cause) {
      log.warn("an old part of the audit trail could not be deleted", { file, reason: codeOf(cause) });
      break;
    }
    log.warn("deleted the oldest part of the audit trail, which is larger than it may be", { file, bytes: total, most: maxBytes });
    total -= sizes[index + 1] ?? 0;
    dropped = lastSeq;
  }
  if (dropped !== undefined) droppedForSize(dropped);
}
