import { say } from "../../../words/say.ts";

/** Changes that are in the audit trail and missing from the state: everything but the trail was restored from an older copy. */
export interface MissingChanges {
  readonly count: number;
  /** For a person, with the way out. */
  readonly sentence: string;
  /** For the trail, which is in English. */
  readonly reason: string;
}

/** From the number of the trail's last line that the state knows, and that of the trail's last line. */
export function missingChanges(known: number, last: number): MissingChanges | undefined {
  const count = last - known;
  if (count <= 0) return undefined;
  const [changes, lines] =
    count === 1 ? ["1 change is missing", `line ${last}`] : [`${count} changes are missing`, `lines ${known + 1} to ${last}`];
  return {
    count,
    sentence: say("storage.olderThanAudit", { count, first: known + 1, last }),
    reason: `${changes}: ${lines}`,
  };
}
