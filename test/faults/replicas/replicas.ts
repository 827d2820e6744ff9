import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { CLI, freshHome, type Headless, run, startHeadless } from "../../e2e/headless.ts";
import { freePort } from "../../ports.ts";
import { WIDE } from "../world.ts";
import type { Model } from "./model.ts";

/** Where a server is asked, or a proxy in front of several. */
export interface Doors {
  readonly name: string;
  readonly localAddress: string;
  readonly phoneAddress: string;
}

/** One of several servers on one database, with addresses that stay the same through its restarts. */
export interface Replica extends Doors {
  start(): Promise<void>;
  /** kill -9; resolves when it runs again. */
  killAndStart(): Promise<void>;
  /** SIGSTOP, and SIGCONT after so many milliseconds. */
  pause(milliseconds: number): Promise<void>;
  /** Asks it to stop; it has to, without an error. */
  stop(): Promise<void>;
  /** Asks it to stop, and starts another version in its place. */
  replace(program: string): Promise<void>;
  /** Resident memory in MiB; `undefined` while it does not run. */
  memory(): number | undefined;
}

const RETRY_START_MS = 500;

/** One for each way to the database, of this version or of another one's command line. */
export async function createReplicas(databaseUrls: readonly string[], model: Model, program: string = CLI): Promise<readonly Replica[]> {
  const env = {
    ...WIDE,
    PAIRING_SECRETS_KEY: randomBytes(32).toString("base64"),
    PAIRING_QR_REQUIRE_OTP: "1",
    PAIRING_QR_EXPIRY_MINUTES: "1",
    PAIRING_LOG: "file",
  };
  await makeTables(databaseUrls.at(-1) ?? "", program);
  return Promise.all(
    databaseUrls.map(async (url, index) => createReplica("ABCDEFGH".charAt(index), { ...env, PAIRING_DATABASE_URL: url }, model, program)),
  );
}

/** Brings the tables to a version's. */
export async function makeTables(url: string, program: string = CLI): Promise<void> {
  const { code, printed } = await run([program, "migrate"], { HOME: freshHome(), PAIRING_DATABASE_URL: url }).ended;
  if (code !== 0) throw new Error(`No tables were made: ${printed}`);
}

async function createReplica(name: string, env: Readonly<Record<string, string>>, model: Model, firstProgram: string): Promise<Replica> {
  const home = freshHome();
  const [port, phonePort] = [await freePort(), await freePort()];
  const given = { ...env, PAIRING_PORT: String(port), PAIRING_PHONE_PORT: String(phonePort) };
  let program = firstProgram;
  let server: Headless | undefined;
  /** As a supervisor does: until it runs. While there is no database, a start fails. */
  const start = async (): Promise<void> => {
    while (server === undefined) {
      try {
        const started = await startHeadless(home, given, [program, "serve"]);
        server = started;
        model.count("starts");
        void started.ended.then(({ code, printed }) => {
          if (server !== started) return;
          model.violated("answers", `server ${name} ended by itself with ${code}: ${printed.slice(-300)}`);
        });
      } catch (cause) {
        model.count("starts that failed");
        model.note(`server ${name} did not start: ${(cause as Error).message.slice(-200)}`);
        await delay(RETRY_START_MS);
      }
    }
  };
  const stop = async (): Promise<void> => {
    const stopped = server;
    server = undefined;
    stopped?.child.kill("SIGTERM");
    const { code } = (await stopped?.ended) ?? {};
    if (code !== 0) model.violated("answers", `server ${name} was asked to stop and ended with ${code}`);
  };
  return {
    name,
    localAddress: `http://127.0.0.1:${port}`,
    phoneAddress: `http://127.0.0.1:${phonePort}`,
    start,
    async killAndStart() {
      const killed = server;
      server = undefined;
      killed?.child.kill("SIGKILL");
      await killed?.ended;
      await start();
    },
    async pause(milliseconds) {
      const { child } = server ?? {};
      child?.kill("SIGSTOP");
      await delay(milliseconds);
      child?.kill("SIGCONT");
    },
    stop,
    async replace(next) {
      await stop();
      program = next;
      await start();
    },
    memory() {
      try {
        const status = readFileSync(`/proc/${server?.child.pid}/status`, "utf8");
        return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
      } catch {
        return undefined;
      }
    },
  };
}
