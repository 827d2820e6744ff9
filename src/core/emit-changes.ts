import type { Ports } from "./ports.ts";
import { SECOND } from "./time.ts";

type Store = Ports["store"];

/** Screens show "last seen" in minutes, so more frequent events are useless. */
const SEEN_AGAIN_MS = 30 * SECOND;

const MAX_REMEMBERED_PHONES = 50_000;

/**
 * Wraps the store so that it emits the events no use case has to emit: a new audit line, and phones that were seen. Use cases
 * emit all other events.
 */
export function emitChanges({ store, changeEvents }: Pick<Ports, "store" | "changeEvents">): {
  readonly store: Store;
  readonly emitSeen: () => void;
} {
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
      // Every change carries its audit lines, so none is missed here.
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
    /** Emits one event if phones were seen since the last call. Called periodically, because phones poll every few seconds. */
    emitSeen() {
      if (!unseen) return;
      unseen = false;
      // Clearing it costs at most one extra event per phone.
      if (emittedAt.size > MAX_REMEMBERED_PHONES) emittedAt.clear();
      changeEvents.emit("devices");
    },
  };
}

function hasAuditLines(change: unknown): boolean {
  return typeof change === "object" && change !== null && "audit" in change && Array.isArray(change.audit) && change.audit.length > 0;
}
