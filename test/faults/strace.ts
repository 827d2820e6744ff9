import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { vi } from "vitest";

/** A running process whose system calls are answered by strace in the kernel's place. */
export interface Injury {
  /** How many calls have failed because of it so far. */
  readonly injected: () => number;
  heal(): Promise<void>;
}

/** `when` as strace takes it: `3`, the third call of each thread; `3+`, that and all after it. */
export async function injure(pid: number, calls: string, error: string, when: string): Promise<Injury> {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog strace "));
  const log = path.join(folder, "log");
  const args = ["-f", "-p", String(pid), "-o", log, "-e", `trace=${calls}`, "-e", `inject=${calls}:error=${error}:when=${when}`];
  const strace = spawn("strace", args, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<void>((resolve) => strace.once("close", () => resolve()));
  let printed = "";
  strace.stderr.setEncoding("utf8").on("data", (text: string) => (printed += text));
  await vi.waitFor(
    () => {
      if (strace.exitCode !== null) throw new Error(printed);
      if (!printed.includes("attached")) throw new Error(`strace has not attached: ${printed}`);
    },
    { timeout: 20_000, interval: 5 },
  );
  const injected = (): number => readFileSync(log, "utf8").split("(INJECTED)").length - 1;
  return {
    injected,
    async heal() {
      strace.kill("SIGINT");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
