import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { createLogFile } from "../../src/adapters/system/log-file.ts";

const FILE = path.join("logs", "Top Dog-topdog.log");
const fresh = (): string => mkdtempSync(path.join(tmpdir(), "topdog-log-"));
const parsed = (text: string): unknown[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => (line.startsWith("{") ? (JSON.parse(line) as unknown) : line));

async function logged(targets: { folder?: string; toOutput: boolean; level?: "debug" | "info" }) {
  let output = "";
  const echoed: string[] = [];
  const log = createLogFile({
    folder: targets.folder,
    output: targets.toOutput ? { write: (text) => (output += text) } : undefined,
    level: targets.level ?? "info",
    echo: (line) => echoed.push(line),
  });
  log.info("before the begin", { secret: "kept", entry: { token: "t" } });
  log.begin();
  log.warn("two\nlines", { text: '"\u001b[31m' });
  log.debug("for debugging");
  log.block("Link: http://localhost");
  log.error("failed", { reason: "no room" });
  await log.close();
  return { output, echoed };
}

const LINES = [
  { level: 30, msg: "before the begin", entry: { token: "[Redacted]" } },
  { level: 40, msg: "two\nlines", text: '"\u001b[31m' },
  { level: 50, msg: "failed", reason: "no room" },
];

it("writes the same lines to its file and to an output, which gets no blocks", async () => {
  const folder = fresh();
  const { output, echoed } = await logged({ folder, toOutput: true });
  expect(parsed(output)).toMatchObject(LINES);
  const file = readFileSync(path.join(folder, FILE), "utf8");
  expect(parsed(file)).toMatchObject([LINES[0], LINES[1], "Link: http://localhost", LINES[2]]);
  if (process.platform !== "win32") expect(statSync(path.join(folder, FILE)).mode & 0o777).toBe(0o600);
  expect(echoed).toEqual(["failed: no room"]);
});

it("writes what is for debugging where that is wanted", async () => {
  const { output } = await logged({ toOutput: true, level: "debug" });
  expect(parsed(output)).toMatchObject([LINES[0], LINES[1], { level: 20, msg: "for debugging" }, LINES[2]]);
});

it("without a folder it makes no file, without an output it writes the file alone", async () => {
  expect(parsed((await logged({ toOutput: true })).output)).toMatchObject(LINES);
  const folder = fresh();
  expect((await logged({ folder, toOutput: false })).output).toBe("");
  expect(existsSync(path.join(folder, FILE))).toBe(true);
});

it("goes on to the output when the file cannot be written", async () => {
  const folder = fresh();
  writeFileSync(path.join(folder, "logs"), "not a folder");
  const { output, echoed } = await logged({ folder, toOutput: true });
  expect(parsed(output)).toMatchObject(LINES);
  expect(echoed).toHaveLength(2);
});
