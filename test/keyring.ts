import { type ChildProcess, execFileSync, fork, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import type { KeychainProcess } from "../src/adapters/secrets/keychain-calls.ts";

/** Why a real keyring cannot be tested here; `undefined` when it can. */
export const noKeyring: string | undefined = whyNoKeyring();

const WORKER = fileURLToPath(new URL("../dist/main/keychain-worker.js", import.meta.url));
const soon = { timeout: 20_000, interval: 20 };

/** A desktop session as far as its keyring goes: a D-Bus of its own, a home of its own, and GNOME Keyring when it is started. */
export interface KeyringSession {
  /** For processes of this session. */
  readonly env: Record<string, string>;
  readonly startProcess: () => KeychainProcess;
  /** Starts the keyring, open or locked; one that ran before is ended. */
  start(how: "unlocked" | "locked"): Promise<void>;
  /** Ends the keyring as a crash does. */
  kill(): Promise<void>;
  /** What lies in the keychain under Top Dog's name. */
  items(): Promise<readonly { readonly account: string; readonly password: string }[]>;
  setItem(account: string, password: string): Promise<void>;
  deleteItem(account: string): Promise<void>;
  close(): Promise<void>;
}

/** With `prompt`, somebody is there to ask for the keyring's password, and nobody ever answers. */
export async function startSession(choice: { readonly prompt?: true } = {}): Promise<KeyringSession> {
  const home = mkdtempSync(path.join(tmpdir(), "topdog-keyring-"));
  const services = path.join(home, "services");
  mkdirSync(services);
  mkdirSync(path.join(home, "run"), { mode: 0o700 });
  if (choice.prompt)
    writeFileSync(
      path.join(services, "org.gnome.keyring.SystemPrompter.service"),
      "[D-BUS Service]\nName=org.gnome.keyring.SystemPrompter\nExec=/bin/sleep 600\n",
    );
  const config = path.join(home, "bus.conf");
  writeFileSync(
    config,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=${home}</listen><servicedir>${services}</servicedir>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
<limit name="service_start_timeout">600000</limit></busconfig>`,
  );
  const bare = { PATH: process.env["PATH"] ?? "", HOME: home, XDG_RUNTIME_DIR: path.join(home, "run") };
  const bus = spawn("dbus-daemon", [`--config-file=${config}`, "--nofork", "--print-address"], {
    env: bare,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const address = await new Promise<string>((resolve, reject) => {
    bus.stdout.once("data", (bytes: Buffer) => resolve(bytes.toString().trim()));
    bus.once("exit", () => reject(new Error("dbus-daemon ended")));
  });
  const env = { ...bare, DBUS_SESSION_BUS_ADDRESS: address };
  let keyring: ChildProcess | undefined;

  const isThere = (): boolean =>
    spawnSync("dbus-send", [...ASK_BUS, "org.freedesktop.DBus.GetNameOwner", "string:org.freedesktop.secrets"], { env }).status === 0;
  const kill = async (): Promise<void> => {
    keyring?.kill("SIGKILL");
    keyring = undefined;
    await vi.waitFor(() => {
      if (isThere()) throw new Error("the keyring still runs");
    }, soon);
  };
  const keytar = (call: string): string =>
    execFileSync(process.execPath, ["-e", `require("keytar").${call}.then((value) => console.log(JSON.stringify(value ?? null)))`], {
      env,
      encoding: "utf8",
    });
  const service = JSON.stringify("Top Dog Phone Pairing");

  return {
    env,
    startProcess: () => forkWorker(env),
    async start(how) {
      await kill();
      const child = spawn("gnome-keyring-daemon", [how === "unlocked" ? "--unlock" : "--start", "--foreground", "--components=secrets"], {
        env,
        stdio: ["pipe", "ignore", "ignore"],
      });
      child.stdin.end(how === "unlocked" ? "a password" : "");
      keyring = child;
      await vi.waitFor(() => {
        if (!isThere()) throw new Error("the keyring does not start");
      }, soon);
    },
    kill,
    items: async () => JSON.parse(keytar(`findCredentials(${service})`)) as { account: string; password: string }[],
    setItem: async (account, password) => void keytar(`setPassword(${service}, ${JSON.stringify(account)}, ${JSON.stringify(password)})`),
    deleteItem: async (account) => void keytar(`deletePassword(${service}, ${JSON.stringify(account)})`),
    async close() {
      keyring?.kill("SIGKILL");
      bus.kill("SIGKILL");
      await new Promise((resolve) => (bus.exitCode === null && bus.signalCode === null ? bus.once("exit", resolve) : resolve(undefined)));
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const ASK_BUS = ["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/"];

/** The built worker under Node.js, as Electron runs it in its utility process. */
export function forkWorker(env: Readonly<Record<string, string>>): KeychainProcess {
  const child = fork(WORKER, [], { env, stdio: "ignore" });
  return {
    send: (question) => child.send(question, () => undefined),
    onMessage: (listener) => void child.on("message", listener),
    onExit: (listener) => void child.once("exit", listener),
    end: () => void child.kill("SIGKILL"),
  };
}

function whyNoKeyring(): string | undefined {
  if (process.platform !== "linux") return "only on Linux";
  for (const program of ["gnome-keyring-daemon", "dbus-daemon", "dbus-send"])
    if (spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0)
      return `${program} is not installed (Debian: apt-get install gnome-keyring libsecret-1-0 dbus)`;
  if (!existsSync("node_modules/keytar")) return "keytar is not installed";
  const { status } = spawnSync(process.execPath, ["-e", 'require("keytar")'], { stdio: "ignore" });
  return status === 0 ? undefined : "keytar cannot be loaded (Debian: apt-get install libsecret-1-0)";
}
