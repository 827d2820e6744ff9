import type { AuditEntry } from "../../core/index.ts";

/** Changes that were written together. */
export interface Committed {
  /** Their lines in the audit trail. */
  readonly audit: readonly AuditEntry[];
  /** From the decision to the answer of the disk or the database. */
  readonly milliseconds: number;
}

/** Called after each commit that changed something. Must not throw. */
export type ObserveCommit = (committed: Committed) => void;

/** What a store can say of itself beside its records. */
export interface MeasuredStore {
  /** Messages that are stored for phones until they expire, each counted once per phone. */
  countQueued(): Promise<number>;
  /** Only where several servers share a database. */
  feed?(): FeedMeasures;
  /** Those that this server holds or waits for. Only where several servers share a database. */
  leases?(): readonly LeaseMeasure[];
}

export interface LeaseMeasure {
  /** `server …` with the server's run, or what is done under it: its first word is one of a few. */
  readonly name: string;
  readonly isHeld: boolean;
}

/** How well this server follows what the others change. */
export interface FeedMeasures {
  /** Since the list of changes was last read to its end. */
  readonly ageMilliseconds: number;
  /** Whether the database's notifications arrive; otherwise the list is read more often. */
  readonly notified: boolean;
}
