import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import { forgetPassed, leaksIn, notePassing } from "../leaks.ts";

const CODE = "c".repeat(43);
const folder = mkdtempSync(path.join(tmpdir(), "leaks-"));
const leaks = (printed: string): string[] => {
  notePassing({ invite_code: CODE });
  return leaksIn({ folder, printed, env: {} });
};
const mock = (name: string): string =>
  `${"=".repeat(50)}\nMOCK SMS (Development Mode)\nTo: +14155552671\nMessage:\nHi ${name}! Click to pair\n\nhttp://127.0.0.1/pair?code=${CODE}\n\n`;
const END = `Link expires in 15 minutes.\n${"=".repeat(50)}\n`;

afterEach(() => {
  forgetPassed();
  rmSync(folder, { recursive: true, force: true });
});

it.each(["John", "{{constructor}}", '{"level"', "====="])("lets a mock message of %s hold its link", (name) => {
  expect(leaks(`before\n${mock(name)}${END}after\n`)).toEqual([]);
});

it("lets a mock message that a full disk cut off hold its link, up to the next line of the log", () => {
  expect(leaks(mock("John"))).toEqual([]);
  expect(leaks(`${mock("John")}{"level":30,"msg":"x"}\n`)).toEqual([]);
  expect(leaks(`${mock("John")}{"level":30,"code":"${CODE}"}\n`)).toHaveLength(1);
});

it("finds a code beside a mock message", () => {
  expect(leaks(`${mock("John")}${END}pair?code=${CODE}\n`)).toHaveLength(1);
});
