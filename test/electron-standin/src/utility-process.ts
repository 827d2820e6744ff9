import { type ChildProcess, fork } from "node:child_process";
import { EventEmitter } from "node:events";
import { fileURLToPath } from "node:url";
import { app } from "./app.js";
import { refuse, strict } from "./runtime.js";

/** A utility process is a Node.js process that finds `process.parentPort`. What is sent before it listens waits for it. */
class UtilityProcess extends EventEmitter implements Pick<Electron.UtilityProcess, "pid" | "stdout" | "stderr" | "postMessage" | "kill"> {
  readonly _child: ChildProcess;
  constructor(file: string, args: string[], options: Electron.ForkOptions) {
    super();
    for (const name of Object.keys(options))
      if (!["serviceName", "stdio", "env", "cwd"].includes(name)) refuse(`utilityProcess.fork with ${name}`);
    if (options.stdio !== undefined && !["ignore", "pipe", "inherit"].includes(options.stdio as string))
      refuse("utilityProcess.fork with stdio as a list");
    const stdio = (options.stdio as "ignore" | "pipe" | "inherit" | undefined) ?? "inherit";
    this._child = fork(file, args, {
      execArgv: ["--import", fileURLToPath(new URL("parent-port.js", import.meta.url))],
      serialization: "advanced",
      stdio: [stdio === "pipe" ? "ignore" : stdio, stdio, stdio, "ipc"],
      ...(options.env ? { env: options.env as NodeJS.ProcessEnv } : {}),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    this._child.on("spawn", () => this.emit("spawn"));
    this._child.on("message", (message) => this.emit("message", message));
    this._child.on("error", () => undefined);
    this._child.on("exit", (code, signal) => this.emit("exit", code ?? (signal === "SIGTERM" ? 15 : 9)));
  }
  get pid() {
    return this._child.exitCode === null && this._child.signalCode === null ? this._child.pid : undefined;
  }
  get stdout() {
    return this._child.stdout;
  }
  get stderr() {
    return this._child.stderr;
  }
  postMessage(message: unknown, transfer?: Electron.MessagePortMain[]) {
    if (transfer?.length) refuse("utilityProcess.postMessage with ports");
    // A process that has ended receives nothing, and Electron does not report that.
    if (this._child.connected) this._child.send(message as object, () => undefined);
  }
  kill() {
    return this._child.kill("SIGTERM");
  }
}

export const utilityProcess = strict(
  {
    fork(file: string, args: string[] = [], options: Electron.ForkOptions = {}) {
      if (!app.isReady()) throw new Error("utilityProcess cannot be created before app is ready");
      return strict(new UtilityProcess(file, args, options), "UtilityProcess") as unknown as Electron.UtilityProcess;
    },
  } satisfies Pick<typeof Electron.utilityProcess, "fork">,
  "utilityProcess",
);
