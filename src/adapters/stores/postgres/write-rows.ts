import { deviceKey } from "../../../core/index.ts";
import type { RowChanges } from "../../../core/store/index.ts";
import type { Ledger } from "../ledger.ts";
import {
  APPROVALS,
  type AuditRow,
  columnText,
  DEVICES,
  deviceColumn,
  EVERY_PHONE,
  INBOXES,
  MESSAGES,
  QUEUE,
  REVOKED,
  SENDS,
  SESSIONS,
  sendRows,
  type Table,
  TEXTS,
} from "./columns.ts";
import type { Query } from "./connection.ts";
import type { LoadedRows } from "./load-rows.ts";
import type { OutboxWrites } from "./plan-outbox.ts";

/** What a transaction writes besides its records. */
export interface CommitLine {
  readonly changeId: string;
  readonly at: number;
  /** The channel on which the other servers are notified. */
  readonly channel: string;
  /** Lines of the audit trail, each around its number. */
  readonly audit: readonly (Omit<AuditRow, "seq" | "line"> & { readonly around: readonly [before: string, after: string] })[];
}

/** The counts of the loaded ledger, from which the differences are taken. */
export interface Counts {
  readonly devices: Readonly<Ledger["deviceCounts"]>;
  readonly months: ReadonlyMap<number, number>;
}

export function countsOf({ deviceCounts, messageMonths }: Ledger): Counts {
  return { devices: { ...deviceCounts }, months: new Map(messageMonths) };
}

/** Collects the parts of one statement: each is one more `with`, and all of them see the same state. */
interface Statement {
  readonly values: unknown[];
  readonly parts: string[];
  /** Joined to what is inserted: nothing is, before this statement has the lock on the numbers. */
  readonly join: string;
}

const NUMBERED = " cross join numbered";

/** Those of one change: its recipients. */
const MAX_NAMED_DEVICES = 10_000;

/**
 * Writes all of a transaction in one statement: what the ledger has now of each record that changed. The row that numbers changes and
 * audit lines is locked by it, after all others and by everyone who changes anything: numbers have no gaps and are in the order of the
 * commits, and of two transactions that insert the same key the later one waits here and not with its key.
 */
export async function writeRows(
  query: Query,
  changes: readonly RowChanges[],
  rows: LoadedRows,
  before: Counts,
  outbox: OutboxWrites,
  commit: CommitLine,
): Promise<void> {
  const { ledger, known } = rows;
  const statement: Statement = { values: [], parts: [], join: NUMBERED };
  const numbers = numberParts(statement, before, ledger, commit);
  const changed = (keysOf: (change: RowChanges) => readonly string[]): readonly string[] => [...new Set(changes.flatMap(keysOf))];
  const sessions = changed((change) => (change.sessions ?? []).map(({ codeHash }) => codeHash));
  const texts = changed((change) => (change.texts ?? []).map(({ id }) => id));
  const devices = changed((change) => (change.devices ?? []).map(deviceKey));
  const approvals = changed((change) => (change.approvals ?? []).map(({ approvalId }) => approvalId));
  putRecords(statement, SESSIONS, sessions, known.sessions, (key) => ledger.sessions.get(key));
  putRecords(statement, TEXTS, texts, known.texts, (key) => ledger.texts.get(key));
  putRecords(statement, DEVICES, devices, known.devices, (key) => ledger.devices.get(key), NEW_PLACE);
  putRecords(statement, APPROVALS, approvals, known.approvals, (key) => ledger.approvals.get(key));
  insert(
    statement,
    MESSAGES,
    changes.flatMap((change) => change.messages ?? []),
  );
  putOutbox(statement, outbox, rows);
  insert(
    statement,
    REVOKED,
    changes.flatMap((change) => change.revoked ?? []),
    " on conflict (jti) do nothing",
  );
  insert(statement, SENDS, [...sendRows(ledger)]);
  putMonths(statement, before, ledger);
  const kinds = namesOfFilled({
    sessions,
    texts,
    devices,
    approvals,
    messages: outbox.added,
    inboxes: outbox.inboxes,
    audit: commit.audit,
  });
  // Those that have something to read, or lost their access: a phone that was only seen is no news for it.
  const phones = changed((change) => [
    ...(change.messages ?? []).flatMap(({ to }) => to.map(deviceKey)),
    ...(change.devices ?? []).filter(({ status }) => status !== "active").map(deviceKey),
  ]);
  putCommit(statement, commit, kinds, phones);
  const parts = [`numbered as (${numbers})`, ...statement.parts.map((part, index) => `part_${index} as (${part})`)];
  await query(
    `with ${parts.join(",\n")}
select pg_notify(${value(statement, commit.channel)}::text, change_seq::text) from numbered`,
    statement.values,
  );
}

