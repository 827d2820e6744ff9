import {
  type Device,
  deliveredUpTo,
  type InboxMessage,
  type Instant,
  type PairingSession,
  type PairingStore,
  type TextMessage,
} from "../../../core/index.ts";
import { appendAudit, budgetWaitEnd, type decidedMethods, type Submit } from "../../../core/store/index.ts";
import { auditPage } from "../audit-page.ts";
import { expireDueOf } from "../expire-due.ts";
import { readApproval } from "../file/approval-records.ts";
import { readMessage } from "../file/outbox-records.ts";
import { readDevice, readSession } from "../file/records.ts";
import { readText } from "../file/text-records.ts";
import { monthOf } from "../ledger.ts";
import { type DeviceMethods, ENDED_AT_ONCE, type SessionMethods, type TextMethods } from "../port-parts.ts";
import { columnText, deviceColumn } from "./columns.ts";
import type { Query, Row } from "./connection.ts";
import { createKeyedReads } from "./keyed-reads.ts";
import { inboxIn, waysOf } from "./lists.ts";
import { poolOf } from "./loaded-counts.ts";
import { readSends } from "./read-sends.ts";
import { WRITE_PROBE } from "./transaction.ts";

const LINES_AT_ONCE = 1000;

export function sessionMethods(query: Query, submit: Submit): SessionMethods {
  const sessions = async (rest: string, ...values: readonly unknown[]): Promise<readonly PairingSession[]> =>
    found(await query(`select data from topdog.sessions ${rest}`, values), readSession);
  const byCode = createKeyedReads(query, "select code_hash as key, data from topdog.sessions where code_hash = any($1)");
  const due = async (where: string, at: Instant): Promise<readonly string[]> =>
    (await sessions(`where ${where}`, at)).map(({ codeHash }) => codeHash);
  return {
    async findByCode(codeHash) {
      const row = await byCode(columnText(codeHash));
      return row && readSession(row["data"]);
    },
    findSession: async (sessionId) => (await sessions("where session_id = $1", columnText(sessionId)))[0],
    listClaimed: async (at) => sessions("where claims_end > $1 order by claims_end desc", at),
    async listRecentSessions({ since, most }) {
      const recent = await sessions("where expires_at > $1 order by expires_at desc limit $2", since, most);
      return recent.toSorted((one, other) => other.createdAt - one.createdAt);
    },
    async countPendingInvites(at) {
      const [row] = await query("select count(*) as count from topdog.sessions where status = 'pending' and expires_at > $1", [at]);
      return row?.["count"] as number;
    },
    expireDue: expireDueOf(
      {
        pending: async (at) => due("status = 'pending' and expires_at <= $1 order by expires_at", at),
        claimed: async (at) => due("claims_end <= $1 order by claims_end", at),
      },
      submit,
    ),
  };
}

export function textMethods(query: Query): TextMethods {
  const texts = async (rest: string, ...values: readonly unknown[]): Promise<readonly TextMessage[]> =>
    found(await query(`select data from topdog.texts ${rest}`, values), readText);
  return {
    findText: async (textId) => (await texts("where text_id = $1", columnText(textId)))[0],
    async lastTestText(since) {
      const [newest] = await texts("where purpose = 'test' order by first_sent_at desc, ord desc limit 1");
      return newest && (newest.sends[0] ?? 0) >= since ? newest : undefined;
    },
    listApprovalTexts: async (question) =>
      "userId" in question
        ? texts("where approval_id is not null and user_id = $1 order by ord desc", columnText(question.userId))
        : texts("where approval_id = $1 order by ord desc", columnText(question.approvalId)),
    async countMessages(at) {
      const [row] = await query("select messages from topdog.months where month = $1", [monthOf(at)]);
      return Math.max(0, (row?.["messages"] as number | undefined) ?? 0);
    },
    async nextText({ text, budget, at }) {
      const asked = { pool: poolOf(text), phoneNumbers: [text.to], at, perDay: budget.perDay, nearLimit: budget.perDay };
      const times = await readSends(query, asked);
      const ascending = (to?: string): readonly Instant[] => [...(times.get(to) ?? [])].sort((one, other) => one - other);
      return budgetWaitEnd({ toNumber: ascending(text.to), toAll: ascending() }, at, budget);
    },
  };
}

