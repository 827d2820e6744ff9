import type { Caller, Instant, WindowStore } from "../../core/index.ts";
import type { Query } from "../stores/postgres/connection.ts";
import { ofStatement, unavailable } from "../stores/postgres/errors.ts";

/** A use is written down once in this time. */
const USED_EVERY_MS = 60_000;

/** Windows that are open at every server of a database. Each use reads the row: one that was ended is refused at once everywhere. */
export function createDatabaseWindows(database: { readonly query: Query }): WindowStore {
  const query: Query = async (text, values) => {
    try {
      return await database.query(text, values);
    } catch (cause) {
      throw unavailable(ofStatement(cause, text));
    }
  };
  return {
    async add({ keyDigest, id, openedAt, lastUsed, caller }, { usedSince, most }) {
      await query("insert into topdog.windows (key_digest, window_id, opened_at, last_used, caller) values ($1, $2, $3, $4, $5)", [
        ...[keyDigest, id, openedAt, lastUsed],
        JSON.stringify(caller),
      ]);
      await query(DELETE_PAST, [usedSince, most]);
    },
    async use(keyDigest, at, usedSince) {
      const [row] = await query("select last_used from topdog.windows where key_digest = $1 and last_used > $2", [keyDigest, usedSince]);
      if (!row) return false;
      if (at - (row["last_used"] as number) >= USED_EVERY_MS)
        await query("update topdog.windows set last_used = greatest(last_used, $2) where key_digest = $1", [keyDigest, at]);
      return true;
    },
    async list(usedSince) {
      const rows = await query(LIST, [usedSince]);
      return rows.map((row) => ({
        keyDigest: row["key_digest"] as string,
        id: row["window_id"] as string,
        openedAt: row["opened_at"] as Instant,
        lastUsed: row["last_used"] as Instant,
        caller: row["caller"] as Caller,
      }));
    },
    end: async (id) => (await query("delete from topdog.windows where window_id = $1 returning 1", [id])).length > 0,
  };
}

const DELETE_PAST = `delete from topdog.windows where last_used <= $1
or key_digest in (select key_digest from topdog.windows order by last_used desc, key_digest offset $2)`;

const LIST = `select key_digest, window_id, opened_at, last_used, caller from topdog.windows where last_used > $1
order by last_used desc, opened_at desc, key_digest`;
