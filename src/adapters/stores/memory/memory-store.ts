import { PairingError, type PairingStore } from "../../../core/index.ts";
import type { Draft, RowNames } from "../../../core/store/index.ts";
import { auditPage } from "../audit-page.ts";
import { openDraft } from "../draft.ts";
import { createLedger, type Ledger } from "../ledger.ts";
import { markSeen } from "../ledger-put.ts";
import { ledgerStore } from "../ledger-store.ts";

/**
 * The promises of the port for as long as the process lives. For tests and for trying things out. `rowsFor`: the draft that a decision
 * sees, from the one that has every row. `ledger`: the records that it begins with.
 */
export function createMemoryStore(
  rowsFor: (draft: Draft, named: RowNames) => Draft = (draft) => draft,
  ledger: Ledger = createLedger(),
): PairingStore & { auditLines(): readonly object[] } {
  const audit: string[] = [];
  let closed = false;
  const refuseWhenClosed = (): void => {
    if (closed) throw new PairingError("storage_unavailable", { note: "the store is closed" });
  };
  return {
    ...ledgerStore(ledger, async (decision, change) => {
      refuseWhenClosed();
      const lines: string[] = [];
      const draft = openDraft(ledger, ({ audit: added }) => void lines.push(...added));
      try {
        const answer = decision.decide(rowsFor(draft, decision.rows(change)), change);
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
