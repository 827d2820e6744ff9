import { THIS_COMPUTER } from "../../../base/loopback.ts";
import { createSerialQueue, type SerialQueue } from "../../../base/serial-queue.ts";
import { type GuessCounts, type Guesses, guessesEnd, type Instant } from "../../../core/index.ts";
import { columnText } from "./columns.ts";
import type { Database, Query } from "./connection.ts";
import { unavailable } from "./errors.ts";
import { inTransaction } from "./transaction.ts";

interface GuessDeps {
  readonly database: Database;
  /** By the database's clock, so that all servers agree. */
  readonly now: () => Instant;
  /** Distinguishes this computer from those of other servers. */
  readonly host: string;
}

/** A row for each caller who guessed wrong. Its lock lets guesses at several servers be judged one after the other. */
export function createGuessCounts({ database, now, host }: GuessDeps): GuessCounts {
  const inTurn = createTurns();
  return {
    async judge(caller, judge) {
      const key = columnText(caller === THIS_COMPUTER ? `${caller} of ${host}` : caller);
      try {
        return await inTurn(key, async () => {
          const judged = judge(await read(database.query, key, ""), now());
          return judged.keep ? await judgeLocked(database, now, key, judge) : judged;
        });
      } catch (cause) {
        throw unavailable(cause);
      }
    },
  };
}

async function judgeLocked<Judged extends { readonly keep?: Guesses }>(
  database: Database,
  now: () => Instant,
  key: string,
  judge: (known: Guesses | undefined, now: Instant) => Judged,
): Promise<Judged> {
  return inTransaction(database, async (query) => {
    await query(INSERT, [key]);
    const judged = judge(await read(query, key, "for update"), now());
    if (judged.keep) await query(UPDATE, [key, guessesEnd(judged.keep), JSON.stringify(judged.keep)]);
    return judged;
  });
}

/** One guess of a caller at a time: what keeps nothing, as a right one does, is read without a lock, and has to see those before it. */
function createTurns() {
  const turns = new Map<string, { readonly queue: SerialQueue; waiting: number }>();
  return async <Answer>(key: string, work: () => Promise<Answer>): Promise<Answer> => {
    const turn = turns.get(key) ?? { queue: createSerialQueue(), waiting: 0 };
    turns.set(key, turn);
    turn.waiting += 1;
    try {
      return await turn.queue.run(work);
    } finally {
      turn.waiting -= 1;
      if (turn.waiting === 0) turns.delete(key);
    }
  };
}

async function read(query: Query, key: string, lock: "" | "for update"): Promise<Guesses | undefined> {
  const [row] = await query(`select data from topdog.guesses where caller = $1 ${lock}`, [key]);
  return (row?.["data"] as Guesses | null | undefined) ?? undefined;
}

/** There is a row to lock, also for the first guess of a caller. */
const INSERT = "insert into topdog.guesses (caller, ends_at, data) values ($1, 0, 'null') on conflict (caller) do nothing";
const UPDATE = "update topdog.guesses set ends_at = $2, data = $3 where caller = $1";
