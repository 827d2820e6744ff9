import { createMemoryStore } from "../../../src/adapters/stores/memory/memory-store.ts";
import { MINUTE, type PairingStore } from "../../../src/core/index.ts";
import { onlyNamedRows } from "../../contracts/named-rows.ts";
import { NOON, pairingStoreContract } from "../../contracts/pairing-store.ts";
import { auditLines, crashCopy, freshFolder, openIn, testLog } from "./folder.ts";

pairingStoreContract("memory", async () => {
  const store = createMemoryStore();
  return { store, audit: async () => store.auditLines() as readonly Record<string, unknown>[] };
});

pairingStoreContract("memory, of which decisions see only the rows that they name", async () => {
  const store = createMemoryStore(onlyNamedRows);
  return { store, audit: async () => store.auditLines() as readonly Record<string, unknown>[] };
});

pairingStoreContract("files, stopped and started again", async () => {
  let folder = freshFolder();
  let store = await openIn(folder);
  const opened = (inFolder: string, of: PairingStore): void => {
    folder = inFolder;
    store = of;
  };
  const reopen = async () => {
    await store.close();
    opened(folder, await openIn(folder));
    return store;
  };
  let at = NOON;
  const backUp = async () => {
    const copy = crashCopy(folder);
    return async () => {
      await store.close();
      at += MINUTE;
      const then = at;
      opened(copy, await openIn(copy, testLog(), () => then));
      return store;
    };
  };
  return { store, reopen, backUp, audit: async () => auditLines(folder) };
});

pairingStoreContract("files, started again from the journal alone", async () => {
  let folder = freshFolder();
  const store = await openIn(folder);
  const reopen = async () => {
    const copy = crashCopy(folder);
    await store.close();
    folder = copy;
    return openIn(copy);
  };
  return { store, reopen, crashes: true, audit: async () => auditLines(folder) };
});
