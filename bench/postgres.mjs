// A PostgreSQL server of its own, with its defaults: every commit is on disk before it is answered.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const VERSIONS = "/usr/lib/postgresql";

/** The folder of the newest version's programs; `undefined`: it is not installed (Debian: apt-get install postgresql). */
export const postgresPrograms = (existsSync(VERSIONS) ? readdirSync(VERSIONS) : [])
  .map((version) => path.join(VERSIONS, version, "bin"))
  .findLast((bin) => ["initdb", "postgres", "pgbench"].every((program) => existsSync(path.join(bin, program))));

export async function startPostgres() {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-bench-postgres-"));
  const options = { ...accountOf(folder), cwd: folder, stdio: ["ignore", "pipe", "ignore"], encoding: "utf8" };
  const program = (name, args) => execFileSync(path.join(postgresPrograms, name), args, options);
  const data = path.join(folder, "data");
  program("initdb", ["-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-instructions"]);
  const port = await freePort();
  const settings = ["listen_addresses=127.0.0.1", "max_connections=200"].flatMap((setting) => ["-c", setting]);
  const server = spawn(path.join(postgresPrograms, "postgres"), ["-D", data, "-p", String(port), "-k", folder, ...settings], {
    ...options,
    stdio: "ignore",
  });
  const kill = () => server.kill("SIGKILL");
  process.once("exit", kill);
  const to = ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres"];
  for (let tries = 0; tries < 300 && !isReady(program, to); tries += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  program("createdb", [...to, "pgbench"]);
  program("pgbench", [...to, "-i", "-q", "-s", "10", "pgbench"]);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    /** Simple updates per second (pgbench -N) of so many connections at once. */
    updates(clients, seconds = 2) {
      const printed = program("pgbench", [...to, "-N", "-n", "-c", String(clients), "-T", String(seconds), "pgbench"]);
      const [, updates] = /^tps = ([\d.]+)/m.exec(printed) ?? [];
      if (updates === undefined) throw new Error(`pgbench printed:\n${printed}`);
      return Number(updates);
    },
    async stop() {
      const ended = once(server, "exit");
      server.kill("SIGINT");
      await ended;
      process.off("exit", kill);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isReady(program, to) {
  try {
    program("pg_isready", [...to, "-q"]);
    return true;
  } catch {
    return false;
  }
}

/** PostgreSQL does not run as root: Debian's package has made an account for it. */
function accountOf(folder) {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ["-u", "-g"].map((kind) => Number(execFileSync("id", [kind, "postgres"], { encoding: "utf8" })));
  chownSync(folder, uid, gid);
  return { uid, gid };
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}
