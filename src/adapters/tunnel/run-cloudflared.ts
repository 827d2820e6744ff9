import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import path from "node:path";
import type { TunnelFailure } from "../../core/index.ts";
import type { Found } from "./find-cloudflared.ts";
import { createLineReader, isLoss, readLine } from "./read-output.ts";
import type { Prepared, Run, RunListener, RunTimeouts } from "./tunnel-supervisor.ts";

/** What its own connections need. Everything else in the environment is not its business: secrets, and TUNNEL_… settings of another tunnel. */
const PASSED_ON = [
  "HOME",
  "USERPROFILE",
  "SystemRoot",
  "TEMP",
  "TMP",
  "TMPDIR",
  "HTTP_PROXY",
  "http_proxy",
  "HTTPS_PROXY",
  "https_proxy",
  "NO_PROXY",
  "no_proxy",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
];

/** How long a lost connection may be lost before the run counts as broken. */
export const RECONNECT = 20_000;

/** A process that has ended may still have words on their way. */
const LAST_WORDS = 500;

export interface CloudflaredDeps {
  readonly find: () => Promise<Found>;
  /** The phone door, as this computer reaches it. */
  readonly target: string;
}

/** A quick tunnel by cloudflared: no account, another address at each start. */
export async function prepareCloudflared({ find, target }: CloudflaredDeps): Promise<Prepared> {
  const found = await find();
  if (found.kind !== "found") return { failure: found.kind };
  const { file } = found;
  return { program: file, run: (timeouts, listener) => runCloudflared(file, target, timeouts, listener) };
}

/** One run of `cloudflared tunnel --url …`, watched from its start to its end. */
function runCloudflared(file: string, target: string, timeouts: RunTimeouts, { online, ended }: RunListener): Run {
  let failure: TunnelFailure | undefined;
  let address: string | undefined;
  let connected = false;
  let complaint: Complaint | undefined;
  let reported = false;
  let over = false;
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });

  /** Runs while its connection is lost: it may get another one by itself, with the same address. */
  let reconnect: NodeJS.Timeout | undefined;
  const folder = ownFolder();

  let child: ChildProcess | undefined;
  const kill = (): void => void child?.kill("SIGKILL");
  let force: NodeJS.Timeout | undefined;
  const deadline = setTimeout(() => giveUp(address === undefined ? "no_address" : "not_connected"), timeouts.address);

  const end = (): void => {
    clearTimeout(deadline);
    clearTimeout(reconnect);
    child?.kill("SIGTERM");
    force ??= setTimeout(kill, timeouts.end);
  };
  const giveUp = (why: TunnelFailure): void => {
    failure ??= why;
    end();
  };
  const gone = (why: TunnelFailure): void => {
    if (over) return;
    over = true;
    clearTimeout(deadline);
    clearTimeout(force);
    clearTimeout(reconnect);
    removeFolder(folder);
    process.removeListener("exit", kill);
    finish();
    ended(failure ?? why, complaint?.output);
  };

  const lose = (): void => {
    if (reported) reconnect ??= setTimeout(() => giveUp("disconnected"), timeouts.reconnect ?? RECONNECT);
  };

  const readOutput = (line: string): void => {
    const read = readLine(line);
    if (over || failure !== undefined || read === undefined) return;
    switch (read.kind) {
      case "address":
        address ??= read.address;
        break;
      case "strange_address":
        if (address === undefined) giveUp("strange_address");
        break;
      case "connected":
        connected ||= address !== undefined;
        complaint = undefined;
        clearTimeout(reconnect);
        reconnect = undefined;
        break;
      case "disconnected":
        // That it tries again says nothing of the cause, which came before.
        if (!/^retrying/i.test(read.text)) complaint = worse(complaint, { output: read.text, failure: failureIn(read.text) });
        lose();
        return;
      case "complaint":
        complaint = worse(complaint, { output: read.text, failure: failureIn(read.text) });
        if (isLoss(read.text)) lose();
        return;
    }
    if (reported || address === undefined || !connected) return;
    reported = true;
    clearTimeout(deadline);
    online(address);
  };

  try {
    child = spawn(file, argumentsFor(target), {
      cwd: folder,
      env: passedOn(),
      stdio: ["ignore", "ignore", "pipe"],
      shell: false,
      windowsHide: true,
    });
  } catch {
    // Some faults of a file are thrown, others are told.
    setImmediate(() => gone("not_runnable"));
    return { stop: () => done };
  }
  process.once("exit", kill);
  child.stderr?.on("data", createLineReader(readOutput));
  child.once("error", (cause: NodeJS.ErrnoException) => gone(cause.code === "ENOENT" ? "not_installed" : "not_runnable"));
  child.once("exit", () => {
    const last = (): void => gone(complaint?.failure ?? "ended");
    child?.once("close", last);
    setTimeout(last, LAST_WORDS).unref();
  });
  return {
    async stop() {
      end();
      await done;
    },
  };
}

interface Complaint {
  readonly output: string;
  readonly failure: TunnelFailure;
}

/** The last words count, unless they only repeat in other words that what was said before has ended it. */
function worse(before: Complaint | undefined, now: Complaint): Complaint {
  return before !== undefined && before.failure !== "ended" && now.failure === "ended" ? before : now;
}

function argumentsFor(target: string): string[] {
  return [
    "tunnel",
    // A configuration that this account has for another tunnel would take the place of the address below.
    "--config",
    devNull,
    // It would end to start anew, with another address.
    "--no-autoupdate",
    "--grace-period",
    "1s",
    "--url",
    target,
  ];
}

/** An empty folder that only this account may write to: a program reads settings, and loads libraries, from where it runs. */
function ownFolder(): string {
  try {
    return mkdtempSync(path.join(tmpdir(), "topdog-tunnel-"));
  } catch {
    return path.parse(process.execPath).root;
  }
}

function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // The root folder, or what the program left there: the system empties its folder for temporary files.
  }
}

function passedOn(): Record<string, string> {
  return Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}

/** It has no error codes, only words: those of Go's network library, and the service's status. */
function failureIn(output: string): TunnelFailure {
  if (/\b429\b|too many requests/i.test(output)) return "busy";
  return /no such host|dial (tcp|udp)|network is unreachable|i\/o timeout|connection refused|context deadline/i.test(output)
    ? "offline"
    : "ended";
}
