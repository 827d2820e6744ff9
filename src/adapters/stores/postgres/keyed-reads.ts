import type { Query, Row } from "./connection.ts";

/** Bounds how much one statement brings at once. */
const MAX_KEYS = 256;

interface Waiting {
  readonly resolve: (row: Row | undefined) => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * Reads single rows by their key. What is asked for in the same turn of the event loop is one statement: `text` takes the keys as an
 * array and returns `key` with each row.
 */
export function createKeyedReads(query: Query, text: string): (key: string) => Promise<Row | undefined> {
  let waiting = new Map<string, Waiting[]>();
  const read = async (asked: ReadonlyMap<string, readonly Waiting[]>): Promise<void> => {
    try {
      const rows = new Map((await query(text, [[...asked.keys()]])).map((row) => [row["key"] as string, row]));
      for (const [key, ones] of asked) for (const { resolve } of ones) resolve(rows.get(key));
    } catch (cause) {
      for (const ones of asked.values()) for (const { reject } of ones) reject(cause);
    }
  };
  const readAll = (): void => {
    const asked = waiting;
    waiting = new Map();
    void read(asked);
  };
  return (key) =>
    new Promise((resolve, reject) => {
      if (waiting.size >= MAX_KEYS) readAll();
      if (waiting.size === 0) setImmediate(() => waiting.size > 0 && readAll());
      const ones = waiting.get(key) ?? [];
      waiting.set(key, [...ones, { resolve, reject }]);
    });
}
