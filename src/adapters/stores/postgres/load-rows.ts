import type { Device, Instant } from "../../../core/index.ts";
import { readApproval } from "../file/approval-records.ts";
import { readMessage } from "../file/outbox-records.ts";
import { readDevice, readSession } from "../file/records.ts";
import { readText } from "../file/text-records.ts";
import { createLedger, type Ledger } from "../ledger.ts";
import { putDevice, putRemote, putSession } from "../ledger-put.ts";
import { columnText, type InboxRow } from "./columns.ts";
import type { Query, Row } from "./connection.ts";
import { inboxIn } from "./lists.ts";
import { createLoadedPending, createLoadedSends, type LoadedPending, type LoadedSends, type Pool, poolOf } from "./loaded-counts.ts";
import type { MergedNames } from "./names.ts";
import { readSends } from "./read-sends.ts";

/** The rows of one transaction, locked, as a ledger that has nothing else. */
export interface LoadedRows {
  readonly ledger: Ledger;
  /** By device column. */
  readonly inboxes: ReadonlyMap<string, InboxRow>;
  /** The keys of the records that are in the database: the others are new. */
  readonly known: Readonly<Record<"sessions" | "texts" | "devices" | "approvals", ReadonlySet<string>>>;
}

export interface LoadOptions {
  /** What is known of when a phone was last in contact, and not written yet. */
  readonly seen: (device: Device) => Device;
  /** Whether invites are counted under a lock. */
  readonly lockPending: boolean;
}

/** Thrown where the count of pending invites matters: the transaction is to be tried again, and counts under a lock. */
export class NearPendingLimit extends Error {}

/** Up to nine servers have fewer than 5,000 invites under way, 512 each: below this, no count can exceed the limit of 10,000. */
const EXACT_FROM = 5000;

/**
 * Reads and locks what the decisions name. Locks are taken in one order by everyone, so that two transactions seldom wait for each
 * other: advisory locks, then approvals, devices, sessions, texts and inboxes, each by key. Each statement sees what was committed
 * before it began, so what depends on a lock is read by a later statement.
 */
export async function loadRows(query: Query, names: MergedNames, options: LoadOptions): Promise<LoadedRows> {
  await takeAdvisoryLocks(query, names, options.lockPending);
  const pending = createLoadedPending();
  const sends = { pairing: createLoadedSends(), approval: createLoadedSends() };
  const ledger: Ledger = { ...createLedger(), pendingByExpiry: pending, sends: sends.pairing, approvalSends: sends.approval };
  const known = { sessions: new Set<string>(), texts: new Set<string>(), devices: new Set<string>(), approvals: new Set<string>() };
  const inboxes = new Map<string, InboxRow>();
  const take = ({ kind, key, data, queued, queued_bytes }: Row): void => {
    const at = key as string;
    if (kind === "session") putLoaded(known.sessions, at, () => putRead(readSession(data), (session) => putSession(ledger, session)));
    if (kind === "text") putLoaded(known.texts, at, () => putRead(readText(data), (text) => ledger.texts.set(text.id, text)));
    if (kind === "device") putLoaded(known.devices, at, () => putDevice(ledger, options.seen(readDevice(data))));
    if (kind === "approval") putLoaded(known.approvals, at, () => putRemote(ledger, { approvals: [readApproval(data)] }));
    if (kind === "message") putRemote(ledger, { messages: [readMessage(data)] });
    if (kind !== "inbox") return;
    const inbox = inboxIn(data);
    ledger.outbox.restore(inbox);
    inboxes.set(at, { inbox, queued: queued as number, bytes: queued_bytes as number });
  };

  const messages = names.messages.length > 0 ? await query(READ_MESSAGES, [names.messages]) : [];
  messages.forEach(take);
  if (names.approvals.length + names.pendingApprovalsOf.length > 0)
    (await query(LOCK_APPROVALS, [names.approvals, names.pendingApprovalsOf])).forEach(take);
  const named = [...ledger.approvals.values()].filter(({ approvalId }) => names.approvals.includes(columnText(approvalId)));
  const users = named.flatMap(({ userIds }) => userIds.map(columnText));
  // Devices that are named by their keys only are locked together with the rest: a statement less for most changes.
  const isSearched = names.endpoints.length + names.handoffs.length + users.length > 0;
  if (isSearched) (await lockDevices(query, names, [...new Set(users)])).forEach(take);
  // A message that was read says nothing of how far its recipients' inboxes are: those that matter are read now.
  const rest = {
    ...names,
    devices: isSearched ? [] : names.devices,
    sessionIds: [...new Set([...names.sessionIds, ...sessionIdsOf(ledger)])],
    inboxes: [...new Set([...names.devices, ...known.devices])],
  };
  (await lockRest(query, rest)).forEach(take);
  const sessionIds = sessionIdsOf(ledger).filter((sessionId) => !rest.sessionIds.includes(sessionId));
  (await lockRest(query, { devices: [], codeHashes: [], sessionIds, texts: [], inboxes: [] })).forEach(take);
  if (names.pendingInvites.length > 0) await countPending(query, names.pendingInvites, pending, options.lockPending);
  if (names.sends.length > 0) await loadSends(query, names, ledger, sends);
  if (names.claimDigits !== undefined) (await query(READ_CLAIMED, [names.claimDigits])).forEach(take);
  return { ledger, inboxes, known };
}

