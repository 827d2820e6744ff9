import type { Instant } from "../../../core/index.ts";
import { MAX_FOR_ONE, messageBytes, type RevokedToken } from "../../../core/store/index.ts";
import type { TrailLine } from "../file/trail.ts";
import { type Ledger, revokedTokens } from "../ledger.ts";
import { readAuditLine } from "../one-line.ts";
import {
  APPROVALS,
  columnText,
  DEVICES,
  deviceColumn,
  INBOXES,
  type InboxRow,
  MESSAGES,
  QUEUE,
  type QueueRow,
  rankOf,
  SESSIONS,
  type Table,
  TEXTS,
} from "./columns.ts";
import type { Pool } from "./loaded-counts.ts";

/** What goes into one table. `order` is the column that numbers the records as they come; absent: their order means nothing. */
export interface Filling<Item = never> {
  readonly table: Table<Item>;
  readonly items: Iterable<Item> | AsyncIterable<Item>;
  readonly order?: "ord" | "seq";
}

const REVOKED: Table<RevokedToken> = {
  name: "revoked",
  columns: [
    ["jti", "text"],
    ["exp", "bigint"],
  ],
  valuesOf: ({ jti, exp }) => [columnText(jti), exp],
};

interface SendRow {
  readonly pool: Pool;
  readonly phoneNumber: string;
  readonly at: Instant;
}

const SENDS: Table<SendRow> = {
  name: "sends",
  columns: [
    ["pool", "text"],
    ["phone_number", "text"],
    ["sent_at", "bigint"],
  ],
  valuesOf: ({ pool, phoneNumber, at }) => [pool, columnText(phoneNumber), at],
};

const MONTHS: Table<readonly [month: Instant, messages: number]> = {
  name: "months",
  columns: [
    ["month", "bigint"],
    ["messages", "bigint"],
  ],
  valuesOf: (month) => month,
};

const AUDIT: Table<TrailLine> = {
  name: "audit",
  columns: [
    ["seq", "bigint"],
    ["at", "bigint"],
    ["event", "text"],
    ["line", "text"],
  ],
  valuesOf({ seq, text }) {
    const line = readAuditLine(text);
    const at = Date.parse(line?.ts ?? "");
    return [seq, Number.isNaN(at) ? 0 : at, line?.event ?? "", text];
  },
};

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
    filling({ table: SENDS, items: sendsOf(ledger) }),
    filling({ table: MONTHS, items: ledger.messageMonths }),
    filling({ table: AUDIT, items: trail, order: "seq" }),
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

function* sendsOf({ sends, approvalSends }: Ledger): Generator<SendRow> {
  for (const entry of sends.entries()) yield { pool: "pairing", ...entry };
  for (const entry of approvalSends.entries()) yield { pool: "approval", ...entry };
}
