import { createMemoryStore } from "../../../src/adapters/stores/memory/memory-store.ts";
import { pairingStoreContract } from "../../contracts/pairing-store.ts";
import { auditLines, crashCopy, freshFolder, openIn } from "./folder.ts";

pairingStoreContract("memory", async () => {
  const store = createMemoryStore();
  return { store, audit: async () => store.auditLines() as readonly Record<string, unknown>[] };
});

pairingStoreContract("files, stopped and started again", async () => {
  const folder = freshFolder();
  const store = await openIn(folder);
  const reopen = async () => {
    await store.close();
    return openIn(folder);
  };
  return { store, reopen, audit: async () => auditLines(folder) };
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
