import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createFakeElectron } from "../fakes/electron.ts";

let folder = "";
vi.doMock("electron", () => createFakeElectron("/nowhere").electron);
const { openPreferences } = await import("../../src/main/preferences.ts");

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "topdog-preferences-"));
});
const file = (): string => path.join(folder, "preferences.json");
const open = (): { preferences: ReturnType<typeof openPreferences>; lines: string[] } => {
  const lines: string[] = [];
  return { preferences: openPreferences(folder, (line) => lines.push(line)), lines };
};
const DEFAULTS = { closeToTray: true, toldAboutTray: false, startAtLogin: false, lookForUpdates: false };

describe("preferences", () => {
  it("are there after a restart, in a file for this account only", () => {
    const { preferences, lines } = open();
    expect(preferences.get()).toEqual(DEFAULTS);
    preferences.set({ closeToTray: false, window: { x: -5, y: 40, width: 700, height: 800, maximized: false } });
    expect(open().preferences.get()).toEqual({ ...preferences.get() });
    expect(open().preferences.get().window).toEqual({ x: -5, y: 40, width: 700, height: 800, maximized: false });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(lines).toEqual([]);
  });

  it("are forgotten at the end where a pipe is in their file's place, which nobody waits for", () => {
    execFileSync("mkfifo", [file()]);
    const { preferences, lines } = open();
    expect(preferences.get()).toEqual(DEFAULTS);
    expect(lines).toEqual([expect.stringMatching(/^.*preferences\.json cannot be used \(not a plain file\)\./)]);
    preferences.set({ closeToTray: false });
    expect(preferences.get().closeToTray).toBe(false);
  });

  it.each([
    ["text", "no JSON at all"],
    ["a file cut short, as a full disk leaves it", '{"closeToTray": fal'],
    ["an empty file", ""],
    ["a wrong kind", '{"closeToTray": "no"}'],
    ["a port that is none", '{"localPort": 99999}'],
  ])("begin anew after %s, and say where the damaged file is", (_what, text) => {
    writeFileSync(file(), text);
    const { preferences, lines } = open();
    expect(preferences.get()).toEqual(DEFAULTS);
    const aside = path.join(folder, "preferences.damaged-1.json");
    expect(lines).toEqual([`${file()} was damaged. It is kept as ${aside}; preferences begin anew.`]);
    expect(readFileSync(aside, "utf8")).toBe(text);
    preferences.set({ startAtLogin: true });
    expect(open().preferences.get().startAtLogin).toBe(true);
    writeFileSync(file(), text);
    open();
    expect(readdirSync(folder).sort()).toEqual(["preferences.damaged-1.json", "preferences.damaged-2.json"]);
  });

  it("that cannot be saved are reported, and hold while the app runs", () => {
    const blocked = path.join(folder, "file");
    writeFileSync(blocked, "");
    chmodSync(blocked, 0o600);
    const lines: string[] = [];
    const preferences = openPreferences(path.join(blocked, "below"), (line) => lines.push(line));
    preferences.set({ closeToTray: false });
    expect(preferences.get().closeToTray).toBe(false);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/preferences\.json (cannot be used|could not be written) \(\w+\)\./);
  });
});
