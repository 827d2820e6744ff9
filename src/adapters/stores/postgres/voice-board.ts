import {
  type AskedAction,
  DAY,
  type Log,
  type SettledCommand,
  type VoiceBoard,
  type VoiceCommand,
  type VoiceOffer,
} from "../../../core/index.ts";
import { columnText } from "./columns.ts";
import type { Query, Row } from "./connection.ts";
import { DATABASE_NOW } from "./database-clock.ts";
import { reasonOf } from "./errors.ts";
import { serverLives } from "./leases.ts";
import type { OwnLease } from "./own-lease.ts";
import type { Signals } from "./signals.ts";

interface BoardDeps {
  readonly query: Query;
  readonly channel: string;
  readonly signals: Pick<Signals, "listen" | "isNotified">;
  readonly own: OwnLease;
  readonly log: Log;
}

const POLL_ALONE_MS = 1000;
const WRITE_AGAIN_MS = 5000;

/** Offers and commands as rows. An offer of this process counts as long as this server's own lease. */
export function createVoiceBoard(deps: BoardDeps): VoiceBoard & { stop(): void } {
  const { query, channel } = deps;
  const offers = createOwnOffers(deps);
  const listeners = createListeners(deps);
  return {
    async offer(offer, lapse) {
      if (lapse === undefined) await offers.add(offer);
      else await query(OFFER, [offer.handlerId, null, lapse, JSON.stringify(offer.commands)]);
    },
    offers: async () =>
      (await query(READ_OFFERS)).map(({ handler_id, data }) => ({
        handlerId: handler_id as string,
        commands: data as VoiceOffer["commands"],
      })),
    renew: async (handlerId, lapse) => (await query(RENEW, [columnText(handlerId), lapse])).length > 0,
    async withdraw(handlerId) {
      offers.remove(handlerId);
      return (await query(WITHDRAW, [columnText(handlerId)])).length > 0;
    },
    listen: listeners.listen,
    async ask({ commandId, jti, action }, within) {
      await query(ASK, [commandId, jti, within, JSON.stringify(action)]);
    },
    confirm: async (commandId, jti) => (await query(CONFIRM, [columnText(commandId), jti]))[0]?.["data"] as AskedAction | undefined,
    queue: async (handlerId, command) => (await query(QUEUE, [command.commandId, handlerId, JSON.stringify(command), channel])).length > 0,
    async countQueued(handlerId) {
      const [row] = await query("select count(*) as queued from topdog.voice_commands where handler_id = $1 and status = 'queued'", [
        columnText(handlerId),
      ]);
      return row?.["queued"] as number;
    },
    take: async (handlerId, within) =>
      (await query(TAKE, [columnText(handlerId), within]))
        .toSorted((one, other) => (one["ord"] as number) - (other["ord"] as number))
        .map(({ data }) => data as VoiceCommand),
    async settle(commandId, outcome) {
      const [row] = await query(SETTLE, [columnText(commandId), JSON.stringify(outcome)]);
      return row && settled(row);
    },
    takeUnanswered: async ({ gone, overdue }) =>
      (await query(TAKE_UNANSWERED, [JSON.stringify(gone), JSON.stringify(overdue)])).map(settled),
    async forget({ command, isLate }) {
      await query(isLate ? FORGET_LATE : FORGET, [columnText(command.commandId)]);
    },
    stop() {
      offers.stop();
      listeners.stop();
    },
  };
}

function settled({ data, outcome, status }: Row): SettledCommand {
  return { command: data as VoiceCommand, outcome: outcome as SettledCommand["outcome"], isLate: status === "late" };
}

/** Those of this process are written again when this server's lease had ended, since others took them for gone. */
function createOwnOffers({ query, own, log }: BoardDeps) {
  const all = new Map<string, VoiceOffer>();
  const unwritten = new Set<string>();
  const write = async (offer: VoiceOffer): Promise<void> => {
    unwritten.add(offer.handlerId);
    await query(OFFER, [offer.handlerId, own.holder, null, JSON.stringify(offer.commands)]);
    if (all.get(offer.handlerId) === offer) unwritten.delete(offer.handlerId);
  };
  const rewrite = (handlerIds: Iterable<string>): void => {
    for (const offer of [...handlerIds].map((handlerId) => all.get(handlerId)))
      if (offer)
        write(offer).catch((cause: unknown) => log.warn("an offer of voice commands could not be written", { reason: reasonOf(cause) }));
  };
  const stopListening = own.onTaken(() => rewrite(all.keys()));
  const timer = setInterval(() => rewrite(unwritten), WRITE_AGAIN_MS).unref();
  return {
    async add(offer: VoiceOffer): Promise<void> {
      all.set(offer.handlerId, offer);
      await write(offer);
    },
    remove(handlerId: string): void {
      all.delete(handlerId);
      unwritten.delete(handlerId);
    },
    stop(): void {
      clearInterval(timer);
      stopListening();
    },
  };
}