export function deviceMethods(query: Query, seen: (device: Device) => Device): DeviceMethods {
  const read = (data: unknown): Device => seen(readDevice(data));
  const devices = async (rest: string, ...values: readonly unknown[]): Promise<readonly Device[]> =>
    found(await query(`select data from topdog.devices ${rest}`, values), read);
  return {
    async countDevices() {
      const [row] = await query("select active, suspended, revoked from topdog.state");
      return row as Record<Device["status"], number>;
    },
    findDevices: async (deviceId) => devices("where device_id = $1 order by paired_at desc, ord desc", columnText(deviceId)),
    async findByTokenId(jti) {
      const [row] = await query(FIND_TOKEN, [columnText(jti)]);
      return { device: row?.["data"] ? read(row["data"]) : undefined, revoked: row?.["revoked"] === true };
    },
    listEndedSubscriptions: async (at) => devices("where subscription_end <= $1 order by subscription_end limit $2", at, ENDED_AT_ONCE),
    listUnconfirmedDevices: async () => devices("where unconfirmed order by ord"),
    listActiveDevices: async (userId) =>
      userId === undefined
        ? devices("where status = 'active' order by user_id, ord")
        : devices("where status = 'active' and user_id = $1 order by ord", columnText(userId)),
  };
}

type OtherMethods = Pick<
  PairingStore,
  "readInbox" | "noteReceipt" | "findMessage" | "findApproval" | "listDueApprovals" | "appendAudit" | "readAudit" | "checkWritable"
>;

export function otherMethods(query: Query, submit: Submit, decided: ReturnType<typeof decidedMethods>): OtherMethods {
  return {
    async readInbox({ since, most, at, ...phone }) {
      const device = deviceColumn(phone);
      const [row] = await query(READ_INBOX, [device]);
      if (!row) return undefined;
      const inbox = inboxIn(row["data"]);
      const messages = await query(READ_QUEUE, [device, since, at, most]);
      return { messages: messages.map(inboxMessage), lastSeq: inbox.lastSeq, deliveredSeq: deliveredUpTo(inbox) };
    },
    async noteReceipt(change) {
      // A phone that reads every few seconds reports the same each time: that is no change, and need not wait for its turn.
      const { receipt } = change;
      const [row] = receipt.kind === "delivered" ? await query(READ_INBOX, [deviceColumn(change)]) : [];
      if (row && receipt.kind === "delivered" && receipt.seq <= deliveredUpTo(inboxIn(row["data"]))) return false;
      return decided.noteReceipt(change);
    },
    async findMessage(messageId) {
      const [row] = await query("select data from topdog.messages where message_id = $1", [columnText(messageId)]);
      return row && (await waysOf(query, [readMessage(row["data"])]))[0];
    },
    async findApproval(approvalId) {
      const [row] = await query("select data from topdog.approvals where approval_id = $1", [columnText(approvalId)]);
      return row && readApproval(row["data"]);
    },
    listDueApprovals: async (at) =>
      found(
        await query("select data from topdog.approvals where status = 'pending' and expires_at <= $1 order by expires_at, ord", [at]),
        (data) => readApproval(data).approvalId,
      ),
    appendAudit: async (at, entry) => submit(appendAudit, { at, entry }),
    async readAudit(question) {
      const [row] = await query("select audit_seq from topdog.state");
      return auditPage(auditLines(query, question.before), row?.["audit_seq"] as number, question);
    },
    async checkWritable() {
      await submit(appendNothing, undefined);
      await query(WRITE_PROBE);
    },
  };
}

/** A turn in the queue of changes, which a store that is closed refuses. */
const appendNothing = { rows: () => ({}), decide: () => undefined };

function inboxMessage({ seq, data }: Row): InboxMessage {
  const { messageId, content, sentAt, expiresAt } = readMessage(data);
  return { seq: seq as number, messageId, content, sentAt, expiresAt };
}

/** The newest first. */
async function* auditLines(query: Query, before: number | undefined): AsyncGenerator<string> {
  let last: number | null = before ?? null;
  for (;;) {
    const rows = await query("select seq, line from topdog.audit where $1::bigint is null or seq < $1::bigint order by seq desc limit $2", [
      last,
      LINES_AT_ONCE,
    ]);
    for (const { line } of rows) yield line as string;
    if (rows.length < LINES_AT_ONCE) return;
    last = rows.at(-1)?.["seq"] as number;
  }
}

function found<Item>(rows: readonly Row[], read: (data: unknown) => Item | undefined): readonly Item[] {
  return rows.map(({ data }) => read(data)).filter((item): item is Item & {} => item !== undefined);
}

const FIND_TOKEN = `
select (select data from topdog.devices where jti = $1) as data, exists (select from topdog.revoked where jti = $1) as revoked`;
const READ_INBOX = "select data from topdog.inboxes where device_key = $1";
const READ_QUEUE = `
select q.seq, m.data from topdog.queue q join topdog.messages m on m.message_id = q.message_id
where q.device_key = $1 and q.seq > $2 and m.expires_at > $3 order by q.seq limit $4`;
