import type { Ports } from "./ports.ts";
import { SECOND } from "./time.ts";

type Store = Ports["store"];

/** A screen shows when a phone was last seen in minutes: it need not hear more often. */
const SEEN_AGAIN_MS = 30 * SECOND;

const MAX_REMEMBERED_PHONES = 50_000;

export interface WatchedStore {
  readonly store: Store;
  /** Tells that phones were seen, if any was since the last call. To be called now and then: phones ask every few seconds. */
  readonly emitSeen: () => void;
}

/**
 * The store, which tells by itself what its use cases need not think of: that the audit trail has a new line, and that phones were seen.
 * Everything else that a change alters is told by the use case that makes it.
 */
export function emitChanges({ store, changeEvents }: Pick<Ports, "store" | "changeEvents">): WatchedStore {
  let unseen = false;
  const emittedAt = new Map<string, number>();

  const audited = (method: (...input: unknown[]) => unknown) => {
    return (...input: unknown[]): unknown => {
      const answer = method(...input);
      if (!hasAuditLines(input[0]) || !(answer instanceof Promise)) return answer;
      return answer.then((value: unknown) => {
        changeEvents.emit("audit");
        return value;
      });
    };
  };

  return {
    store: {
      ...store,
      // Each change brings its audit lines along, so that none of them can be left out here.
      ...Object.fromEntries(Object.entries(store).map(([name, method]) => [name, audited(method as (...input: unknown[]) => unknown)])),
      async expireDue(at, onlyCodeHash) {
        const expired = await store.expireDue(at, onlyCodeHash);
        if (expired > 0) changeEvents.emit("audit");
        return expired;
      },
      async appendAudit(at, entry) {
        await store.appendAudit(at, entry);
        changeEvents.emit("audit");
      },
      noteSeen(device, at) {
        const before = emittedAt.get(device.jti) ?? device.lastSeen;
        store.noteSeen(device, at);
        if (at - before < SEEN_AGAIN_MS) return;
        emittedAt.set(device.jti, at);
        unseen = true;
      },
    },
    emitSeen() {
      if (!unseen) return;
      unseen = false;
      // Of phones long gone, too: what is forgotten is only told once too often.
      if (emittedAt.size > MAX_REMEMBERED_PHONES) emittedAt.clear();
      changeEvents.emit("devices");
    },
  };
}

function hasAuditLines(change: unknown): boolean {
  return typeof change === "object" && change !== null && "audit" in change && Array.isArray(change.audit) && change.audit.length > 0;
}