function createListeners({ signals }: BoardDeps) {
  const listeners = new Map<string, Set<() => void>>();
  const wake = (handlerIds: Iterable<string>): void => {
    for (const handlerId of handlerIds) for (const listener of listeners.get(handlerId) ?? []) listener();
  };
  const stopListening = signals.listen("voice", (handlerId) => wake(handlerId === undefined ? listeners.keys() : [handlerId]));
  const timer = setInterval(() => {
    if (!signals.isNotified()) wake(listeners.keys());
  }, POLL_ALONE_MS).unref();
  return {
    listen(handlerId: string, listener: () => void): () => void {
      const own = listeners.get(handlerId) ?? new Set();
      listeners.set(handlerId, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0 && listeners.get(handlerId) === own) listeners.delete(handlerId);
      };
    },
    stop(): void {
      clearInterval(timer);
      stopListening();
    },
  };
}

const LIVES = `(coalesce(h.until > ${DATABASE_NOW}, false) or ${serverLives("h.holder")})`;

const OFFER = `
insert into topdog.voice_handlers (handler_id, holder, until, data) values ($1, $2, ${DATABASE_NOW} + $3::bigint, $4)
on conflict (handler_id) do update set holder = excluded.holder, until = excluded.until, data = excluded.data`;

const READ_OFFERS = `select handler_id, data from topdog.voice_handlers h where ${LIVES} order by ord`;

const RENEW = `update topdog.voice_handlers h set until = ${DATABASE_NOW} + $2::bigint where handler_id = $1 and until > ${DATABASE_NOW} returning 1`;

const WITHDRAW = `delete from topdog.voice_handlers h where handler_id = $1 and ${LIVES} returning 1`;

const ASK = `
insert into topdog.voice_commands (command_id, status, jti, until, data) values ($1, 'asked', $2, ${DATABASE_NOW} + $3::bigint, $4)`;

const CONFIRM = `
delete from topdog.voice_commands where command_id = $1 and status = 'asked' and jti = $2 and until > ${DATABASE_NOW} returning data`;

const QUEUE = `
with queued as (
  insert into topdog.voice_commands (command_id, status, handler_id, data)
  select $1, 'queued', $2::text, $3::json where exists (select from topdog.voice_handlers h where h.handler_id = $2::text and ${LIVES})
  returning handler_id
)
select pg_notify($4, 'voice ' || handler_id) from queued`;

/**
 * From here on a command is `running` until it is due, `settled` by its handler or for one that had not taken it, `unanswered` when its
 * phone is answered for a handler that had, and `late` when that one answers after all. An `unanswered` one without an outcome waits for
 * that alone.
 */
const TAKE = `
update topdog.voice_commands set status = 'running', until = ${DATABASE_NOW} + $2::bigint where command_id in (
  select command_id from topdog.voice_commands where handler_id = $1 and status = 'queued' order by ord for update
) returning ord, data`;

/** Given out again after so long, where its server was gone before the phone had it. */
const AGAIN = `${DATABASE_NOW} + 15000`;

const SETTLE = `
update topdog.voice_commands set status = case status when 'unanswered' then 'late' else 'settled' end, outcome = $2, until = ${AGAIN}
where command_id = $1 and status in ('queued', 'running', 'unanswered') returning data, outcome, status`;

const IS_GONE = `not exists (select from topdog.voice_handlers h where h.handler_id = c.handler_id and ${LIVES})`;

const TAKE_UNANSWERED = `
with gone as (delete from topdog.voice_handlers h where not ${LIVES}),
past as (
  delete from topdog.voice_commands
  where (status = 'asked' or (status = 'unanswered' and outcome is null)) and until <= ${DATABASE_NOW}
)
update topdog.voice_commands c set
  status = case c.status when 'queued' then 'settled' when 'running' then 'unanswered' else c.status end,
  outcome = coalesce(c.outcome, case when ${IS_GONE} then $1::json else $2::json end),
  until = ${AGAIN}
where (c.status in ('queued', 'running') and ${IS_GONE})
  or (c.until <= ${DATABASE_NOW} and (c.status = 'running' or (c.status in ('settled', 'unanswered', 'late') and c.outcome is not null)))
returning data, outcome, status`;

const FORGET = `
with kept as (
  update topdog.voice_commands set outcome = null, until = ${DATABASE_NOW} + ${DAY} where command_id = $1 and status = 'unanswered'
)
delete from topdog.voice_commands where command_id = $1 and status = 'settled'`;

const FORGET_LATE = "delete from topdog.voice_commands where command_id = $1 and status = 'late'";
