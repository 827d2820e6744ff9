import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { readRuns } from "./cloudflared.mjs";

export interface Mood {
  readonly name:
    | "online"
    | "forwards"
    | "silent"
    | "unconnected"
    | "stubborn"
    | "offline"
    | "busy"
    | "dies"
    | "dies-later"
    | "loses-connection"
    | "garbage"
    | "floods";
  readonly address?: string;
  readonly text?: string;
}

export interface CloudflaredRun {
  readonly pid: number;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly edge?: number;
}

export interface FakeCloudflared {
  readonly folder: string;
  readonly file: string;
  readonly runs: () => readonly CloudflaredRun[];
  /** The run with this number, once it has printed its lines. */
  readonly run: (number: number) => Promise<CloudflaredRun>;
}

/** A program called cloudflared, in a folder of its own, that behaves in these moods one run after the other. */
export function installCloudflared(...moods: Mood[]): FakeCloudflared {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog cloudflared "));
  const file = path.join(folder, "cloudflared");
  const notes = path.join(folder, "runs.jsonl");
  const double = pathToFileURL(path.resolve("test/doubles/cloudflared.mjs")).href;
  writeFileSync(
    file,
    `#!${process.execPath}\nimport(${JSON.stringify(double)}).then(({ cloudflared }) => cloudflared(${JSON.stringify({ moods, notes })}));\n`,
  );
  chmodSync(file, 0o755);
  const runs = (): readonly CloudflaredRun[] => readRuns(notes) as CloudflaredRun[];
  return {
    folder,
    file,
    runs,
    async run(number) {
      await expect.poll(() => runs().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(number);
      return runs()[number - 1]!;
    },
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
