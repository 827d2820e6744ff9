/** The right to do something that only one of the servers that share a storage may do at a time. */
export interface Lease {
  /** Rises with each holder. */
  readonly epoch: number;
  /** Whether nobody else can have it yet, by the steady clock of this computer. */
  isHeld(): boolean;
}

/** What is done under a lease. Must not throw. */
export interface LeasedWork {
  /** This server has the lease from now on. */
  taken(lease: Lease): void;
  /** Another server may have it from now on. Called once for each `taken`, unless the lease was given back before. */
  lost(): void;
}

/**
 * Leases of the servers that share a storage, by name. One is renewed every few seconds and lasts three times as long; when its holder
 * is gone, another server that waits for it takes it over. A holder that was paused, or cannot reach the storage, loses it by its own
 * steady clock before anybody else can take it.
 */
export interface Leases {
  /** Waits for the lease and holds it. Returns the function that gives it back: it resolves when others can take it, and never rejects. */
  take(name: string, work: LeasedWork): () => Promise<void>;
}

/** What servers that share a storage have in common beside its records. None of it outlives the servers for long. */
export interface SharedPorts {
  readonly leases: Leases;
}
