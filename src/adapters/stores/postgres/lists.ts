import {
  type Approval,
  approvalMatcher,
  type Device,
  deliveryTo,
  deviceMatcher,
  emptyInbox,
  type Inbox,
  type ListPage,
  type ListQuestion,
  type MessageWay,
  notificationMatcher,
  type OutboxMessage,
  type PairingSession,
  sessionMatcher,
} from "../../../core/index.ts";
import { readApproval } from "../file/approval-records.ts";
import { readMessage, readOutbox } from "../file/outbox-records.ts";
import { readDevice, readSession } from "../file/records.ts";
import { MAX_AT_ONCE, MAX_ROWS_READ, readWhole } from "../lists.ts";
import type { ListMethods } from "../port-parts.ts";
import { createSlices, eachInSlices } from "../slices.ts";
import { deviceColumn } from "./columns.ts";
import type { Query, Row } from "./connection.ts";

/** A list: its rows, newest first, each with its place. */
interface Source<Item> {
  /** Selects `at`, `ord`, `data` and what `read` needs besides, of the rows before `($1, $2)`, at most `$3`. */
  readonly text: string;
  readonly read: (row: Row) => Item | undefined;
  readonly idOf: (item: Item) => string;
}

/** Places are the database's own, and outlive every start. */
const LIFE = 0;

/** Pages by key: what is before a page is not read again, and an offset is never counted. */
export function listMethods(query: Query, seen: (device: Device) => Device): ListMethods {
  const sessions: Source<PairingSession> = {
    text: pageText("sessions", "created_at", "true"),
    read: ({ data }) => readSession(data),
    idOf: ({ sessionId }) => sessionId,
  };
  const devices: Source<FoundDevice> = {
    text: DEVICES_PAGE,
    read: ({ data, phone_number }) => ({ device: seen(readDevice(data)), phoneNumber: (phone_number as string | null) ?? "" }),
    idOf: ({ device }) => deviceColumn(device),
  };
  const approvals: Source<Approval> = {
    text: pageText("approvals", "requested_at", "true"),
    read: ({ data }) => readApproval(data),
    idOf: ({ approvalId }) => approvalId,
  };
  const notifications: Source<OutboxMessage> = {
    text: pageText("messages", "sent_at", "type = 'notification'"),
    read: ({ data }) => readMessage(data),
    idOf: ({ messageId }) => messageId,
  };
  const whole = async <Item>(source: Source<Item>): Promise<readonly Item[]> =>
    readWhole(async (question) => readPage(query, source, question, () => true));
  return {
    listSessions: async () => whole(sessions),
    pageOfSessions: async ({ filter = {}, ...question }) => readPage(query, sessions, question, sessionMatcher(filter, question.at)),
    listDevices: async () => (await whole(devices)).map(({ device }) => device),
    async pageOfDevices({ filter = {}, ...question }) {
      let phoneNumber = "";
      const matches = deviceMatcher(filter, () => phoneNumber);
      const { items, ...rest } = await readPage(query, devices, question, (found) => {
        ({ phoneNumber } = found);
        return matches(found.device);
      });
      return { items: items.map(({ device }) => device), ...rest };
    },
    listApprovals: async () => whole(approvals),
    pageOfApprovals: async ({ filter = {}, ...question }) => readPage(query, approvals, question, approvalMatcher(filter, question.at)),
    async pageOfNotifications({ filter = {}, ...question }) {
      const { items, ...rest } = await readPage(query, notifications, question, notificationMatcher(filter, question.at));
      return { items: await waysOf(query, items), ...rest };
    },
  };
}

/** The number that a phone was paired with is its session's. */
interface FoundDevice {
  readonly device: Device;
  readonly phoneNumber: string;
}

async function readPage<Item>(
  query: Query,
  { text, read, idOf }: Source<Item>,
  { after, most }: Pick<ListQuestion<unknown>, "after" | "most">,
  matches: (item: Item) => boolean,
): Promise<ListPage<Item>> {
  const items: Item[] = [];
  const slices = createSlices();
  let last = after;
  let rowsRead = 0;
  for (let size = Math.min(most + 1, MAX_AT_ONCE); ; size = MAX_AT_ONCE) {
    const rows = await query(text, [last?.at ?? null, last?.order ?? null, size]);
    let isOver = false;
    await eachInSlices(
      rows,
      (row) => {
        if (isOver) return;
        if (items.length === most || rowsRead >= MAX_ROWS_READ) {
          isOver = true;
          return;
        }
        const item = read(row);
        rowsRead += 1;
        last = { at: row["at"] as number, order: row["ord"] as number, life: LIFE, id: item === undefined ? "" : idOf(item) };
        if (item !== undefined && matches(item)) items.push(item);
      },
      slices,
    );
    if (isOver) return last ? { items, next: last } : { items };
    if (rows.length < size) return { items };
  }
}

/** The messages with their delivery to each recipient. */
export async function waysOf(query: Query, messages: readonly OutboxMessage[]): Promise<readonly MessageWay[]> {
  const devices = [...new Set(messages.flatMap(({ to }) => to.map(deviceColumn)))];
  const rows = devices.length > 0 ? await query("select device_key, data from topdog.inboxes where device_key = any($1)", [devices]) : [];
  const inboxes = new Map<unknown, Inbox>(rows.map(({ device_key, data }) => [device_key, inboxIn(data)]));
  return messages.map((message) => ({
    message,
    deliveries: message.to.map((recipient) => deliveryTo(recipient, inboxes.get(deviceColumn(recipient)) ?? emptyInbox(recipient))),
  }));
}

export function inboxIn(data: unknown): Inbox {
  const entry = readOutbox({ inbox: data });
  if (!("inbox" in entry)) throw new Error("no inbox");
  return entry.inbox;
}

function pageText(table: string, time: string, where: string): string {
  return `select ${time} as at, ord, data from topdog.${table}
    where ${where} and ($1::bigint is null or (${time}, ord) < ($1::bigint, $2::bigint)) order by ${time} desc, ord desc limit $3`;
}

const DEVICES_PAGE = `
select d.paired_at as at, d.ord, d.data, s.phone_number
from topdog.devices d left join topdog.sessions s on s.session_id = d.session_id
where $1::bigint is null or (d.paired_at, d.ord) < ($1::bigint, $2::bigint) order by d.paired_at desc, d.ord desc limit $3`;
