import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { allowWriting } from "../../src/mqtt/dynamic-security.ts";
import { freePort, listens } from "../ports.ts";

const PLUGIN = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
  .map((machine) => `/usr/lib/${machine}/mosquitto_dynamic_security.so`)
  .find((file) => existsSync(file));

/** Debian: apt-get install mosquitto mosquitto-clients. Nobody starts its service. */
export const hasMosquitto = PLUGIN !== undefined && spawnSync("sh", ["-c", "command -v mosquitto"]).status === 0;

export interface Mosquitto {
  /** For the server, and for phones. */
  readonly url: string;
  readonly phoneUrl: string;
  readonly username: string;
  readonly password: string;
  /** Ends it. Its plugin keeps its configuration. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

const running = new Set<ChildProcess>();

/** For `afterEach`. */
export function stopMosquitto(): void {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
}

/**
 * A Mosquitto as docs/CLOUD_MESSAGE_BROKER.md says to set one up, on free ports. Resolves once it listens. Unless it is `isNew`, a server has
 * used it before: where it gives its own user a right, Mosquitto ends the connection, and the server comes back after two seconds.
 */
export async function startMosquitto({ isNew = false } = {}): Promise<Mosquitto> {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-mosquitto-"));
  const [port, phonePort] = [await freePort(), await freePort()];
  const [username, password] = ["topdog", "a-password-of-the-broker"];
  const state = path.join(folder, "dynamic-security.json");
  spawnSync("mosquitto_ctrl", ["dynsec", "init", state, username, password]);
  if (!isNew) allowIn(state, username);
  const config = path.join(folder, "mosquitto.conf");
  writeFileSync(
    config,
    [
      "user root",
      "per_listener_settings false",
      "allow_anonymous false",
      `plugin ${PLUGIN}`,
      `plugin_opt_config_file ${state}`,
      "max_packet_size 32768",
      `listener ${port} 127.0.0.1`,
      `listener ${phonePort} 127.0.0.1`,
      "protocol websockets",
    ].join("\n"),
  );
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = spawn("mosquitto", ["-c", config], { stdio: ["ignore", "ignore", "pipe"] });
    running.add(child);
    let output = "";
    child.stderr?.on("data", (bytes: Buffer) => (output += bytes.toString()));
    while (!(await listens(phonePort))) if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}: ${output}`);
  };
  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    phoneUrl: `ws://127.0.0.1:${phonePort}/mqtt`,
    username,
    password,
    start,
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      running.delete(child);
    },
  };
}

/** What the server asks for at its first connection, as the plugin writes it down. */
function allowIn(state: string, username: string): void {
  const saved = JSON.parse(readFileSync(state, "utf8"));
  const [{ rolename, acls }, { priority }] = allowWriting(username) as unknown as [
    { rolename: string; acls: object[] },
    { priority: number },
  ];
  saved.roles.push({ rolename, acls });
  saved.clients.find((client: { username: string }) => client.username === username).roles.push({ rolename, priority });
  writeFileSync(state, JSON.stringify(saved));
}
