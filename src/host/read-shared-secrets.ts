import { checkDatabaseSecrets, createDatabaseSecrets } from "../adapters/secrets/database.ts";
import { createMemorySecrets } from "../adapters/secrets/memory.ts";
import { createSealing } from "../adapters/secrets/sealing.ts";
import type { Log, SecretStore } from "../core/index.ts";
import type { Settings } from "../settings/read-settings.ts";
import { SECRET_NAMES } from "./secret-names.ts";

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * The secrets that the servers of a database share, as they are at this moment; `undefined`: this environment shares none. The database is
 * only read. Rejects with one sentence, also for a `PAIRING_SECRETS_KEY` that does not decrypt them.
 */
export async function readSharedSecrets({ databaseUrl: url, secretsKeys }: Settings): Promise<SecretStore | undefined> {
  if (url === undefined || !secretsKeys) return undefined;
  const { openSharedDatabase } = await import("../adapters/stores/postgres/index.ts");
  const database = await openSharedDatabase({ url }, SILENT);
  try {
    const sealing = createSealing(secretsKeys);
    await checkDatabaseSecrets(database, sealing);
    const [stored, read] = [createDatabaseSecrets(database, sealing), createMemorySecrets()];
    for (const name of SECRET_NAMES) {
      const secret = await stored.get(name);
      if (secret !== undefined) await read.set(name, secret);
    }
    return { ...read, kind: "database" };
  } finally {
    await database.close();
  }
}
