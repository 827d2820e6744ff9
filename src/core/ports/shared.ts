import type { Device } from "../devices/device.ts";

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

/** The connections that phones hold to the servers that share a storage: one for each phone, at one of them. */
export interface PhoneConnections {
  /**
   * Makes this the phone's connection, in the place of a former one at any of the servers. `end` ends it, and resolves when what its phone
   * received is written down; it is called once, when there is a newer one, when this server cannot know whether there is, or by the
   * function that is returned, which the caller calls when the connection has ended by itself. Resolves when the former one has ended so; one
   * whose server does not answer is waited for no longer than two seconds. Rejects with `storage_unavailable`.
   */
  open(phone: Pick<Device, "userId" | "deviceId">, end: () => Promise<void>): Promise<() => Promise<void>>;
  /** Whether one of the servers holds a connection of the phone. */
  isOpen(phone: Pick<Device, "userId" | "deviceId">): Promise<boolean>;
}

/** What servers that share a storage have in common beside its records. None of it outlives the servers for long. */
export interface SharedPorts {
  readonly leases: Leases;
  readonly phoneConnections: PhoneConnections;
}
