import pg from "pg";
import type { Log } from "../../../core/index.ts";
import { isAnswer, reasonOf } from "./errors.ts";
import { SCHEMA } from "./migrations.ts";

export interface ConnectionOptions {
  /** `postgres://…`; may hold a password and is never logged. */
  readonly url: string;
  /** The schema that holds the tables; absent: Top Dog's own. */
  readonly schema?: string;
  /** How many connections it opens at most; absent: ten. */
  readonly connections?: number;
}

export type Row = Readonly<Record<string, unknown>>;

/** Runs one statement. `topdog.` in its text stands for the schema. */
export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

/** One connection, for as long as the work on it lasts. */
export interface Session {
  readonly query: Query;
  /** Whether a statement got no answer: the connection's state is unknown, and it is closed instead of used again. */
  isBroken(): boolean;
}

export interface Database {
  readonly query: Query;
  /** Runs `work` on one connection of the pool. */
  withSession<Answer>(work: (session: Session) => Promise<Answer>): Promise<Answer>;
  /** Of one process; may be called twice. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5000;
/** A connection whose other end is gone raises nothing for minutes. Longer than any statement may take on the server. */
const QUERY_TIMEOUT_MS = 15_000;
const IDLE_TIMEOUT_MS = 30_000;
const INT8 = 20;

/**
 * The pool of one process. Behind PgBouncer in transaction mode no statement may rely on the one before it: there are no startup
 * parameters, no named prepared statements, and settings are made for one transaction.
 */
export function openDatabase({ url, schema, connections = MAX_CONNECTIONS }: ConnectionOptions, log: Log): Database {
  const pool = new pg.Pool({ ...clientConfig(url), max: connections, idleTimeoutMillis: IDLE_TIMEOUT_MS });
  // Without a listener, the end of an idle connection would end the process.
  pool.on("error", (cause) => log.warn("a connection to the database ended", { reason: reasonOf(cause) }));
  pool.on("connect", (client) => client.on("error", () => undefined));
  const inSchema = schemaNamer(schema);
  let closing: Promise<void> | undefined;
  return {
    query: async (text, values) => (await pool.query<Row>(inSchema(text), values && [...values])).rows,
    async withSession(work) {
      const client = await pool.connect();
      let broken = false;
      const query: Query = async (text, values) => {
        try {
          return (await client.query<Row>(inSchema(text), values && [...values])).rows;
        } catch (cause) {
          broken ||= !isAnswer(cause);
          throw cause;
        }
      };
      try {
        return await work({ query, isBroken: () => broken });
      } finally {
        client.release(broken);
      }
    },
    close() {
      closing ??= pool.end();
      return closing;
    },
  };
}

/** One connection outside of the pool, for migrations, which must not go through a pooler. */
export async function withClient<Answer>({ url, schema }: ConnectionOptions, work: (query: Query) => Promise<Answer>): Promise<Answer> {
  const client = createClient({ url });
  client.on("error", () => undefined);
  const inSchema = schemaNamer(schema);
  await client.connect();
  try {
    return await work(async (text, values) => (await client.query<Row>(inSchema(text), values && [...values])).rows);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export function createClient({ url }: ConnectionOptions): pg.Client {
  return new pg.Client(clientConfig(url));
}

export const { escapeIdentifier } = pg;

/** Where a database is, without the password. */
export function addressOf(url: string): { readonly host: string; readonly database: string; readonly user: string } {
  // The client would read the files that are named for certificates.
  const { host, port, database, user } = new pg.Client(url.replace(/(?<=[?&])ssl(?:rootcert|cert|key)=[^&]*/g, ""));
  return { host: host.startsWith("/") ? host : `${host}:${port}`, database: database ?? "", user: user ?? "" };
}

function clientConfig(connectionString: string): pg.ClientConfig {
  return {
    connectionString,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    types: { getTypeParser: parserOf },
  };
}

/** Whole numbers of 64 bits are read as numbers: ours are times, counts and numbers in a row. */
const parserOf: pg.CustomTypesConfig["getTypeParser"] = (oid, format) =>
  (oid as number) === INT8 ? Number : (pg.types.getTypeParser(oid, format) as (text: string) => unknown);

function schemaNamer(schema = SCHEMA): (text: string) => string {
  const known = new Map<string, string>();
  const quoted = `${escapeIdentifier(schema)}.`;
  return (text) => {
    const named = known.get(text) ?? text.replaceAll("topdog.", quoted);
    // Statements that are put together from parts are few in kind; this only bounds them.
    if (known.size < 500) known.set(text, named);
    return named;
  };
}
