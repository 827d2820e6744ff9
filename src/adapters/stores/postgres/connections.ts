import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { once } from "../../../base/once.ts";
import { type Log, PairingError, type PhoneConnections } from "../../../core/index.ts";
import { deviceColumn } from "./columns.ts";
import type { Query } from "./connection.ts";
import { reasonOf } from "./errors.ts";
import { serverLives } from "./leases.ts";
import type { OwnLease } from "./own-lease.ts";
import type { Signals } from "./signals.ts";

interface ConnectionDeps {
  readonly query: Query;
  readonly channel: string;
  readonly signals: Pick<Signals, "listen" | "isNotified">;
  /** A server without it may have lost its phones to others, and ends their connections. */
  readonly own: OwnLease;
  readonly log: Log;
}

/** A connection of this server that has not ended yet. */
interface Open {
  readonly key: string;
  readonly epoch: number;
  finish(): Promise<void>;
}

/** How long a former connection may take to end. A server that is gone or paused does not answer, and its phones come back meanwhile. */
const FORMER_MS = 2000;
const ASK_AGAIN_MS = 200;
const POLL_ALONE_MS = 1000;

/** A row for each phone: its epoch rises with each connection, `ended` is the last one of which it is known that it has ended. */
export function createConnections(deps: ConnectionDeps): PhoneConnections & { stop(): void } {
  const { query, channel, signals, own } = deps;
  const connections = createOwnConnections(deps);
  const ended = createEnded(deps);
  const timer = setInterval(() => {
    if (!signals.isNotified()) connections.verifyAll();
    ended.noteAgain();
  }, POLL_ALONE_MS).unref();

  return {
    async open(phone, end) {
      if (!(await own.held())) throw new PairingError("storage_unavailable", { note: "this server has no lease" });
      const key = deviceColumn(phone);
      const digest = digestOf(key);
      const opening = connections.begin(digest);
      const [row] = await query(TAKE, [key, own.holder, channel, digest]).finally(opening.end);
      const epoch = row?.["epoch"] as number;
      const before = connections.finishBefore(digest, epoch);
      const waiting = Promise.all([...before, row?.["waits"] === true ? waitForEnd(deps, key, digest, epoch - 1) : undefined]);
      const one: Open = {
        key,
        epoch,
        finish: once(async () => {
          await end();
          await waiting.catch(() => undefined);
          await ended.note(key, epoch, digest);
          connections.remove(digest, one);
        }),
      };
      connections.add(digest, one);
      // What happened before it was among them.
      if (opening.newest() > epoch) void one.finish();
      await waiting;
      return one.finish;
    },
    async isOpen(phone) {
      const [row] = await query(IS_OPEN, [deviceColumn(phone)]);
      return row?.["open"] === true;
    },
    stop() {
      clearInterval(timer);
      connections.stop();
    },
  };
}

/** The connections of this server. Each is finished when another server has a newer one, or may have: when this one's lease is lost. */
function createOwnConnections({ query, signals, own, log }: ConnectionDeps) {
  /** By the digest that signals carry. */
  const open = new Map<string, Set<Open>>();
  /** Those that have no epoch yet, with the highest one that was signalled meanwhile. */
  const opening = new Set<{ readonly digest: string; newest: number }>();
  const all = (): readonly Open[] => [...open.values()].flatMap((ones) => [...ones]);
  const finishBefore = (digest: string, epoch: number): readonly Promise<void>[] =>
    [...(open.get(digest) ?? [])].filter((one) => one.epoch < epoch).map(async (one) => one.finish());
  const verify = async (): Promise<void> => {
    const keys = all().map(({ key }) => key);
    const rows = await query("select device_key, epoch from topdog.connections where device_key = any($1)", [keys]);
    for (const { device_key, epoch } of rows) void Promise.all(finishBefore(digestOf(device_key as string), epoch as number));
  };
  const verifyAll = (): void => {
    if (open.size === 0) return;
    verify().catch((cause: unknown) =>
      log.warn("phones' connections could not be compared with other servers'", { reason: reasonOf(cause) }),
    );
  };
  const signalled = (digest: string, epoch: number): void => {
    void Promise.all(finishBefore(digest, epoch));
    for (const one of opening) if (one.digest === digest) one.newest = Math.max(one.newest, epoch);
  };
  const stops = [
    signals.listen("connect", (text) => {
      const [digest = "", epoch] = text?.split(" ") ?? [];
      if (text === undefined) verifyAll();
      else signalled(digest, Number(epoch));
    }),
    own.onLost(() => {
      for (const one of all()) void one.finish();
      for (const one of opening) one.newest = Number.POSITIVE_INFINITY;
    }),
  ];
  return {
    verifyAll,
    finishBefore,
    /** `newest` is above the epoch of a connection that is over before it is added. */
    begin(digest: string): { newest(): number; end(): void } {
      const one = { digest, newest: 0 };
      opening.add(one);
      return { newest: () => one.newest, end: () => void opening.delete(one) };
    },
    add(digest: string, one: Open): void {
      open.set(digest, (open.get(digest) ?? new Set()).add(one));
    },
    remove(digest: string, one: Open): void {
      const ones = open.get(digest);
      ones?.delete(one);
      if (ones?.size === 0) open.delete(digest);
    },
    stop(): void {
      for (const stop of stops) stop();
    },
  };
}

