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
  return {
    store,
    shared,
    share: (isOwn = isOwnSetting) => store.share(shared, isOwn),
    inFile: () => JSON.parse(readFileSync(file, "utf8")) as unknown,
  };
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

  it("take over everything but the values that are wrong at this server, whatever else is saved with them or later", async () => {
    const { store, shared, share } = openWith({}, { PAIRING_SMS_PER_DAY: "7" });
    share();
    await shared.update(() => ({ PAIRING_SMS_PER_DAY: "of a newer version", PAIRING_INVITE_EXPIRY_MINUTES: "30" }));
    expect(store.refresh()).toEqual([expect.stringMatching(/^PAIRING_SMS_PER_DAY: must be a whole number/)]);
    expect(store.inUse()).toMatchObject({ smsPerDay: 7, inviteMinutes: 30 });
    const found = (name: string) => store.list().find((setting) => setting.name === name);
    expect(found("PAIRING_SMS_PER_DAY")).toMatchObject({
      value: "of a newer version",
      waiting: false,
      fault: expect.stringMatching(/^must be/),
    });
    expect(found("PAIRING_INVITE_EXPIRY_MINUTES")).not.toHaveProperty("fault");
    await shared.update((latest) => ({ ...latest, PAIRING_TOKEN_EXPIRY_DAYS: "3" }));
    expect(store.refresh()).toHaveLength(1);
    expect(store.inUse()).toMatchObject({ smsPerDay: 7, inviteMinutes: 30, tokenDays: 3 });
    // A page of this server can save others, and put that one right.
    await store.save({ PAIRING_INVITE_EXPIRY_MINUTES: "20" });
    expect(shared.read()).toMatchObject({ PAIRING_SMS_PER_DAY: "of a newer version", PAIRING_INVITE_EXPIRY_MINUTES: "20" });
    await expect(store.save({ PAIRING_SMS_PER_DAY: "of a newer version" })).rejects.toMatchObject({ code: "invalid_request" });
    await store.noteAdminToken(true);
    await store.dropWaiting();
    expect(shared.read()).toMatchObject({ PAIRING_SMS_PER_DAY: "of a newer version", PAIRING_TOKEN_EXPIRY_DAYS: "3" });
    await store.save({ PAIRING_SMS_PER_DAY: "8" });
    expect([store.inUse().smsPerDay, store.refresh()]).toEqual([8, []]);
  });

  it("keep the gate where another server would open it: the network, or a token that this one has not", async () => {
    const gated = { PHONE_DEVICES_REQUIRE_ADMIN: "1" };
    const open = openWith({}, gated, { PAIRING_HOST: "0.0.0.0", ADMIN_TOKEN: "a-token-that-is-long-enough" });
    open.share();
    await open.shared.update(() => ({ PAIRING_SMS_PER_DAY: "9" }));
    expect(open.store.refresh()).toEqual([expect.stringMatching(/0\.0\.0\.0 opens the local door to the network/)]);
    expect(open.store.inUse()).toMatchObject({ adminRequired: true, smsPerDay: 9 });

    const without = openWith({}, {});
    without.share();
    await without.shared.update(() => ({ ...gated, PAIRING_SMS_PER_DAY: "9" }));
    // Without a token it lets nobody in.
    expect(without.store.refresh()).toEqual([expect.stringMatching(/^PHONE_DEVICES_REQUIRE_ADMIN is on but ADMIN_TOKEN is empty/)]);
    expect(without.store.inUse()).toMatchObject({ adminRequired: true, adminTokenSaved: false, smsPerDay: 9 });
    await without.shared.update(() => ({ PAIRING_SMS_PER_DAY: "10" }));
    expect([without.store.refresh(), without.store.inUse()]).toMatchObject([[], { adminRequired: false, smsPerDay: 10 }]);

    const withToken = openWith({}, { ADMIN_TOKEN: SAVED_AMONG_SECRETS }, gated);
    withToken.share();
    await withToken.shared.update(() => ({ PAIRING_SMS_PER_DAY: "9" }));
    expect(withToken.store.refresh()).toEqual([expect.stringMatching(/^PHONE_DEVICES_REQUIRE_ADMIN is on but ADMIN_TOKEN is empty/)]);
    expect(withToken.store.inUse()).toMatchObject({ adminRequired: true, smsPerDay: 9 });
  });

  it("do not close the gate of all servers with a token that only this one has", async () => {
    const gate = { PHONE_DEVICES_REQUIRE_ADMIN: "1" };
    const isOwn = (name: string) => isOwnSetting(name) || name === "ADMIN_TOKEN";
    const apart = openWith({ ADMIN_TOKEN: SAVED_AMONG_SECRETS }, {});
    apart.share(isOwn);
    const rejected = {
      code: "invalid_request",
      fields: [{ field: "values.PHONE_DEVICES_REQUIRE_ADMIN", message: expect.stringMatching(/PAIRING_SECRETS_KEY.*ADMIN_TOKEN/) }],
    };
    expect(() => apart.store.check(gate)).toThrow(expect.objectContaining(rejected));
    await expect(apart.store.save(gate)).rejects.toMatchObject(rejected);
    await apart.store.save({ PAIRING_SMS_PER_DAY: "9" });
    expect(apart.shared.read()).toEqual({ PAIRING_SMS_PER_DAY: "9" });

    const everywhere = openWith({}, {}, { ADMIN_TOKEN: "a-token-that-is-long-enough" });
    everywhere.share(isOwn);
    await everywhere.store.save(gate);
    const together = openWith({}, { ADMIN_TOKEN: SAVED_AMONG_SECRETS });
    together.share();
    await together.store.save(gate);
    expect([everywhere.store.inUse().adminRequired, together.store.inUse().adminRequired]).toEqual([true, true]);
  });

  it("complete the environment at the start, and refuse it where they do not", () => {
    const env = { PHONE_DEVICES_REQUIRE_ADMIN: "1" };
    expect(() => openWith({}, {}, env).share()).toThrow(/^PHONE_DEVICES_REQUIRE_ADMIN is on but ADMIN_TOKEN is empty/);
    const { store, share } = openWith({}, { ADMIN_TOKEN: SAVED_AMONG_SECRETS }, env);
    share();
    expect(store.inUse().adminTokenSaved).toBe(true);
  });
});
