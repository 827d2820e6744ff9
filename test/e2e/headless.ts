import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { forgetPassed, leaksIn, notePrinted, type Traces, withCanaries } from "../leaks.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const CLI = path.join(root, "dist/headless/cli.js");
export const START = path.join(root, "scripts/start.mjs");

export interface Headless {
  readonly child: ChildProcess;
  /** Everything it printed, both streams. */
  readonly printed: () => string;
  /** Where the settings page is opened: with the secret that makes it a window, where that is printed. */
  readonly pageAddress: string;
  readonly localAddress: string;
  readonly phoneAddress: string;
  readonly ended: Promise<{ readonly code: number | null; readonly printed: string }>;
}

const running = new Set<ChildProcess>();
const started: (() => Traces)[] = [];

/** For `afterEach`: ends what a test left running, and looks for secrets in all that its servers printed and wrote. */
export function killServers(): void {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
  const traces = started.splice(0).map((readTraces) => readTraces());
  for (const { printed } of traces) notePrinted(printed);
  const leaks = traces.flatMap(leaksIn);
  forgetPassed();
  expect(leaks).toEqual([]);
  // Node.js says so once where something listens anew for each connection, and never stops.
  expect(traces.filter(({ printed }) => printed.includes("MaxListenersExceededWarning"))).toEqual([]);
}

/** What a settings page sends that was opened with the server's link: it speaks for the person at the computer. */
export async function asWindow({
  pageAddress,
  localAddress,
}: Pick<Headless, "pageAddress" | "localAddress">): Promise<Record<string, string>> {
  const open = new URL(pageAddress).hash.replace("#open=", "");
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${localAddress}/admin/session`, { method: "POST", headers, body: JSON.stringify({ open }) });
  return { "x-window-key": ((await response.json()) as { window_key: string }).window_key };
}

export function freshHome(): string {
  return mkdtempSync(path.join(tmpdir(), "topdog home "));
}

/** Whose process it is; absent: the tests' own. */
interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** A process of the product as a person starts it: nothing in its environment but what is named here. */
export function run(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  account: Account = {},
): Pick<Headless, "child" | "printed" | "ended"> {
  const child = spawn(process.execPath, args, { ...account, cwd: root, env: { PATH: process.env["PATH"] ?? "", ...env } });
  running.add(child);
  let printed = "";
  child.stdout.on("data", (bytes: Buffer) => (printed += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (printed += bytes.toString()));
  const ended = new Promise<{ code: number | null; printed: string }>((resolve) => {
    child.once("close", (code) => {
      running.delete(child);
      resolve({ code, printed });
    });
  });
  return { child, printed: () => printed, ended };
}

/** Starts a server and waits for the lines that say where it is. Rejects with what it printed when it ends before. */
export async function startHeadless(
  home: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [CLI, "serve"],
  account: Account = {},
): Promise<Headless> {
  const given = withCanaries({ HOME: home, PAIRING_PORT: "0", PAIRING_PHONE_PORT: "0", PAIRING_USER_NAME: "John Doe", ...env });
  const server = run(args, given, account);
  started.push(() => ({
    folder: given["PAIRING_STORAGE_PATH"] ?? path.join(home, ".topdog"),
    printed: server.printed(),
    env: given,
  }));
  const found = new Promise<Pick<Headless, "pageAddress" | "localAddress" | "phoneAddress">>((resolve) => {
    server.child.stdout?.on("data", () => {
      const [, pageAddress, localAddress] = /^Settings page {3}((\S+?)\/(?:#open=\S+)?)$/m.exec(server.printed()) ?? [];
      const [, phoneAddress] = /^Phone door {3}(\S+)$/m.exec(server.printed()) ?? [];
      if (pageAddress !== undefined && localAddress !== undefined && phoneAddress !== undefined)
        resolve({ pageAddress, localAddress, phoneAddress });
    });
  });
  const addresses = await Promise.race([
    found,
    server.ended.then(({ code, printed }) => Promise.reject(new Error(`ended with ${code ?? "a signal"}:\n${printed}`))),
  ]);
  return { ...server, ...addresses };
}