/** The first reading counts: it is the one under the row's lock. */
function putLoaded(known: Set<string>, key: string, put: () => void): void {
  if (known.has(key)) return;
  known.add(key);
  put();
}

function putRead<Item>(item: Item | undefined, put: (item: Item) => void): void {
  if (item !== undefined) put(item);
}

async function takeAdvisoryLocks(query: Query, names: MergedNames, lockPending: boolean): Promise<void> {
  const pools = names.sends.map(({ text }) => (text ? poolOf(text) : "pairing"));
  const locks = [
    ...[...new Set(pools)].map((pool) => `sends ${pool}`),
    ...(names.claimDigits === undefined ? [] : ["claims"]),
    ...names.endpoints.map((endpoint) => `endpoint ${endpoint}`),
    ...names.pendingApprovalsOf.map((user) => `approvals ${user}`),
    ...(lockPending && names.pendingInvites.length > 0 ? ["pending invites"] : []),
  ];
  if (locks.length > 0) await query(TAKE_LOCKS, [locks]);
}

async function lockDevices(query: Query, names: MergedNames, users: readonly string[]): Promise<readonly Row[]> {
  const conditions = [
    ["device_key = any($)", names.devices],
    ["endpoint = any($)", names.endpoints],
    ["handoff = any($)", names.handoffs],
    ["(status = 'active' and user_id = any($))", users],
  ] as const;
  const asked = conditions.filter(([, values]) => values.length > 0);
  const where = asked.map(([condition], index) => condition.replace("$", () => `$${index + 1}`)).join(" or ");
  const text = `select 'device' as kind, device_key as key, data from topdog.devices where ${where} order by device_key for update`;
  return query(
    text,
    asked.map(([, values]) => values),
  );
}

/** The sessions by which the loaded devices were paired. */
function sessionIdsOf({ devices }: Ledger): readonly string[] {
  return [...new Set([...devices.values()].map(({ sessionId }) => columnText(sessionId)))];
}

type RestNames = Pick<MergedNames, "devices" | "codeHashes" | "sessionIds" | "texts"> & { readonly inboxes: readonly string[] };

async function lockRest(query: Query, { devices, codeHashes, sessionIds, texts, inboxes }: RestNames): Promise<readonly Row[]> {
  if (devices.length + codeHashes.length + sessionIds.length + texts.length + inboxes.length === 0) return [];
  return query(LOCK_REST, [codeHashes, sessionIds, texts, inboxes, devices]);
}

