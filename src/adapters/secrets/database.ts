import type { SecretName, SecretStore } from "../../core/index.ts";
import { say } from "../../words/say.ts";
import type { Query } from "../stores/postgres/connection.ts";
import { DatabaseError } from "../stores/postgres/database-error.ts";
import { reasonOf } from "../stores/postgres/errors.ts";
import type { SharedDatabase, SharedTransaction } from "../stores/postgres/shared-database.ts";
import type { Sealing } from "./sealing.ts";
import { SecretsUnavailable } from "./secrets-unavailable.ts";

/** Whether secrets that another server changed are still readable is what `get` says: nothing is cached here. */
export function createDatabaseSecrets(database: SharedDatabase, sealing: Sealing): SecretStore {
  const change = async <Answer>(work: (transaction: SharedTransaction) => Promise<Answer>): Promise<Answer> =>
    unlessUnavailable(database.transaction(work));
  return {
    kind: "database",
    async get(name) {
      const [row] = await unlessUnavailable(database.query("select sealed from topdog.secrets where name = $1", [name]));
      return row && opened(sealing, name, row["sealed"] as string);
    },
    set: async (name, secret) =>
      change(async ({ query, report }) => {
        await query(UPSERT, [name, sealing.seal(rowOf(name), secret)]);
        await report("secrets");
      }),
    remove: async (name) =>
      change(async ({ query, report }) => {
        const removed = await query("delete from topdog.secrets where name = $1 returning 1", [name]);
        if (removed.length > 0) await report("secrets");
      }),
    replace: async (name, former, secret) =>
      change(async ({ query, report }) => {
        const sealed = sealing.seal(rowOf(name), secret);
        const replaced =
          former === undefined ? await insert(query, name, sealed) : await replaceLocked(query, sealing, name, former, sealed);
        if (replaced) await report("secrets");
        return replaced;
      }),
  };
}

/**
 * Throws a DatabaseError unless every secret of the database can be read: one sentence for a key that is missing or another one, and one
 * that names the rows that are damaged. `sealing` is `undefined` where no key was given.
 */
export async function checkDatabaseSecrets({ query, address }: SharedDatabase, sealing: Sealing | undefined): Promise<void> {
  const rows = await query("select name, sealed from topdog.secrets order by name");
  if (rows.length === 0) return;
  if (!sealing) throw new DatabaseError(say("database.noSecretsKey", { ...address, count: rows.length }));
  const found = rows.map((row) => ({
    name: row["name"] as string,
    ...sealing.open(rowOf(row["name"] as string), row["sealed"] as string),
  }));
  const named = (kind: string): string => found.flatMap((row) => (row.kind === kind ? row.name : [])).join(", ");
  const [other, damaged] = [named("other_key"), named("damaged")];
  if (other !== "") throw new DatabaseError(say("database.otherSecretsKey", { ...address, names: other }));
  if (damaged !== "") throw new DatabaseError(say("database.damagedSecrets", { ...address, names: damaged }));
}

/** Secrets as they are stored. */
export function sealedRows(
  sealing: Sealing,
  secrets: ReadonlyMap<SecretName, string>,
): readonly { readonly name: string; readonly sealed: string }[] {
  return [...secrets].map(([name, secret]) => ({ name, sealed: sealing.seal(rowOf(name), secret) }));
}

/** Saves these secrets in a database that has none. Resolves with whether that was so. */
export async function fillSecrets(query: Query, sealing: Sealing, secrets: ReadonlyMap<SecretName, string>): Promise<boolean> {
  const [found] = await query("select exists (select from topdog.secrets) as any");
  if (found?.["any"] === true) return false;
  for (const { name, sealed } of sealedRows(sealing, secrets)) await query(UPSERT, [name, sealed]);
  return true;
}

/** Encrypts every secret anew with the first key, in one transaction. Resolves with how many there are. Rejects with a DatabaseError. */
export async function resealSecrets(database: SharedDatabase, sealing: Sealing): Promise<number> {
  return database.transaction(async ({ query, report }) => {
    // In the order of their names: two of these at once wait for each other.
    const rows = await query("select name, sealed from topdog.secrets order by name for update");
    await checkDatabaseSecrets({ ...database, query }, sealing);
    for (const { name, sealed } of rows as readonly { readonly name: string; readonly sealed: string }[])
      await query(UPSERT, [name, sealing.seal(rowOf(name), opened(sealing, name, sealed))]);
    if (rows.length > 0) await report("secrets");
    return rows.length;
  });
}

const UPSERT = "insert into topdog.secrets (name, sealed) values ($1, $2) on conflict (name) do update set sealed = excluded.sealed";

async function insert(query: Query, name: string, sealed: string): Promise<boolean> {
  const text = "insert into topdog.secrets (name, sealed) values ($1, $2) on conflict do nothing returning 1";
  return (await query(text, [name, sealed])).length > 0;
}

async function replaceLocked(query: Query, sealing: Sealing, name: string, former: string, sealed: string): Promise<boolean> {
  const [row] = await query("select sealed from topdog.secrets where name = $1 for update", [name]);
  if (!row || opened(sealing, name, row["sealed"] as string) !== former) return false;
  await query("update topdog.secrets set sealed = $2 where name = $1", [name, sealed]);
  return true;
}

function rowOf(id: string) {
  return { table: "secrets", id };
}

function opened(sealing: Sealing, name: string, sealed: string): string {
  const found = sealing.open(rowOf(name), sealed);
  if (found.kind === "opened") return found.secret;
  const sentence = found.kind === "other_key" ? "otherKeyOfSecret" : "damagedSecret";
  throw new SecretsUnavailable("database_unusable", { sentence: say(`database.${sentence}`, { name }) });
}

async function unlessUnavailable<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (cause) {
    if (cause instanceof SecretsUnavailable) throw cause;
    throw new SecretsUnavailable("database_unusable", { sentence: say("database.secretsUnreachable", { code: reasonOf(cause) }), cause });
  }
}
