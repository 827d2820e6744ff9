import { setTimeout as delay } from "node:timers/promises";
import { within } from "../adapters/system/within.ts";
import { PairingError } from "../core/index.ts";
import type { HostStore } from "./store-factory.ts";

/** Whether this server asks for requests. */
export interface Readiness {
  /** Rejects with `server_stopping`, `storage_unavailable` or what else the storage says, while requests should go elsewhere. */
  check(): Promise<void>;
  /** Whether the storage takes a write within a second. Rejects never. */
  isWritable(): Promise<boolean>;
  isStopping(): boolean;
  /** From now on `check` rejects. */
  stop(): void;
  /** As `stop`. Resolves once proxies have had time to notice that: at once where no other server could take their requests. */
  drain(): Promise<void>;
}

export interface ReadinessDeps {
  readonly store: Pick<HostStore, "checkWritable" | "feed">;
  readonly steady: () => number;
  /** Several servers share the storage: a fail-over of the database must not take all of them out of service at the same moment. */
  readonly shared: boolean;
}

const WITHIN_MS = 1000;
/** A proxy or a cluster asks every few seconds, and needs a moment to follow. */
const DRAIN_MS = 5000;
/** How long a shared storage may fail. */
const SHARED_TIMEOUT_MS = 10_000;
/** The other servers' changes are read every second or more often. */
const STALE_FEED_MS = 5000;

export function createReadiness({ store, steady, shared }: ReadinessDeps): Readiness {
  let stopping = false;
  let failingSince: number | undefined;
  let probing: Promise<void> | undefined;

  /** Probes that come while one is under way share it: a storage that hangs gets one write to hang on. */
  const probe = async (): Promise<void> => {
    probing ??= within(WITHIN_MS, store.checkWritable(), noAnswer).finally(() => {
      probing = undefined;
    });
    await probing;
    const age = store.feed?.().ageMilliseconds ?? 0;
    if (age > STALE_FEED_MS) throw new PairingError("storage_unavailable", { note: "the other servers' changes cannot be read" });
  };

  return {
    async check() {
      if (stopping) throw new PairingError("server_stopping");
      try {
        await probe();
        failingSince = undefined;
      } catch (cause) {
        failingSince ??= steady();
        if (!shared || steady() - failingSince >= SHARED_TIMEOUT_MS) throw cause;
      }
    },
    isWritable: async () =>
      probe().then(
        () => true,
        () => false,
      ),
    isStopping: () => stopping,
    stop() {
      stopping = true;
    },
    async drain() {
      stopping = true;
      if (shared) await delay(DRAIN_MS);
    },
  };
}

function noAnswer(): never {
  throw new PairingError("storage_unavailable", { note: "no answer within a second" });
}