function namesOfFilled(lists: Readonly<Record<string, readonly unknown[]>>): readonly string[] {
  return Object.entries(lists)
    .filter(([, items]) => items.length > 0)
    .map(([name]) => name);
}

/** A device that was paired anew is the newest again. */
const NEW_PLACE = "ord = case when t.jti = u.jti then t.ord else nextval(pg_get_serial_sequence('topdog.devices', 'ord')) end";

/** Inserts what is new, so that of two transactions that make the same record one fails; updates or deletes what was locked. */
function putRecords<Item>(
  statement: Statement,
  table: Table<Item>,
  keys: readonly string[],
  known: ReadonlySet<string>,
  get: (key: string) => Item | undefined,
  more?: string,
): void {
  const isKnown = (key: string): boolean => known.has(columnText(key));
  const items = keys.map((key) => ({ key, item: get(key) }));
  insert(
    statement,
    table,
    items.flatMap(({ key, item }) => (item !== undefined && !isKnown(key) ? [item] : [])),
  );
  update(
    statement,
    table,
    items.flatMap(({ key, item }) => (item !== undefined && isKnown(key) ? [item] : [])),
    more,
  );
  const gone = items.filter(({ key, item }) => item === undefined && isKnown(key)).map(({ key }) => columnText(key));
  if (gone.length > 0)
    statement.parts.push(`delete from topdog.${table.name} where ${table.columns[0][0]} = any(${text(statement, gone)})`);
}

/** Inserts records in their order, as a statement of its own. */
export function insertStatement<Item>(
  table: Table<Item>,
  items: readonly Item[],
): { readonly text: string; readonly values: readonly unknown[] } {
  const statement: Statement = { values: [], parts: [], join: "" };
  insert(statement, table, items);
  return { text: statement.parts.join(), values: statement.values };
}

/** `more`: the end of the statement, which says what becomes of a key that there is. */
function insert<Item>(statement: Statement, table: Table<Item>, items: readonly Item[], more = ""): void {
  if (items.length === 0) return;
  const names = table.columns.map(([name]) => name).join(", ");
  statement.parts.push(
    `insert into topdog.${table.name} (${names}) select ${selected(table)} from ${unnested(statement, table, items, true)}${statement.join} order by n${more}`,
  );
}

function update<Item>(statement: Statement, table: Table<Item>, items: readonly Item[], more?: string): void {
  if (items.length === 0) return;
  const [key, ...columns] = table.columns;
  const set = columns.map(([name, type]) => `${name} = u.${name}${type === "text[]" ? "::text[]" : ""}`);
  statement.parts.push(
    `update topdog.${table.name} t set ${[...set, ...(more ? [more] : [])].join(", ")} from ${unnested(statement, table, items)} where t.${key[0]} = u.${key[0]}`,
  );
}

function selected({ columns }: Table<never>): string {
  return columns.map(([name, type]) => (type === "text[]" ? `${name}::text[]` : name)).join(", ");
}

function unnested<Item>(statement: Statement, { columns, valuesOf }: Table<Item>, items: readonly Item[], ordered = false): string {
  const lines = items.map(valuesOf);
  const arrays = columns.map(([, type], index) => {
    const cells = lines.map((line) => line[index]);
    return `${value(statement, cells)}::${type === "text[]" ? "text" : type}[]`;
  });
  const names = columns.map(([name]) => name).join(", ");
  return `unnest(${arrays.join(", ")})${ordered ? " with ordinality" : ""} as u (${names}${ordered ? ", n" : ""})`;
}