/** Writes down which connections have ended. One that cannot be written down yet is tried again: its phone would count as connected. */
function createEnded({ query, channel }: Pick<ConnectionDeps, "query" | "channel">) {
  const missing = new Map<string, { readonly epoch: number; readonly digest: string }>();
  let noting = false;
  const write = async (key: string, epoch: number, digest: string): Promise<unknown> => query(END, [key, epoch, channel, digest]);
  const writeMissing = async (): Promise<void> => {
    for (const [key, one] of missing) {
      await write(key, one.epoch, one.digest);
      if (missing.get(key) === one) missing.delete(key);
    }
  };
  return {
    async note(key: string, epoch: number, digest: string): Promise<void> {
      await write(key, epoch, digest).catch(() => {
        if ((missing.get(key)?.epoch ?? 0) < epoch) missing.set(key, { epoch, digest });
      });
    },
    noteAgain(): void {
      if (noting || missing.size === 0) return;
      noting = true;
      writeMissing()
        // The database is still away.
        .catch(() => undefined)
        .finally(() => {
          noting = false;
        });
    },
  };
}

/** Resolves when the connection with this epoch has ended, or when its server does not say so in time. */
async function waitForEnd({ query, signals }: ConnectionDeps, key: string, digest: string, epoch: number): Promise<void> {
  const until = performance.now() + FORMER_MS;
  let ended = (): void => undefined;
  const stop = signals.listen("disconnect", (text) => {
    if (text === digest) ended();
  });
  try {
    while (performance.now() < until) {
      const signalled = new Promise<void>((resolve) => {
        ended = resolve;
      });
      const [row] = await query("select ended from topdog.connections where device_key = $1", [key]);
      if (((row?.["ended"] as number | undefined) ?? epoch) >= epoch) return;
      await Promise.race([signalled, delay(ASK_AGAIN_MS)]);
    }
  } finally {
    stop();
  }
}

/** A key may be longer than a notification. */
function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("base64url");
}

/**
 * Notifies the server of a former one that has not ended. It is not waited for where that server is gone. `former` is what there was when
 * the statement began: one that came in between, which it does not show, is of a server that is alive.
 */
const TAKE = `
with former as (select holder, epoch from topdog.connections where device_key = $1),
taken as (
  insert into topdog.connections as c (device_key, holder, epoch, ended) values ($1, $2, 1, 0)
  on conflict (device_key) do update set holder = excluded.holder, epoch = c.epoch + 1
  returning epoch, ended < c.epoch - 1 as notifies
)
select epoch, notifies and not exists (
    select from former where former.epoch = taken.epoch - 1 and not ${serverLives("former.holder")}
  ) as waits,
  case when notifies then pg_notify($3, 'connect ' || $4::text || ' ' || epoch::text) end
from taken`;

/** Notifies those that wait for it. */
const END = `
with noted as (update topdog.connections set ended = greatest(ended, $2::bigint) where device_key = $1 returning epoch)
select case when epoch > $2::bigint then pg_notify($3, 'disconnect ' || $4::text) end from noted`;

const IS_OPEN = `
select exists (select from topdog.connections c where c.device_key = $1 and c.ended < c.epoch and ${serverLives("c.holder")}) as open`;
