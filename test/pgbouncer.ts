import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { postgresUrl } from "./postgres.ts";
import { freePort, ownerOf } from "./postgres-server.ts";

/** PgBouncer is installed (Debian: apt-get install pgbouncer), and so is the database behind it. */
export const hasPgBouncer = postgresUrl !== "" && spawnSync("pgbouncer", ["--version"], { stdio: "ignore" }).status === 0;

export interface Pooler {
  /** The run's database, by way of the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * PgBouncer in transaction mode in front of the run's PostgreSQL server. It has few connections, so that they change hands. It is ended
 * by the end of its input, so that none is left behind by a run that was killed.
 */
export async function startPgBouncer(): Promise<Pooler> {
  const { hostname, port } = new URL(postgresUrl);
  const own = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-pgbouncer-"));
  const file = path.join(folder, "pgbouncer.ini");
  writeFileSync(
    file,
    `[databases]
* = host=${hostname} port=${port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
max_client_conn = 200
server_round_robin = 1
`,
  );
  const script = '"$@" & server=$!; (cat <&3 > /dev/null; kill -KILL $server) & wait $server';
  const child = spawn("sh", ["-c", `exec 3<&0; ${script}`, "sh", "pgbouncer", "-q", file], {
    ...(await ownerOf(folder)),
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return {
    url: postgresUrl.replace(`:${port}/`, `:${own}/`),
    async stop() {
      child.stdin.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
