/** Changes that are in the audit trail and missing from the state: everything but the trail was restored from an older copy. */
export interface MissingChanges {
  readonly count: number;
  /** For a person, with the way out. */
  readonly sentence: string;
  /** For the trail. */
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
    sentence: `The state is older than the audit log: ${changes} (${lines} of the audit trail). It was restored from an older copy, and phones that were revoked after that may be let in again. Check the list of phones.`,
    reason: `${changes}: ${lines}`,
  };
}
