import type * as z from "zod";
import type { SettingsFile } from "../base/settings-file.ts";
import { say } from "../words/say.ts";
import { SettingsFileError } from "./settings-file.ts";
import type { Query } from "./stores/postgres/connection.ts";
import { unavailable } from "./stores/postgres/errors.ts";
import type { SharedDatabase } from "./stores/postgres/shared-database.ts";

/** What the settings pages of a database's servers saved: a document for each subject. */
export interface SharedSettings {
  file<Saved extends object>(name: string, schema: z.ZodType<Saved>): SettingsFile<Saved>;
  /** Reads what others saved meanwhile. Rejects when it cannot be read. */
  refresh(): Promise<void>;
}

/** Documents by their names, as they are saved. */
export type SavedDocuments = ReadonlyMap<string, object>;

/** Reads all documents; `file` gives them from memory. */
export async function openSharedSettings(database: SharedDatabase): Promise<SharedSettings> {
  let known = await readDocuments(database.query);
  return {
    file<Saved extends object>(name: string, schema: z.ZodType<Saved>): SettingsFile<Saved> {
      return {
        read: () => parsed(schema, name, known.get(name)),
        async update(change) {
          const { next } = await savedOrUnavailable(
            database.transaction(async ({ query, report }) => {
              const [row] = await query("select data from topdog.saved where name = $1 for update", [name]);
              const changed = change(parsed(schema, name, row?.["data"]));
              if (JSON.stringify(changed) !== JSON.stringify(row?.["data"])) {
                await query(UPSERT, [name, JSON.stringify(changed)]);
                await report("saved");
              }
              return { next: changed };
            }),
          );
          known = new Map([...known, [name, next]]);
          return next;
        },
      };
    },
    async refresh() {
      known = await readDocuments(database.query);
    },
  };
}

/** Saves documents that a database does not have yet. Returns the names of those that it had not. */
export async function addDocuments(query: Query, documents: SavedDocuments): Promise<readonly string[]> {
  const added: string[] = [];
  for (const [name, document] of documents) {
    const text = "insert into topdog.saved (name, data) values ($1, $2) on conflict do nothing returning 1";
    if ((await query(text, [name, JSON.stringify(document)])).length > 0) added.push(name);
  }
  return added;
}

const UPSERT = "insert into topdog.saved (name, data) values ($1, $2) on conflict (name) do update set data = excluded.data";

async function readDocuments(query: Query): Promise<SavedDocuments> {
  const rows = await query("select name, data from topdog.saved");
  return new Map(rows.map(({ name, data }) => [name as string, data as object]));
}

function parsed<Saved extends object>(schema: z.ZodType<Saved>, name: string, document: unknown): Saved | undefined {
  if (document === undefined) return undefined;
  const read = schema.safeParse(document);
  if (!read.success) throw new SettingsFileError(say("database.damagedSaved", { name }), { cause: read.error });
  return read.data;
}

async function savedOrUnavailable<Answer>(saving: Promise<Answer>): Promise<Answer> {
  try {
    return await saving;
  } catch (cause) {
    throw unavailable(cause);
  }
}
