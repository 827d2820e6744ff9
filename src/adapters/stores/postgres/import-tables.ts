import { MAX_FOR_ONE, messageBytes } from "../../../core/store/index.ts";
import type { TrailLine } from "../file/trail.ts";
import { type Ledger, revokedTokens } from "../ledger.ts";
import { readAuditLine } from "../one-line.ts";
import {
  APPROVALS,
  AUDIT,
  type AuditRow,
  DEVICES,
  deviceColumn,
  INBOXES,
  type InboxRow,
  MESSAGES,
  MONTHS,
  QUEUE,
  type QueueRow,
  REVOKED,
  rankOf,
  SENDS,
  SESSIONS,
  sendRows,
  type Table,
  TEXTS,
} from "./columns.ts";

/** What goes into one table. `order` is the column that numbers the records as they come; absent: their order means nothing. */
export interface Filling<Item = never> {
  readonly table: Table<Item>;
  readonly items: Iterable<Item> | AsyncIterable<Item>;
  readonly order?: "ord" | "seq";
}

/** What a storage folder holds beside the records, as rows. */
export interface BesideRecords {
  /** By which phones' browsers know their page; absent: the folder has none. */
  readonly serverId?: string;
  /** What the settings page saved: documents, as JSON. */
  readonly saved: readonly { readonly name: string; readonly data: string }[];
  readonly secrets: readonly { readonly name: string; readonly sealed: string }[];
}

const SAVED: Table<BesideRecords["saved"][number]> = {
  name: "saved",
  columns: [
    ["name", "text"],
    ["data", "json"],
  ],
  valuesOf: ({ name, data }) => [name, data],
};

const SECRETS: Table<BesideRecords["secrets"][number]> = {
  name: "secrets",
  columns: [
    ["name", "text"],
    ["sealed", "text"],
  ],
  valuesOf: ({ name, sealed }) => [name, sealed],
};

export function besideFillings({ saved, secrets }: BesideRecords): readonly Filling[] {
  return [filling({ table: SAVED, items: saved }), filling({ table: SECRETS, items: secrets })];
}

/** A ledger and its trail as rows. Each is read once, a record at a time. */
export function fillingsOf(ledger: Ledger, trail: AsyncIterable<TrailLine>): readonly Filling[] {
  const { sessions, texts, devices, approvals, outbox } = ledger;
  const fillings = [
    filling({ table: SESSIONS, items: sessions.values(), order: "ord" }),
    filling({ table: TEXTS, items: texts.values(), order: "ord" }),
    filling({ table: DEVICES, items: devices.values(), order: "ord" }),
    filling({ table: REVOKED, items: revokedTokens(ledger), order: "ord" }),
    filling({ table: APPROVALS, items: approvals.values(), order: "ord" }),
    filling({ table: MESSAGES, items: outbox.messages(), order: "ord" }),
    filling({ table: INBOXES, items: inboxesOf(ledger) }),
    filling({ table: QUEUE, items: queuesOf(ledger) }),
    filling({ table: SENDS, items: sendRows(ledger) }),
    filling({ table: MONTHS, items: ledger.messageMonths }),
    filling({ table: AUDIT, items: auditRows(trail), order: "seq" }),
  ];
  return fillings;
}

/** Each has records of its own kind, which only its own table sees. */
function filling<Item>(given: Filling<Item>): Filling {
  return given as unknown as Filling;
}

function* inboxesOf(ledger: Ledger): Generator<InboxRow> {
  for (const inbox of ledger.outbox.inboxes()) {
    const queue = queueOf(ledger, inbox);
    yield { inbox, queued: queue.length, bytes: queue.reduce((sum, { bytes }) => sum + bytes, 0) };
  }
}

function* queuesOf(ledger: Ledger): Generator<QueueRow> {
  for (const inbox of ledger.outbox.inboxes()) yield* queueOf(ledger, inbox);
}

function queueOf({ outbox }: Ledger, { userId, deviceId }: InboxRow["inbox"]): readonly QueueRow[] {
  // Also what is past its time: it is deleted as everything else that is.
  const found = outbox.read({ userId, deviceId, since: 0, most: MAX_FOR_ONE + 1, at: Number.NEGATIVE_INFINITY });
  return (found?.messages ?? []).flatMap(({ seq, messageId }) => {
    const message = outbox.find(messageId);
    if (!message) return [];
    return [{ device: deviceColumn({ userId, deviceId }), seq, rank: rankOf(message), bytes: messageBytes(message), messageId }];
  });
}

async function* auditRows(trail: AsyncIterable<TrailLine>): AsyncGenerator<AuditRow> {
  for await (const { seq, text } of trail) {
    const line = readAuditLine(text);
    const at = Date.parse(line?.ts ?? "");
    yield { seq, at: Number.isNaN(at) ? 0 : at, event: line?.event ?? "", line: text };
  }
}
