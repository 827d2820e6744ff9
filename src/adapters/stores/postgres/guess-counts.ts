import { type GuessCounts, type Guesses, guessesEnd, type Instant } from "../../../core/index.ts";
import { columnText } from "./columns.ts";
import type { Database, Query } from "./connection.ts";
import { unavailable } from "./errors.ts";
import { BEGIN } from "./transaction.ts";

interface GuessDeps {
  readonly database: Database;
  /** By the database's clock, so that all servers agree. */
  readonly now: () => Instant;
}

/** A row for each caller who guessed wrong. Its lock lets guesses at several servers be judged one after the other. */
export function createGuessCounts({ database, now }: GuessDeps): GuessCounts {
  return {
    async judge(caller, judge) {
      const key = columnText(caller);
      try {
        const judged = judge(await read(database.query, key, ""), now());
        if (!judged.keep) return judged;
        return await database.withSession(async ({ query, isBroken }) => {
          try {
            await query(BEGIN);
            await query(INSERT, [key]);
            const locked = judge(await read(query, key, "for update"), now());
            if (locked.keep) await query(UPDATE, [key, guessesEnd(locked.keep), JSON.stringify(locked.keep)]);
            await query("commit");
            return locked;
          } catch (cause) {
            if (!isBroken()) await query("rollback").catch(() => undefined);
            throw cause;
          }
        });
      } catch (cause) {
        throw unavailable(cause);
      }
    },
  };
}

async function read(query: Query, key: string, lock: "" | "for update"): Promise<Guesses | undefined> {
  const [row] = await query(`select data from topdog.guesses where caller = $1 ${lock}`, [key]);
  return (row?.["data"] as Guesses | null | undefined) ?? undefined;
}

/** There is a row to lock, also for the first guess of a caller. */
const INSERT = "insert into topdog.guesses (caller, ends_at, data) values ($1, 0, 'null') on conflict (caller) do nothing";
const UPDATE = "update topdog.guesses set ends_at = $2, data = $3 where caller = $1";
