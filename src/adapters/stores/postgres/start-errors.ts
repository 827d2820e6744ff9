import { say } from "../../../words/say.ts";
import { addressOf, type ConnectionOptions } from "./connection.ts";
import { DatabaseError } from "./database-error.ts";
import { codeOfError, reasonOf } from "./errors.ts";
import { SCHEMA } from "./migrations.ts";

/** Which setting holds the address. */
export type UrlSetting = "PAIRING_DATABASE_URL" | "PAIRING_DATABASE_MIGRATION_URL";

/** The reason why a database cannot be used, as one sentence for a person, which says what to do. Never the password. */
export function startError(cause: unknown, { url, schema = SCHEMA }: ConnectionOptions, setting: UrlSetting): DatabaseError {
  if (cause instanceof DatabaseError) return cause;
  const { host, user, database } = addressOf(url);
  const [code, given] = [codeOfError(cause), { host, user, database, schema, setting, code: reasonOf(cause) }];
  return new DatabaseError(sentence(code, cause, given), { cause });
}

interface Given {
  readonly host: string;
  readonly user: string;
  readonly database: string;
  readonly schema: string;
  readonly setting: string;
  readonly code: string;
}

/** Names are in appendix A of PostgreSQL's manual: 57P03 is a server that starts or stops, 53300 one that has no connection to spare. */
function sentence(code: string | undefined, cause: unknown, given: Given): string {
  switch (code ?? "") {
    case "28P01":
    case "28000":
      return say("database.refusesAccount", given);
    case "3D000":
      return say("database.noDatabase", given);
    case "42501":
      return say("database.noPermission", given);
    case "25006":
      return say("database.readOnly", given);
    case "ECONNREFUSED":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ETIMEDOUT":
    case "ECONNRESET":
    case "ENOENT":
    case "57P03":
    case "53300":
      return say("database.unreachable", given);
    default:
      // pg's own timeouts and closed connections have no code.
      return code === undefined && cause instanceof Error && /timeout|terminated/i.test(cause.message)
        ? say("database.unreachable", { ...given, code: "timeout" })
        : say("database.unusable", given);
  }
}
