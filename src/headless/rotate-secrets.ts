import { resealSecrets } from "../adapters/secrets/database.ts";
import { createSealing } from "../adapters/secrets/sealing.ts";
import { withSharedDatabase } from "../adapters/stores/postgres/index.ts";
import { readSettings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import { defaultFolder } from "./default-folder.ts";

/** Encrypts the database's secrets anew with the first key of PAIRING_SECRETS_KEY. Returns what to print. */
export async function rotateSecrets(env: NodeJS.ProcessEnv, json: boolean): Promise<string> {
  const { databaseUrl: url, secretsKeys } = readSettings(env, { storageFolder: defaultFolder() ?? "." });
  if (url === undefined) throw new Error(say("commandLine.noDatabase"));
  if (!secretsKeys) throw new Error(say("commandLine.noSecretsKey"));
  const count = await withSharedDatabase({ url }, async (database) => resealSecrets(database, createSealing(secretsKeys)));
  return json ? JSON.stringify({ secrets: count }) : say("commandLine.secretsRotated", { count });
}
