import { messageOf } from "../../../base/message-of.ts";
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
  return new DatabaseError(tlsSentence(code, cause, given, asksForTls(url)) ?? sentence(code, cause, given), { cause });
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
    case "53300":
      return say("database.tooManyConnections", given);
    case "08P01":
      // PgBouncer has one code for most of what it refuses, so its message is the reason.
      return say("database.poolerRefuses", { ...given, why: messageOf(cause).replace(/\s+/g, " ").slice(0, 200) });
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
      return say("database.unreachable", given);
    default:
      // pg's own timeouts and closed connections have no code.
      return code === undefined && cause instanceof Error && /timeout|terminated/i.test(cause.message)
        ? say("database.unreachable", { ...given, code: "timeout" })
        : say("database.unusable", given);
  }
}

/** Certificates that Node.js does not accept, and where it says whom they are for. */
const BAD_CERTIFICATE = /^(?:SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_|HOSTNAME_MISMATCH|ERR_TLS_CERT)/;

/** What has to do with TLS, or with the list of who may connect (pg_hba.conf), which often asks for it. */
function tlsSentence(code: string | undefined, cause: unknown, given: Given, isEncrypted: boolean): string | undefined {
  const { message = "", routine, syscall, path } = cause as Partial<Record<"message" | "routine" | "syscall" | "path", string>>;
  if (code === "28000" && routine === "ClientAuthentication")
    return say(isEncrypted ? "database.refusesAddress" : "database.refusesUnencrypted", given);
  if (BAD_CERTIFICATE.test(code ?? "")) return say("database.badCertificate", given);
  if (syscall === "open") return say("database.certificateFile", { ...given, file: path ?? "" });
  if (code === undefined && /not support SSL|SSL connection/.test(message)) return say("database.noTls", given);
  return undefined;
}

function asksForTls(url: string): boolean {
  return /[?&]ssl(?:mode)?=(?!disable|false|0)/.test(url);
}
