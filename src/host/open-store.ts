import type { BoundDoors } from "../http/doors/bind.ts";
import type { HostContext } from "./context.ts";
import { type HostStore, openStoreInDatabase, openStoreInFiles } from "./store-factory.ts";

/** The host's store, or the one that the settings name. `close` closes the server after its storage was taken over. */
export async function openStore(context: HostContext, bound: BoundDoors, close: () => Promise<void>): Promise<HostStore> {
  const { host, settings, log, changeEvents, inboxSignals, clock, clockWatch, metrics } = context;
  const store = await (host.openStore ?? (settings.databaseUrl === undefined ? openStoreInFiles : openStoreInDatabase))({
    settings,
    log,
    now: clock.now,
    retentionNow: clockWatch.retentionNow,
    trimmed: () => changeEvents.emit("audit"),
    changed({ events, phones }) {
      for (const item of events) changeEvents.emit(item);
      inboxSignals.emit(phones);
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
