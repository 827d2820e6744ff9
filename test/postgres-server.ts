import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { appendFileSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** A superuser's address of the run's PostgreSQL server; empty: it is not installed (Debian: apt-get install postgresql). */
    readonly postgresUrl: string;
  }
}

const VERSIONS = "/usr/lib/postgresql";
/** What a crash of the computer would cost does not matter to these tests. */
const FAST = ["fsync=off", "full_page_writes=off", "max_connections=200", "deadlock_timeout=100ms", "max_prepared_transactions=0"];
/** `locked` is the account whose password is asked for, `encrypted` the one that may not come without TLS. Standbys come for `replication`. */
const RULES = [
  "local all all trust",
  "host all locked 127.0.0.1/32 scram-sha-256",
  "hostnossl all encrypted 127.0.0.1/32 reject",
  "host all,replication all 127.0.0.1/32 trust",
];

/** Starts PostgreSQL in a folder of its own, once for all test files. They need not wait here: they wait when they connect. */
export default async function startPostgres(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const programs = findPrograms();
  const port = programs === undefined ? 0 : await freePort();
  project.provide("postgresUrl", programs === undefined ? "" : `postgres://postgres@127.0.0.1:${port}/postgres`);
  if (programs === undefined) return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-postgres-"));
  const server = await runPostgres(programs, folder, port);
  return async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.stdin?.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
}

/** The folder of the newest version's programs. */
export function findPrograms(): string | undefined {
  if (!existsSync(VERSIONS)) return undefined;
  const found = readdirSync(VERSIONS).map((version) => path.join(VERSIONS, version, "bin"));
  return found.findLast((bin) => ["initdb", "postgres"].every((program) => existsSync(path.join(bin, program))));
}

/** A server that runs until its input ends, so that none is left behind by a run that was killed. */
export async function runPostgres(programs: string, folder: string, port: number): Promise<ChildProcess> {
  const data = path.join(folder, "data");
  const account = await ownerOf(folder);
  const initdb = spawnSync(
    path.join(programs, "initdb"),
    ["-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"],
    { ...account, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8", cwd: folder },
  );
  if (initdb.status !== 0) throw new Error(`PostgreSQL has no data folder: ${initdb.stderr}`);
  writeFileSync(path.join(data, "pg_hba.conf"), `${RULES.join("\n")}\n`);
  appendFileSync(path.join(data, "postgresql.conf"), `${FAST.join("\n")}\n`);
  return servePostgres(programs, folder, port, account);
}

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** Runs the server of the folder's `data`. */
export function servePostgres(programs: string, folder: string, port: number, account: Account): ChildProcess {
  const data = path.join(folder, "data");
  const script = '"$@" & server=$!; (cat > /dev/null; kill -QUIT $server) & wait $server';
  const options = ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"];
  return spawn("sh", ["-c", `exec 3<&0; ${script.replace("cat >", "cat <&3 >")}`, "sh", path.join(programs, "postgres"), ...options], {
    ...account,
    stdio: ["pipe", "ignore", "ignore"],
    cwd: folder,
  });
}

/** PostgreSQL does not run as root: Debian's package has made an account for it. */
export async function ownerOf(folder: string): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ["-u", "-g"].map((kind) => Number(execFileSync("id", [kind, "postgres"], { encoding: "utf8" })));
  chownSync(folder, uid ?? 0, gid ?? 0);
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
