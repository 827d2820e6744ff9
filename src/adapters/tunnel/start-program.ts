import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLineReader } from "./read-output.ts";

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

/** Output of a process that has ended may still arrive. */
const LAST_OUTPUT_MS = 500;

export interface Program {
  /** Asks it to end, and ends it when it does not in time. */
  end(): void;
  /** Resolves when it has ended. */
  readonly done: Promise<void>;
}

/** Starts a program in a folder of its own. It ends with this process at the latest. `ended` is called once, and no line comes after it. */
export function startProgram(
  file: string,
  input: readonly string[],
  endTimeoutMs: number,
  { line, ended }: { line(text: string): void; ended(why: "not_installed" | "not_runnable" | "ended"): void },
): Program {
  const folder = ownFolder();
  let child: ChildProcess | undefined;
  let force: NodeJS.Timeout | undefined;
  let over = false;
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const kill = (): void => void child?.kill("SIGKILL");
  const gone: typeof ended = (why) => {
    if (over) return;
    over = true;
    clearTimeout(force);
    removeFolder(folder);
    process.removeListener("exit", kill);
    finish();
    ended(why);
  };
  try {
    child = spawn(file, input, { cwd: folder, env: passedOn(), stdio: ["ignore", "ignore", "pipe"], shell: false, windowsHide: true });
    process.once("exit", kill);
    const read = createLineReader((text) => {
      if (!over) line(text);
    });
    child.stderr?.on("data", read);
    child.once("error", (cause: NodeJS.ErrnoException) => gone(cause.code === "ENOENT" ? "not_installed" : "not_runnable"));
    child.once("exit", () => {
      child?.once("close", () => gone("ended"));
      setTimeout(() => gone("ended"), LAST_OUTPUT_MS).unref();
    });
  } catch {
    // Some faults of a file are thrown, others are events.
    setImmediate(() => gone("not_runnable"));
  }
  return {
    end() {
      if (over) return;
      child?.kill("SIGTERM");
      force ??= setTimeout(kill, endTimeoutMs);
    },
    done,
  };
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
