import { spawn } from "node:child_process";
import { cpSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { expect } from "vitest";
import type { PairingStore } from "../../../src/core/index.ts";
import { NOON } from "../../contracts/pairing-store.ts";
import { crashCopy, everything, freshFolder, openIn } from "./folder.ts";

/** Folders as programs of these formats left them: half of what is in them is in the files, the other half in the journal alone. */
export const FORMATS = [1, 2] as const;
export type Format = (typeof FORMATS)[number];

export function folderOfFormat(format: Format): string {
  const folder = freshFolder();
  cpSync(path.join(import.meta.dirname, "formats", `format-${format}`), folder, { recursive: true });
  return folder;
}

/** What a start must find: everything that the port can return, text messages included. */
export async function contentOf(store: PairingStore): Promise<unknown> {
  const halves = ["f-", "j-"];
  const texts = halves.flatMap((half) =>
    ["pending", "paired", "revoked", "lost", "qr", "test", "told"].map((id) => `session-${half}${id}`),
  );
  return {
    ...((await everything(
      store,
      halves.flatMap((half) => [`jti-${half}paired`, `jti-${half}revoked`]),
    )) as object),
    texts: await Promise.all(texts.map(async (id) => store.findText(id))),
    approvalTexts: await Promise.all(halves.map(async (half) => store.listApprovalTexts({ approvalId: `approval-${half}` }))),
    test: await store.lastTestText(NOON),
    month: await store.countMessages(NOON),
  };
}

/** Kills the upgrade of a folder with `kill -9` at every `step`th of its writes, and looks each time at what the next start finds. */
export async function sweepUpgrade(format: Format, step: number): Promise<number> {
  const whole = await openIn(folderOfFormat(format));
  const expected = await contentOf(whole);
  await whole.close();
  const worker = path.join(freshFolder(), "worker.mjs");
  const entryPoints = [path.join(import.meta.dirname, "upgrade-worker.ts")];
  await build({ entryPoints, outfile: worker, bundle: true, platform: "node", format: "esm", logLevel: "warning" });
  let killed = 0;
  for (let which = 1; ; which += step) {
    const folder = folderOfFormat(format);
    const child = spawn(process.execPath, [worker, folder, String(which), String(NOON)], { stdio: ["ignore", "ignore", "inherit"] });
    const [code, signal] = await new Promise<readonly [number | null, string | null]>((resolve) =>
      child.once("close", (...ended) => resolve(ended)),
    );
    const store = await openIn(crashCopy(folder));
    expect([which, await contentOf(store)]).toEqual([which, expected]);
    await store.close();
    if (code === 0) return killed;
    expect([which, signal]).toEqual([which, "SIGKILL"]);
    killed += 1;
  }
}
