import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { openSettings } from "../../src/host/open-settings.ts";
import { SAVED_AMONG_SECRETS, type SavedSettings } from "../../src/settings/read-settings.ts";
import { isOwnSetting } from "../../src/settings/settings-store.ts";
import { settingsInMemory } from "../settings-in-memory.ts";

const DATABASE = { PAIRING_DATABASE_URL: "postgres://nobody@127.0.0.1:9/none" };

/** A server's settings over a folder of its own and what all servers saved. */
function openWith(own: SavedSettings, common: SavedSettings, env: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-settings-"));
  const file = path.join(folder, "settings.json");
  writeFileSync(file, JSON.stringify(own));
  const shared = settingsInMemory(common);
  const store = openSettings({ ...DATABASE, ...env }, { storageFolder: folder });
  return { store, shared, share: () => store.share(shared, isOwnSetting), inFile: () => JSON.parse(readFileSync(file, "utf8")) as unknown };
}

describe("settings of servers that share a database", () => {
  it("are the common ones, with those of this server from its file; each is saved where it belongs", async () => {
    const { store, shared, share, inFile } = openWith(
      { PAIRING_PORT: "9000", PAIRING_SMS_PER_DAY: "5" },
      { PAIRING_SMS_PER_DAY: "7", PAIRING_PHONE_PORT: "1" },
    );
    share();
    expect(store.inUse()).toMatchObject({ localPort: 9000, smsPerDay: 7, phonePort: 8001 });
    await store.save({ PAIRING_PHONE_PORT: "9001", PAIRING_SMS_PER_DAY: null, PAIRING_TOKEN_EXPIRY_DAYS: "3" });
    expect(shared.read()).toEqual({ PAIRING_TOKEN_EXPIRY_DAYS: "3" });
    expect(inFile()).toEqual({ PAIRING_PORT: "9000", PAIRING_PHONE_PORT: "9001", PAIRING_SMS_PER_DAY: "5" });
    expect(store.inUse()).toMatchObject({ smsPerDay: 100, tokenDays: 3 });
  });

  it("take over what another server saved, but not before a restart what needs one", async () => {
    const { store, shared, share } = openWith({}, { PAIRING_ALLOWED_HOSTS: "a.example" });
    share();
    await shared.update(() => ({ PAIRING_ALLOWED_HOSTS: "b.example", PAIRING_SMS_PER_DAY: "9" }));
    expect(store.refresh()).toEqual([]);
    expect(store.inUse()).toMatchObject({ allowedHosts: ["a.example"], smsPerDay: 9 });
    expect(store.list().find(({ name }) => name === "PAIRING_ALLOWED_HOSTS")).toMatchObject({ value: "b.example", waiting: true });
  });

  it("stay as they are where another server's would be wrong with this environment", async () => {
    const { store, shared, share } = openWith({}, { ADMIN_TOKEN: SAVED_AMONG_SECRETS }, { PHONE_DEVICES_REQUIRE_ADMIN: "1" });
    share();
    await shared.update(() => ({ PAIRING_SMS_PER_DAY: "9" }));
    expect(store.refresh()).toEqual([expect.stringMatching(/^PHONE_DEVICES_REQUIRE_ADMIN is on but ADMIN_TOKEN is empty/)]);
    expect(store.inUse()).toMatchObject({ adminTokenSaved: true, smsPerDay: 100 });
  });

  it("complete the environment at the start, and refuse it where they do not", () => {
    const env = { PHONE_DEVICES_REQUIRE_ADMIN: "1" };
    expect(() => openWith({}, {}, env).share()).toThrow(/^PHONE_DEVICES_REQUIRE_ADMIN is on but ADMIN_TOKEN is empty/);
    const { store, share } = openWith({}, { ADMIN_TOKEN: SAVED_AMONG_SECRETS }, env);
    share();
    expect(store.inUse().adminTokenSaved).toBe(true);
  });
});
