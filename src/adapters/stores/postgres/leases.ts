import { createSerialQueue } from "../../../base/serial-queue.ts";
import type { LeasedWork, Leases, Log } from "../../../core/index.ts";
import type { LeaseMeasure } from "../measures.ts";
import type { Query } from "./connection.ts";
import { DATABASE_NOW } from "./database-clock.ts";
import { reasonOf } from "./errors.ts";
import type { Signals } from "./signals.ts";

interface LeaseDeps {
  readonly query: Query;
  /** The channel on which the other servers are notified. */
  readonly channel: string;
  readonly signals: Pick<Signals, "listen">;
  /** This run of this server. */
  readonly holder: string;
  readonly log: Log;
}

export interface MeasuredLeases extends Leases {
  /** Those that this server holds or waits for. */
  measure(): readonly LeaseMeasure[];
}

const RENEW_MS = 5000;
const LEASE_MS = 15_000;
/** Two computers' steady clocks differ by less in this time. */
const MARGIN_MS = 1000;

/** A condition of a statement: the server whose run has this name holds its own lease. */
export function serverLives(holder: string): string {
  return `exists (select from topdog.leases own where own.name = 'server ' || ${holder} and own.until > ${DATABASE_NOW})`;
}

/** Leases as rows, which run out by the database's clock. */
export function createLeases(deps: LeaseDeps): MeasuredLeases {
  const followed = new Set<{ readonly name: string; readonly holding: Holding }>();
  return {
    take(name, work) {
      const holding = createHolding(name, work, deps.log);
      const one = { name, holding };
      followed.add(one);
      const giveBack = follow(deps, name, holding);
      return async () => {
        await giveBack();
        followed.delete(one);
      };
    },
    measure: () => [...followed].map(({ name, holding }) => ({ name, isHeld: holding.isHeld() })),
  };
}

/** What this server knows of a lease that it wants. */
interface Holding {
  isHeld(): boolean;
  /** The database has just given or renewed it. */
  renewed(epoch: number, until: number): void;
  drop(reason: string): void;
  /** Ends the work without a loss. Returns the epoch to give back. */
  release(): number | undefined;
}

function createHolding(name: string, work: LeasedWork, log: Log): Holding {
  let held: { readonly epoch: number; until: number } | undefined;
  let expiry: NodeJS.Timeout | undefined;

  const drop = (reason: string): void => {
    clearTimeout(expiry);
    if (!held) return;
    log.info("a lease was lost", { lease: name, epoch: held.epoch, reason });
    held = undefined;
    work.lost();
  };
  return {
    isHeld: () => held !== undefined && performance.now() < held.until,
    renewed(epoch, until) {
      if (held?.epoch !== epoch) drop("another server had it");
      clearTimeout(expiry);
      expiry = setTimeout(() => drop("it could not be renewed in time"), until - performance.now()).unref();
      if (held) {
        held.until = until;
        return;
      }
      const taken = { epoch, until };
      held = taken;
      log.info("a lease was taken", { lease: name, epoch });
      work.taken({ epoch, isHeld: () => held === taken && performance.now() < taken.until });
    },
    drop,
    release() {
      clearTimeout(expiry);
      const epoch = held?.epoch;
      held = undefined;
      return epoch;
    },
  };
}

function follow({ query, channel, signals, holder, log }: LeaseDeps, name: string, holding: Holding): () => Promise<void> {
  let stopped = false;
  let failing = false;
  const turns = createSerialQueue();

  const attempt = async (): Promise<void> => {
    if (stopped) return;
    // Before the question: the database's lease ends later than this one.
    const from = performance.now();
    const [row] = await query(TAKE, [name, holder, LEASE_MS]);
    const until = from + LEASE_MS - MARGIN_MS;
    failing = false;
    if (!row) holding.drop("another server has it");
    // Else the answer was read too late, after this process was paused: the next one counts.
    else if (performance.now() < until) holding.renewed(row["epoch"] as number, until);
  };
  const renew = (): void => {
    turns.run(attempt).catch((cause: unknown) => {
      if (!failing) log.warn("a lease cannot be renewed", { lease: name, reason: reasonOf(cause) });
      failing = true;
    });
  };
  const stopListening = signals.listen("lease", (given) => {
    if (given === undefined || given === name) renew();
  });
  const timer = setInterval(renew, RENEW_MS).unref();
  renew();
  return async () => {
    stopped = true;
    clearInterval(timer);
    stopListening();
    await turns.idle();
    const epoch = holding.release();
    // Otherwise it runs out by itself.
    if (epoch !== undefined) await query(GIVE_BACK, [name, holder, epoch, channel]).catch(() => undefined);
  };
}

/** Free, run out, or our own. It is another one than before where it had run out, even for the same holder. */
const TAKE = `
insert into topdog.leases as l (name, holder, epoch, until) values ($1, $2, 1, ${DATABASE_NOW} + $3::bigint)
on conflict (name) do update set
  epoch = case when l.holder = excluded.holder and l.until > ${DATABASE_NOW} then l.epoch else l.epoch + 1 end,
  holder = excluded.holder,
  until = excluded.until
where l.holder = excluded.holder or l.until <= ${DATABASE_NOW}
returning epoch`;

const GIVE_BACK = `
with given as (update topdog.leases set until = 0 where name = $1 and holder = $2 and epoch = $3 returning name)
select pg_notify($4, 'lease ' || name) from given`;
