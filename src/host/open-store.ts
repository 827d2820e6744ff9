import type { SharedKind } from "../adapters/stores/postgres/shared-database.ts";
import type { BoundDoors } from "../http/doors/bind.ts";
import type { HostContext } from "./context.ts";
import { type HostStore, openStoreInDatabase, openStoreInFiles } from "./store-factory.ts";

/**
 * The host's store, or the one that the settings name. `close` closes the server after its storage was taken over; `sharedChanged` is called
 * when another server changed what they have in common beside the store.
 */
export async function openStore(
  context: HostContext,
  bound: BoundDoors,
  close: () => Promise<void>,
  sharedChanged: (kinds: readonly SharedKind[]) => void,
): Promise<HostStore> {
  const { host, settings, log, changeEvents, inboxSignals, clock, clockWatch, metrics } = context;
  const store = await (host.openStore ?? (settings.databaseUrl === undefined ? openStoreInFiles : openStoreInDatabase))({
    settings,
    log,
    now: clock.now,
    retentionNow: clockWatch.retentionNow,
    trimmed: () => changeEvents.emit("audit"),
    changed({ events, shared, phones }) {
      if (shared.length > 0) sharedChanged(shared);
      for (const item of events) changeEvents.emit(item);
      if (phones === "all") inboxSignals.emitToAll();
      else inboxSignals.emit(phones);
    },
    observe: metrics.committed,
    lost({ message }) {
      bound.abort();
      if (host.lost) host.lost(message);
      else {
        log.error(message);
        void close();
      }
    },
  });
  bound.answerWhile(store.checkHeld);
  return store;
}
