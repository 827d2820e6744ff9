import { PairingError, type PairingStore } from "../../../core/index.ts";
import { auditPage } from "../audit-page.ts";
import { createLedger, markSeen, openDraft } from "../ledger.ts";
import { ledgerStore } from "../ledger-store.ts";

/** The promises of the port for as long as the process lives. For tests and for trying things out. */
export function createMemoryStore(): PairingStore & { auditLines(): readonly object[] } {
  const ledger = createLedger();
  const audit: string[] = [];
  let closed = false;
  const refuseWhenClosed = (): void => {
    if (closed) throw new PairingError("storage_unavailable", { note: "the store is closed" });
  };
  return {
    ...ledgerStore(ledger, async (decide) => {
      refuseWhenClosed();
      const lines: string[] = [];
      const draft = openDraft(ledger, (change) => void lines.push(...change.audit));
      try {
        const answer = decide(draft);
        draft.merge();
        audit.push(...lines);
        return answer;
      } catch (cause) {
        draft.drop();
        throw cause;
      }
    }),
    noteSeen: (device, at) => void markSeen(ledger, device, at),
    readAudit: async (question) => auditPage([...audit].reverse(), ledger.auditSeq, question),
    checkWritable: async () => refuseWhenClosed(),
    async close() {
      closed = true;
    },
    auditLines: () => audit.map((line) => JSON.parse(line) as object),
  };
}
