import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import type { Readable, Writable } from "node:stream";

type Listener = (params: any, sessionId?: string) => void;

/** Chromium behind `--remote-debugging-pipe`: no TCP port unless the caller of `electron` asked for one. */
export class Chromium {
  #child: ChildProcess;
  #seq = 0;
  #pending = new Map<number, { resolve: (v: any) => void; reject: (e: Error) => void; method: string }>();
  #listeners = new Map<string, Set<Listener>>();
  #out: Writable;
  closed = false;
  readonly exited: Promise<number | null>;
  readonly binary: string;
  readonly commonArgs: string[];

  constructor(opts: { userDataDir: string; headless: boolean; debuggingPort?: string; switches: string[]; verbose: boolean }) {
    this.binary = process.env.ELECTRON_STANDIN_CHROMIUM ?? "/usr/bin/chromium";
    mkdirSync(opts.userDataDir, { recursive: true });
    this.commonArgs = [
      `--user-data-dir=${opts.userDataDir}`,
      "--no-first-run",
      "--no-default-browser-check",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-quic",
      "--disable-gpu",
      "--disable-extensions",
      "--disable-default-apps",
      "--disable-breakpad",
      "--password-store=basic",
      "--use-mock-keychain",
      "--disable-features=Translate,MediaRouter,OptimizationHints",
      "--disable-search-engine-choice-screen",
      "--disable-infobars",
      "--hide-crash-restore-bubble",
      // what Electron grants to file:// pages (fuse GrantFileProtocolExtraPrivileges, on by default)
      "--allow-file-access-from-files",
      ...(process.getuid?.() === 0 ? ["--no-sandbox", "--test-type"] : []),
    ];
    const args = [
      ...this.commonArgs,
      ...opts.switches,
      "--remote-debugging-pipe",
      "--no-startup-window",
      ...(opts.debuggingPort !== undefined ? [`--remote-debugging-port=${opts.debuggingPort}`] : []),
      ...(opts.headless ? ["--headless"] : []),
    ];
    this.#child = spawn(this.binary, args, { stdio: ["ignore", opts.verbose ? "inherit" : "ignore", "pipe", "pipe", "pipe"] });
    this.exited = new Promise((resolve) =>
      this.#child.once("exit", (code) => {
        this.#fail(`chromium exited (${code})`);
        resolve(code);
      }),
    );
    this.#child.once("error", (e) => this.#fail(e.message));
    let errBuf = "";
    (this.#child.stderr as Readable).setEncoding("utf8").on("data", (d: string) => {
      errBuf += d;
      const lines = errBuf.split("\n");
      errBuf = lines.pop()!;
      for (const l of lines) if (opts.verbose || l.startsWith("DevTools listening on ")) process.stderr.write(`${l}\n`);
    });
    this.#out = this.#child.stdio[3] as Writable;
    let buf = "";
    (this.#child.stdio[4] as Readable).setEncoding("utf8").on("data", (d: string) => {
      buf += d;
      for (let i = buf.indexOf("\0"); i >= 0; i = buf.indexOf("\0")) {
        const msg = buf.slice(0, i);
        buf = buf.slice(i + 1);
        this.#message(JSON.parse(msg));
      }
    });
    this.#out.on("error", () => this.#fail("chromium pipe closed"));
  }

  get pid() {
    return this.#child.pid;
  }

  #fail(why: string) {
    if (this.closed) return;
    this.closed = true;
    for (const p of this.#pending.values()) p.reject(new Error(`${p.method}: ${why}`));
    this.#pending.clear();
  }

  #message(m: any) {
    if (m.id !== undefined) {
      const p = this.#pending.get(m.id);
      this.#pending.delete(m.id);
      if (!p) return;
      if (m.error) p.reject(new Error(`${p.method}: ${m.error.message}`));
      else p.resolve(m.result);
      return;
    }
    for (const key of [`${m.sessionId ?? ""}|${m.method}`, `*|${m.method}`])
      for (const l of this.#listeners.get(key) ?? []) l(m.params, m.sessionId);
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<any> {
    if (this.closed) return Promise.reject(new Error(`${method}: chromium is closed`));
    const id = ++this.#seq;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, method });
      this.#out.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  on(method: string, listener: Listener, sessionId: string | "*" = "") {
    const key = `${sessionId}|${method}`;
    (this.#listeners.get(key) ?? this.#listeners.set(key, new Set()).get(key)!).add(listener);
    return () => this.#listeners.get(key)?.delete(listener);
  }

  dropSession(sessionId: string) {
    for (const key of [...this.#listeners.keys()]) if (key.startsWith(`${sessionId}|`)) this.#listeners.delete(key);
  }

  async close() {
    if (this.closed) return;
    await this.send("Browser.close").catch(() => {});
    const t = setTimeout(() => this.#child.kill("SIGKILL"), 3000);
    await this.exited;
    clearTimeout(t);
  }
}