/** The changes of a batch come within milliseconds: hardly an invite expires between the first moment and the last. */
async function countPending(query: Query, moments: readonly Instant[], pending: LoadedPending, locked: boolean): Promise<void> {
  const [first, last] = [Math.min(...moments), Math.max(...moments)];
  const [row] = await query(COUNT_PENDING, [first, last]);
  const { later, next, between } = row as { readonly later: number; readonly next: Instant | null; readonly between: readonly string[] };
  const expiries = between.map(Number);
  for (const at of moments) {
    const after = expiries.filter((expiry) => expiry > at);
    const count = later + after.length;
    if (count >= EXACT_FROM && !locked) throw new NearPendingLimit();
    pending.load(at, count, after[0] ?? next ?? undefined);
  }
}

async function loadSends(query: Query, names: MergedNames, ledger: Ledger, sends: Readonly<Record<Pool, LoadedSends>>): Promise<void> {
  const ofSessions = names.sendsOfSessions.flatMap((codeHash) => {
    const text = ledger.texts.get(ledger.sessions.get(codeHash)?.textId ?? "");
    return text ? [text] : [];
  });
  const asked = [...names.sends.flatMap(({ text }) => (text ? [text] : [])), ...ofSessions];
  for (const pool of ["pairing", "approval"] as const) {
    const numbers = new Set(asked.filter((text) => poolOf(text) === pool).map(({ to }) => to));
    if (numbers.size === 0) continue;
    const budgets = names.sends.map(({ budget }) => budget);
    const times = await readSends(query, {
      pool,
      phoneNumbers: numbers,
      at: Math.min(...names.sends.map(({ at }) => at)),
      perDay: Math.max(...budgets.map(({ perDay }) => perDay)),
      // However many this transaction adds.
      nearLimit: Math.min(...budgets.map(({ perDay }) => perDay)) - names.sends.length,
    });
    for (const [phoneNumber, sent] of times) sends[pool].load(sent, phoneNumber);
  }
}

const TAKE_LOCKS = `
select pg_advisory_xact_lock(lock) from
  (select distinct hashtextextended('topdog. ' || name, 0) as lock from unnest($1::text[]) as named (name) order by lock) as locks`;

const READ_MESSAGES = "select 'message' as kind, message_id as key, data from topdog.messages where message_id = any($1)";

/** Those that are only counted are not locked: that one of them ends meanwhile makes room, and no more. */
const LOCK_APPROVALS = `
with named as (select approval_id, data from topdog.approvals where approval_id = any($1) order by approval_id for update)
select 'approval' as kind, approval_id as key, data from named
union all
select 'approval', approval_id, data from topdog.approvals where status = 'pending' and user_ids && $2::text[]`;

/** One after the other, in the order of the last part. */
const LOCK_REST = `
with found_devices as (
  select device_key, data from topdog.devices where device_key = any($5) order by device_key for update
), found_sessions as (
  select code_hash, text_id, data from topdog.sessions
  where code_hash = any($1) or session_id = any($2)
    or session_id = any(array(select session_id from topdog.texts where text_id = any($3)))
  order by code_hash for update
), found_texts as (
  select text_id, data from topdog.texts
  where text_id = any($3) or text_id = any(array(select text_id from found_sessions where code_hash = any($1)))
  order by text_id for update
), found_inboxes as (
  select device_key, queued, queued_bytes, data from topdog.inboxes where device_key = any($4) order by device_key for update
)
select 'device' as kind, device_key as key, data, null::bigint as queued, null::bigint as queued_bytes from found_devices
union all
select 'session', code_hash, data, null, null from found_sessions
union all
select 'text', text_id, data, null, null from found_texts
union all
select 'inbox', device_key, data, queued, queued_bytes from found_inboxes`;

const READ_CLAIMED = "select 'session' as kind, code_hash as key, data from topdog.sessions where claims_end > $1";

const COUNT_PENDING = `
with pending as (select expires_at from topdog.sessions where status = 'pending' and expires_at > $1)
select (select count(*) from pending where expires_at > $2) as later, (select min(expires_at) from pending where expires_at > $2) as next,
  array(select expires_at from pending where expires_at <= $2 order by expires_at) as between`;
