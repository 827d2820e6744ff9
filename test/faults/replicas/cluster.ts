import { type ChildProcess, execFile, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { startForwarder } from "../../forwarder.ts";
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
  /** Stops at once, as `pg_ctl restart -m immediate` does, and starts again. Resolves when it answers. */
  restart(): Promise<void>;
  /** Leaves no room on the first server's disk for so many milliseconds; `undefined`: it has none of its own, which needs root. */
  readonly fillDisk: ((milliseconds: number) => Promise<void>) | undefined;
  /** The first server is gone for good, and the standby takes its place. Resolves when it takes changes. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

export const postgresPrograms = findPrograms();

const STANDBY = "standby";
/** A change is acknowledged when the standby has it on its disk, too. */
const SYNCHRONOUS = `synchronous_standby_names = '${STANDBY}'\n`;
const BOTH = "wal_keep_size = '128MB'\nmax_wal_size = '128MB'\nwal_retrieve_retry_interval = '500ms'\n";
const DISK = "600m";
const RESTART_MS = 500;

export async function startCluster(programs: string): Promise<Cluster> {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-cluster-"));
  await ownerOf(folder);
  const disk = mountDisk(path.join(folder, "disk"));
  const primary = await createNode(programs, disk ?? folder);
  const standby = await createNode(programs, folder);
  let current = primary;
  await primary.create();
  const query = queryAt(() => current.port);
  await untilAnswered(query);
  await standby.copy(primary);
  appendFileSync(path.join(primary.home, "data", "postgresql.conf"), SYNCHRONOUS);
  await query("select pg_reload_conf()");
  await untilAnswered(query, "select from pg_stat_replication where sync_state = 'sync'");
  const forwarder = await startForwarder(() => current.port);
  return {
    url: `postgres://postgres@127.0.0.1:${forwarder.port}/postgres`,
    query,
    endListeners: async () => (await query(END_LISTENERS)).length,
    async restart() {
      await current.crash();
      await untilAnswered(query);
    },
    fillDisk: disk === undefined ? undefined : async (milliseconds) => fill(disk, milliseconds),
    async failOver() {
      await primary.stop();
      current = standby;
      await query("select pg_promote()");
      await untilAnswered(query, "select where not pg_is_in_recovery()");
    },
    async stop() {
      await forwarder.stop();
      await Promise.all([standby.stop(), primary.stop()]);
      if (disk !== undefined) spawnSync("umount", ["-l", disk]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A server that is started again whenever it ends, as a supervisor does. */
interface Node {
  readonly home: string;
  readonly port: number;
  create(): Promise<void>;
  copy(of: Node): Promise<void>;
  crash(): Promise<void>;
  stop(): Promise<void>;
}

async function createNode(programs: string, folder: string): Promise<Node> {
  const home = mkdtempSync(path.join(folder, "node-"));
  const [port, account] = [await freePort(), await ownerOf(home)];
  let running: ChildProcess | undefined;
  let stopped = false;
  const supervise = (child: ChildProcess): void => {
    running = child;
    child.once("exit", () => {
      child.stdin?.end();
      if (!stopped) setTimeout(() => stopped || supervise(servePostgres(programs, home, port, account)), RESTART_MS);
    });
  };
  const crash = async (): Promise<void> => {
    const child = running;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdin?.end();
    await ended;
  };
  return {
    home,
    port,
    async create() {
      supervise(await runPostgres(programs, home, port));
      appendFileSync(path.join(home, "data", "postgresql.conf"), BOTH);
    },
    async copy(of) {
      const from = `host=127.0.0.1 port=${of.port} user=postgres application_name=${STANDBY}`;
      const options = ["-D", path.join(home, "data"), "-R", "-X", "stream", "-c", "fast", "-d", from];
      await promisify(execFile)(path.join(programs, "pg_basebackup"), options, { ...account, cwd: home });
      supervise(servePostgres(programs, home, port, account));
    },
    crash,
    async stop() {
      stopped = true;
      await crash();
    },
  };
}

/** A disk of its own in memory; `undefined` where mounting is not allowed. */
function mountDisk(folder: string): string | undefined {
  mkdirSync(folder);
  const mounts =
    process.getuid?.() === 0 && spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK},mode=0755`, "tmpfs", folder]).status === 0;
  return mounts ? folder : undefined;
}

async function fill(disk: string, milliseconds: number): Promise<void> {
  const file = path.join(disk, "fill");
  // It ends with an error, where there is no more room.
  await promisify(execFile)("dd", ["if=/dev/zero", `of=${file}`, "bs=64k"]).catch(() => undefined);
  await delay(milliseconds);
  rmSync(file);
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

/** Until there is a row. */
async function untilAnswered(query: Cluster["query"], text = "select 1"): Promise<void> {
  for (;;) {
    const rows = await query(text).catch(() => []);
    if (rows.length > 0) return;
    await delay(100);
  }
}
