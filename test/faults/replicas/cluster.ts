import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { freePort } from "../../ports.ts";
import { findPrograms, ownerOf, runPostgres, servePostgres } from "../../postgres-server.ts";

type Row = Readonly<Record<string, unknown>>;

/** A PostgreSQL server with a synchronous standby, at one address that stays the same. */
export interface Cluster {
  readonly url: string;
  /** As the superuser, at the server that takes changes. */
  query(text: string): Promise<readonly Row[]>;
  /** Ends the connections on which servers listen for notifications. Resolves with their number. */
  endListeners(): Promise<number>;
  stop(): Promise<void>;
}

export const postgresPrograms = findPrograms();

const STANDBY = "standby";
/** A change is acknowledged when the standby has it on its disk, too. */
const SYNCHRONOUS = `synchronous_standby_names = '${STANDBY}'\nwal_keep_size = '512MB'\n`;

export async function startCluster(programs: string): Promise<Cluster> {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-cluster-"));
  const node = async (name: string) => {
    const home = mkdtempSync(path.join(folder, `${name}-`));
    return { home, port: await freePort(), account: await ownerOf(home) };
  };
  await ownerOf(folder);
  const [primary, standby] = [await node("primary"), await node("standby")];
  const first = await runPostgres(programs, primary.home, primary.port);
  const query = queryAt(() => primary.port);
  await untilAnswered(query);
  const from = `host=127.0.0.1 port=${primary.port} user=postgres application_name=${STANDBY}`;
  const copy = ["-D", path.join(standby.home, "data"), "-R", "-X", "stream", "-c", "fast", "-d", from];
  await promisify(execFile)(path.join(programs, "pg_basebackup"), copy, { ...standby.account, cwd: standby.home });
  const second = servePostgres(programs, standby.home, standby.port, standby.account);
  appendFileSync(path.join(primary.home, "data", "postgresql.conf"), SYNCHRONOUS);
  await query("select pg_reload_conf()");
  await untilSynchronous(query);
  const forwarder = await startForwarder(() => primary.port);
  return {
    url: `postgres://postgres@127.0.0.1:${forwarder.port}/postgres`,
    query,
    endListeners: async () => (await query(END_LISTENERS)).length,
    async stop() {
      await forwarder.stop();
      for (const child of [second, first]) {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.stdin?.end();
        if (child.exitCode === null) await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The last statement of a connection that listens is LISTEN, UNLISTEN or the beat; no other one is made outside of a transaction by the pool. */
const END_LISTENERS = `select pg_terminate_backend(pid) from pg_stat_activity
where backend_type = 'client backend' and pid <> pg_backend_pid() and (query ~* '^(un)?listen ' or query = 'select 1')`;

function queryAt(port: () => number): Cluster["query"] {
  return async (text) => {
    const client = new pg.Client({ connectionString: `postgres://postgres@127.0.0.1:${port()}/postgres`, connectionTimeoutMillis: 5000 });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  };
}

async function untilAnswered(query: Cluster["query"]): Promise<void> {
  for (;;) {
    const answered = await query("select 1").catch(() => undefined);
    if (answered) return;
    await delay(100);
  }
}

async function untilSynchronous(query: Cluster["query"]): Promise<void> {
  for (;;) {
    const [row] = await query("select count(*) as found from pg_stat_replication where sync_state = 'sync'");
    if (Number(row?.["found"]) === 1) return;
    await delay(100);
  }
}

/** Passes connections on to a port of this computer, which may be another one for the next connection. */
async function startForwarder(target: () => number): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const open = new Set<Socket>();
  const port = await freePort();
  const server = createServer((near) => {
    const far = connect(target(), "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
