import type { Approval, Device, Inbox, OutboxMessage, PairingSession, TextMessage } from "../../../core/index.ts";
import type { RevokedToken } from "../../../core/store/index.ts";
import { type Ledger, revokedTokens, type UnknownRecord } from "../ledger.ts";
import { createSlices, eachInSlices, MAX_COPIED, type NextTurn } from "../slices.ts";

/** The ledger at one moment. Records are never changed in place, so lists of them stay as they were. */
export interface Snapshot {
  readonly seq: number;
  readonly auditSeq: number;
  readonly sessions: readonly PairingSession[];
  readonly texts: readonly TextMessage[];
  readonly devices: readonly Device[];
  readonly revoked: readonly RevokedToken[];
  readonly messages: readonly OutboxMessage[];
  readonly inboxes: readonly Inbox[];
  readonly approvals: readonly Approval[];
  readonly unknownRecords: readonly UnknownRecord[];
}

/** Takes the lists in slices: until it resolves, nothing may be changed but when phones were last seen. */
export async function takeSnapshot(ledger: Ledger, seq: number, nextTurn?: NextTurn): Promise<Snapshot> {
  const slices = createSlices(nextTurn, MAX_COPIED);
  const { auditSeq, outbox } = ledger;
  const listOf = async <Item>(items: Iterable<Item>): Promise<readonly Item[]> => {
    const list: Item[] = [];
    await eachInSlices(items, (item) => void list.push(item), slices);
    return list;
  };
  return {
    seq,
    auditSeq,
    sessions: await listOf(ledger.sessions.values()),
    texts: await listOf(ledger.texts.values()),
    devices: await listOf(ledger.devices.values()),
    revoked: await listOf(revokedTokens(ledger)),
    messages: await listOf(outbox.messages()),
    inboxes: await listOf(outbox.inboxes()),
    approvals: await listOf(ledger.approvals.values()),
    unknownRecords: await listOf(ledger.unknownRecords.values()),
  };
}
