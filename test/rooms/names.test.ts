import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(path.join(tmpdir(), "topdog-names-"));
afterAll(() => rmSync(folder, { recursive: true }));

const DEVIATIONS = [
  ["src/a.ts", "export const deskState = 1;", "src/a.ts:1 deskState: use computer"],
  ["src/b.ts", "export const MOST_PHONES = 1;", "src/b.ts:1 MOST_PHONES: use MAX_"],
  ["src/c.ts", "\nexport interface PageNeeds { readonly a: 1 }", "src/c.ts:2 PageNeeds: use …Deps"],
  ["src/d.ts", "export const d = 1;\n/** Tells whoever waits. */\nexport const e = 2;", "src/d.ts:2 whoever: use the caller"],
  ["src/e.ts", "export function f() {\n  // It looks at the lock.\n  return 1;\n}", "src/e.ts:2 looks at: use check"],
  ["src/look-at-lock.ts", "", "src/look-at-lock.ts:1 look-at-lock.ts: use check"],
  ["src/f.css", "a {\n}\n/* The road to a phone. */", "src/f.css:3 road: use channel"],
  ["test/g.test.ts", 'it("tells the phone", () => undefined);', "test/g.test.ts:1 tells: use emit"],
] as const;

describe("names with another term than the glossary's", () => {
  const { stdout, status } = checkNames(Object.fromEntries(DEVIATIONS.map(([file, text]) => [file, text])));
  it("fail the check", () => expect(status).toBe(1));
  it.each(DEVIATIONS)("%s is reported", (_file, _text, line) => expect(stdout.split("\n")).toContainEqual(expect.stringContaining(line)));
});

it("public names, quoted names, string values and words that only contain a banned one are not reported", () => {
  const { stdout, status } = checkNames({
    "src/contract/index.ts": 'export { type WindowBridge as DeskBridge } from "./ipc.ts";',
    "src/pending.ts": 'export const pendingDesktop = { decided_by: "desk" }; // `desk` is what `decided_by` has always had.',
  });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});

function checkNames(files: Readonly<Record<string, string>>) {
  rmSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return spawnSync(process.execPath, ["scripts/check-names.mjs", folder], { encoding: "utf8" });
}
