import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { checkSettings } from "../../src/host/check-settings.ts";
import { openSettings, setSettingsAside } from "../../src/host/open-settings.ts";
import type { Option } from "../../src/settings/option.ts";
import { OPTIONS } from "../../src/settings/options.ts";
import { readSettings } from "../../src/settings/read-settings.ts";

const folderWith = (saved?: unknown): string => {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-settings-"));
  if (saved !== undefined) writeFileSync(path.join(folder, "settings.json"), JSON.stringify(saved));
  return folder;
};
const savedIn = (folder: string): unknown => JSON.parse(readFileSync(path.join(folder, "settings.json"), "utf8"));
const open = (folder: string, env: Record<string, string> = {}, chosen = {}) => openSettings(env, { storageFolder: folder }, chosen);

describe("saved settings", () => {
  it("stand under the environment, and over the defaults", () => {
    const folder = folderWith({ PAIRING_PORT: "9000", PAIRING_PHONE_PORT: "9001" });
    expect(open(folder, { PAIRING_PORT: "7000", PAIRING_PHONE_PORT: "" }).inUse()).toMatchObject({
      localPort: 7000,
      phonePort: 9001,
      inviteMinutes: 15,
    });
  });

  it("give way to what was just chosen, which is kept when it is saved and not before", async () => {
    const folder = folderWith({ PAIRING_PORT: "9000", PAIRING_SMS_PER_DAY: "5" });
    const store = open(folder, {}, { PAIRING_PORT: "0" });
    expect(store.inUse().localPort).toBe(0);
    expect(savedIn(folder)).toMatchObject({ PAIRING_PORT: "9000" });
    await store.save({ PAIRING_PORT: "0" });
    expect(savedIn(folder)).toEqual({ PAIRING_PORT: "0", PAIRING_SMS_PER_DAY: "5" });
  });

  it("forget what waits for a restart, and nothing else, when that is taken back", async () => {
    const folder = folderWith({ PAIRING_PORT: "9000" });
    const store = open(folder);
    await store.save({ PAIRING_PORT: "9001", PAIRING_PHONE_HOST: "localhost", PAIRING_SMS_PER_DAY: "5" });
    expect(store.inUse()).toMatchObject({ localPort: 9000, phoneHost: "127.0.0.1", smsPerDay: 5 });
    await store.dropWaiting();
    expect(savedIn(folder)).toEqual({ PAIRING_PORT: "9000", PAIRING_SMS_PER_DAY: "5" });
  });

  it("name a fault of the environment as its own, whatever the file holds", () => {
    const folder = folderWith({ PAIRING_SMS_PER_DAY: "5" });
    expect(() => open(folder, { PAIRING_PORT: "eighty" })).toThrow(/^PAIRING_PORT: must be a whole number/);
    expect(() => open(folder, { PHONE_DEVICES_REQUIRE_ADMIN: "1" })).toThrow(/^PHONE_DEVICES_REQUIRE_ADMIN is on but ADMIN_TOKEN is empty/);
  });

  it("make an environment whole that would not be alone", () => {
    const folder = folderWith({ PHONE_DEVICES_REQUIRE_ADMIN: "1" });
    expect(open(folder, { PAIRING_HOST: "0.0.0.0", ADMIN_TOKEN: "a-token-that-is-long-enough" }).inUse().adminRequired).toBe(true);
  });

  it("can be inspected when they are damaged, and moved aside without a loss", async () => {
    const folder = folderWith();
    const file = path.join(folder, "settings.json");
    for (const text of ["{", "[]"]) {
      writeFileSync(file, text);
      const checked = await checkSettings({}, { storageFolder: folder });
      expect(checked.settings.localPort).toBe(8000);
      expect(checked.faults).toEqual([expect.stringContaining(`${file} is damaged`)]);
      await setSettingsAside({}, { storageFolder: folder });
    }
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(path.join(folder, "settings.set-aside-1.json"), "utf8")).toBe("{");
    expect(readFileSync(path.join(folder, "settings.set-aside-2.json"), "utf8")).toBe("[]");
    expect(await setSettingsAside({}, { storageFolder: folder })).toBeUndefined();
  });

  it("are read as an editor on Windows writes them", () => {
    const folder = folderWith();
    const file = path.join(folder, "settings.json");
    for (const content of ['\ufeff{"PAIRING_PORT": "9000"}\r\n', Buffer.from('\ufeff{"PAIRING_PORT": "9000"}', "utf16le")]) {
      writeFileSync(file, content);
      expect(open(folder).inUse().localPort).toBe(9000);
    }
  });

  it("take the default that each setting says it has", () => {
    const settings: Readonly<Record<string, unknown>> = { ...readSettings({}, { storageFolder: folderWith() }) };
    for (const [name, { schema, default: defaultValue, key }] of Object.entries(OPTIONS) as [string, Option][]) {
      if (defaultValue !== undefined && key !== undefined) expect([name, settings[key]]).toEqual([name, schema.parse(defaultValue)]);
    }
  });

  it("that are secrets stand on no page", () => {
    const shown = (Object.entries(OPTIONS) as [string, Option][]).filter(([, { group, secret }]) => group !== undefined && secret);
    expect(shown).toEqual([]);
  });
});
