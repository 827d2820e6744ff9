import type { ChangeEvent, Device, Log } from "../../../core/index.ts";
import type { FeedMeasures } from "../measures.ts";
import { EVERY_PHONE } from "./columns.ts";
import type { Query, Row } from "./connection.ts";
import { reasonOf } from "./errors.ts";
import { SHARED_KINDS, type SharedKind } from "./shared-database.ts";
import type { Signals } from "./signals.ts";

/** What other servers changed, as this one reports it to its own listeners. */
export interface ForeignChanges {
  readonly events: readonly ChangeEvent[];
  /** What changed beside the records. */
  readonly shared: readonly SharedKind[];
  /** The phones that have something new to read; `all`: nobody knows which. */
  readonly phones: readonly Pick<Device, "userId" | "deviceId">[] | "all";
}

export interface ChangeFeed {
  /** A change that this server made itself, which its use cases report. */
  noteOwn(changeId: string): void;
  /** It is reported as another server's if it turns up: its use case does not know of it. */
  forgetOwn(changeId: string): void;
  /** Reads what is new now, once more if it is being read already. */
  wake(): Promise<void>;
  measure(): FeedMeasures;
  stop(): void;
}

export interface ChangeFeedDeps {
  readonly query: Query;
  readonly signals: Pick<Signals, "listen" | "isNotified">;
  readonly changed: (changes: ForeignChanges) => void;
  readonly log: Log;
}

/** Notifications are lost with a connection, so the list is read all the same. */
const POLL_MS = 1000;
/** Where a pooler swallows notifications. */
const POLL_ALONE_MS = 250;
const AT_ONCE = 500;
const MAX_OWN = 10_000;

/** Which events a change of these records means. */
const EVENTS: Readonly<Record<string, readonly ChangeEvent[]>> = {
  sessions: ["invites"],
  texts: ["invites", "approvals"],
  devices: ["devices", "invites", "messages"],
  approvals: ["approvals"],
  messages: ["messages"],
  inboxes: ["messages"],
  audit: ["audit"],
};
const ALL_EVENTS = [...new Set(Object.values(EVENTS).flat())];

/**
 * Follows the list of changes, whose numbers are given under a lock that is held until the commit: one that can be read has all before
 * it. A notification says only that there is something to read. Where more was missed than the list still has, or numbers are given again,
 * everything is reported as changed.
 */
export async function createChangeFeed({ signals, ...deps }: ChangeFeedDeps): Promise<ChangeFeed> {
  const [state] = await deps.query("select change_seq from topdog.state");
  const stopping = new AbortController();
  const { noteOwn, forgetOwn, wake, readAt } = createReader(deps, (state?.["change_seq"] as number | undefined) ?? 0, stopping.signal);
  const stopListening = signals.listen("change", () => void wake());
  let timer: NodeJS.Timeout | undefined;
  const poll = (): void => {
    if (stopping.signal.aborted) return;
    timer = setTimeout(() => void wake().finally(poll), signals.isNotified() ? POLL_MS : POLL_ALONE_MS);
    timer.unref();
  };
  poll();
  return {
    noteOwn,
    forgetOwn,
    wake,
    measure: () => ({ ageMilliseconds: performance.now() - readAt(), notified: signals.isNotified() }),
    stop() {
      clearTimeout(timer);
      stopping.abort();
      stopListening();
    },
  };
}

interface Reader extends Pick<ChangeFeed, "noteOwn" | "forgetOwn" | "wake"> {
  /** When all that there was had been read, in steady time. */
  readAt(): number;
}

/** `last`: the number of the last change that is known. */
function createReader({ query, changed, log }: Omit<ChangeFeedDeps, "signals">, last: number, stopping: AbortSignal): Reader {
  const own = new Set<string>();
  let lastRead = last;
  let lastId: unknown;
  let reading: Promise<void> | undefined;
  let again = false;
  let failing = false;
  let readAt = performance.now();

  const readOn = async (): Promise<void> => {
    do {
      again = false;
      const { rows, known, newest } = await readFrom(query, lastRead);
      // After a failover to a standby that lacked the last changes, their numbers are given again.
      const lost = newest < lastRead || (known !== undefined && lastId !== undefined && known !== lastId);
      const first = rows[0]?.["seq"] as number | undefined;
      // All that was missed may be past its time in the list.
      const missed = lost || (first ?? newest + 1) > lastRead + 1;
      const lastRow = rows.at(-1);
      lastRead = (lastRow?.["seq"] as number | undefined) ?? newest;
      lastId = lastRow?.["change_id"] ?? (missed ? undefined : (known ?? lastId));
      const foreign = rows.filter(({ change_id }) => !own.delete(change_id as string));
      if (missed) changed({ events: ALL_EVENTS, shared: SHARED_KINDS, phones: "all" });
      else if (foreign.length > 0) changed({ events: eventsOf(foreign), shared: sharedOf(foreign), phones: phonesOf(foreign) });
      again ||= rows.length >= AT_ONCE;
    } while (again && !stopping.aborted);
    readAt = performance.now();
    if (failing) log.info("the database's changes are read again");
    failing = false;
  };
  return {
    noteOwn(changeId) {
      own.add(changeId);
      // Those whose commit failed are never read.
      const [oldest] = own;
      if (own.size > MAX_OWN && oldest !== undefined) own.delete(oldest);
    },
    forgetOwn: (changeId) => void own.delete(changeId),
    async wake() {
      if (stopping.aborted) return;
      again = true;
      reading ??= readOn()
        .catch((cause: unknown) => {
          if (!failing && !stopping.aborted) log.warn("the database's changes cannot be read", { reason: reasonOf(cause) });
          failing = true;
        })
        .finally(() => {
          reading = undefined;
        });
      await reading;
    },
    readAt: () => readAt,
  };
}

function eventsOf(rows: readonly Row[]): readonly ChangeEvent[] {
  return [...new Set(kindsOf(rows).flatMap((name) => EVENTS[name] ?? []))];
}

function sharedOf(rows: readonly Row[]): readonly SharedKind[] {
  const kinds = kindsOf(rows);
  return SHARED_KINDS.filter((kind) => kinds.includes(kind));
}

function kindsOf(rows: readonly Row[]): readonly string[] {
  return rows.flatMap(({ kind }) => (kind as string).split(" "));
}

function phonesOf(rows: readonly Row[]): ForeignChanges["phones"] {
  if (rows.some(({ key }) => key === EVERY_PHONE)) return "all";
  const pairs = rows.flatMap(({ key }) => JSON.parse(key as string) as readonly (readonly [string, string])[]);
  return pairs.map(([userId, deviceId]) => ({ userId, deviceId }));
}

interface ReadChanges {
  /** After the last one that is known. */
  readonly rows: readonly Row[];
  /** The id that the last known change has now; `undefined`: it was pruned, or is not there. */
  readonly known: unknown;
  /** The number that was given last. */
  readonly newest: number;
}

async function readFrom(query: Query, last: number): Promise<ReadChanges> {
  const found = await query(READ_CHANGES, [last, AT_ONCE + 1]);
  const newest = found[0]?.["newest"] as number;
  const rows = found.filter(({ seq }) => seq !== null);
  const isKnown = rows[0]?.["seq"] === last;
  return { rows: isKnown ? rows.slice(1) : rows, known: isKnown ? rows[0]?.["change_id"] : undefined, newest };
}

/** One row at least, which says how far the numbers are. */
const READ_CHANGES = `
select state.change_seq as newest, c.seq, c.change_id, c.kind, c.key from topdog.state
left join lateral (select * from topdog.changes where seq >= $1 order by seq limit $2) c on true order by c.seq`;
