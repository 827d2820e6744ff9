import type { Query, Row } from "./connection.ts";

const AT_ONCE = 1000;

/** The rows of a statement in batches, in bounded memory. For one connection with an open transaction, one statement at a time. */
export async function* inFetches(query: Query, text: string): AsyncGenerator<readonly Row[]> {
  await query(`declare topdog_rows no scroll cursor for ${text}`);
  for (;;) {
    const rows = await query(`fetch ${AT_ONCE} from topdog_rows`);
    if (rows.length > 0) yield rows;
    if (rows.length < AT_ONCE) break;
  }
  await query("close topdog_rows");
}