function putOutbox(statement: Statement, { inboxes, added, dropped, gone }: OutboxWrites, rows: LoadedRows): void {
  const isKnown = ({ inbox }: (typeof inboxes)[number]): boolean => rows.inboxes.has(deviceColumn(inbox));
  insert(
    statement,
    INBOXES,
    inboxes.filter((row) => !isKnown(row)),
  );
  update(statement, INBOXES, inboxes.filter(isKnown));
  insert(statement, QUEUE, added);
  for (const [entries, sign] of [
    [dropped, "="],
    [gone, "<="],
  ] as const) {
    if (entries.length === 0) continue;
    const devices = text(
      statement,
      entries.map(({ device }) => device),
    );
    statement.parts.push(`delete from topdog.queue q using unnest(${devices}, ${bigint(
      statement,
      entries.map(({ seq }) => seq),
    )}) as u (device, seq)
      where q.device_key = u.device and q.seq ${sign} u.seq`);
  }
}

function putMonths(statement: Statement, before: Counts, { messageMonths }: Ledger): void {
  const months = [...messageMonths].map(([month, count]) => ({ month, more: count - (before.months.get(month) ?? 0) }));
  const changed = months.filter(({ more }) => more !== 0);
  if (changed.length === 0) return;
  const values = `${bigint(
    statement,
    changed.map(({ month }) => month),
  )}, ${bigint(
    statement,
    changed.map(({ more }) => more),
  )}`;
  statement.parts.push(`insert into topdog.months as m (month, messages) select month, more from unnest(${values}) as u (month, more)${NUMBERED}
    on conflict (month) do update set messages = m.messages + excluded.messages`);
}

function numberParts(statement: Statement, before: Counts, { deviceCounts }: Ledger, { audit }: CommitLine): string {
  const more = (["active", "suspended", "revoked"] as const).map(
    (status) => `${status} = ${status} + ${value(statement, deviceCounts[status] - before.devices[status])}::bigint`,
  );
  const lines = `${value(statement, audit.length)}::bigint`;
  return `update topdog.state set audit_seq = audit_seq + ${lines}, change_seq = change_seq + 1, ${more.join(", ")}
    returning audit_seq - ${lines} as audit_before, change_seq`;
}

function putCommit(statement: Statement, { audit, changeId, at }: CommitLine, kinds: readonly string[], phones: readonly string[]): void {
  if (audit.length > 0) {
    const columns = [
      bigint(
        statement,
        audit.map((line) => line.at),
      ),
      text(
        statement,
        audit.map(({ event }) => event),
      ),
      text(
        statement,
        audit.map(({ around }) => around[0]),
      ),
      text(
        statement,
        audit.map(({ around }) => around[1]),
      ),
    ];
    statement.parts.push(`insert into topdog.audit (seq, at, event, line)
      select audit_before + n, at, event, start || (audit_before + n) || rest
      from unnest(${columns.join(", ")}) with ordinality as u (at, event, start, rest, n)${NUMBERED} order by n`);
  }
  // A device's key is JSON itself.
  const key = phones.length > MAX_NAMED_DEVICES ? EVERY_PHONE : `[${phones.join(",")}]`;
  const line = [changeId, at, kinds.join(" "), key].map((cell) => value(statement, cell));
  statement.parts.push(
    `insert into topdog.changes (seq, change_id, at, kind, key)
      select change_seq, ${line[0]}::text, ${line[1]}::bigint, ${line[2]}::text, ${line[3]}::text from numbered`,
  );
}

/** The place of a value in the statement. */
function value({ values }: Statement, given: unknown): string {
  values.push(given);
  return `$${values.length}`;
}

function text(statement: Statement, given: readonly string[]): string {
  return `${value(statement, given)}::text[]`;
}

function bigint(statement: Statement, given: readonly number[]): string {
  return `${value(statement, given)}::bigint[]`;
}
