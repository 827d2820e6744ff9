import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, inject, it, vi } from "vitest";
import { phoneBody } from "../http/server.ts";
import { needlesOf } from "../leaks.ts";
import { hasPostgres } from "../postgres.ts";
import { ask, dropDatabases, emptyDatabase, sqlAt } from "./databases.ts";
import { asWindow, CLI, freshHome, type Headless, killServers, run, startHeadless } from "./headless.ts";

afterEach(async () => {
  killServers();
  await dropDatabases();
});

const newKey = (): string => randomBytes(32).toString("base64");

/** Every row of every table, as a dump has it. */
async function everyRow(url: string): Promise<string> {
  const tables = await sqlAt(url, "select tablename as name from pg_tables where schemaname = 'topdog_phone'");
  const texts = await Promise.all(
    tables.map(async ({ name }) => sqlAt(url, `select coalesce(string_agg(t::text, ' '), '') as rows from topdog_phone.${String(name)} t`)),
  );
  return texts.map(([row]) => String(row?.["rows"])).join("\n");
}

let numbers = 0;

/** Resolves with the phone's token. */
async function pairAt(invites: Headless, accepts: Headless, deviceId: string): Promise<string> {
  numbers += 1;
  const body = { phone_number: `+1415555${String(2000 + numbers)}`, user_id: "user123" };
  const invited = await ask(invites.localAddress, "POST", "/phone/pairing/send-sms", body);
  const accepted = await ask(
    accepts.phoneAddress,
    "POST",
    "/phone/pairing/accept-invite",
    phoneBody(String(invited.body["invite_code"]), deviceId),
  );
  expect(accepted.status).toBe(200);
  return String(accepted.body["jwt_token"]);
}

const me = async (server: Headless, token: string) => (await ask(server.phoneAddress, "GET", "/phone/me", undefined, token)).status;

async function kidsOf(server: Headless): Promise<readonly string[]> {
  const { body } = await ask(server.phoneAddress, "GET", "/.well-known/jwks.json");
  return (body["keys"] as readonly { readonly kid: string }[]).map(({ kid }) => kid);
}

function signedBy(token: string): string {
  return (JSON.parse(Buffer.from(token.split(".", 1)[0] ?? "", "base64url").toString()) as { kid: string }).kid;
}

describe.skipIf(!hasPostgres)("what servers of one database have in common (Debian: apt-get install postgresql)", () => {
  const envOf = (url: string, key: string) => ({
    PAIRING_DATABASE_URL: url,
    PAIRING_DATABASE_MIGRATE: "1",
    PAIRING_LOCAL_AUTH: "off",
    PAIRING_SECRETS_KEY: key,
  });
  const cli = async (words: readonly string[], env: Readonly<Record<string, string>>) =>
    run([CLI, ...words], { HOME: freshHome(), ...env }).ended;

  it("is one key set, from the first start on: a token of one is good at the other, also after a rotation", async () => {
    const env = envOf(await emptyDatabase(), newKey());
    const [a, b] = await Promise.all([startHeadless(freshHome(), env), startHeadless(freshHome(), env)]);
    const before = await pairAt(b, a, "phone-1");
    expect([await me(a, before), await me(b, before)]).toEqual([200, 200]);
    expect(await kidsOf(a)).toEqual(await kidsOf(b));

    const { body, status } = await ask(a.localAddress, "POST", "/phone/keys/rotate");
    expect(status).toBe(200);
    // A key that signs was published before, so the other one knows it already.
    expect(await kidsOf(b)).toContain(body["kid"]);
    const after = await pairAt(b, a, "phone-2");
    expect(signedBy(after)).toBe(body["kid"]);
    for (const token of [before, after]) expect([await me(a, token), await me(b, token)]).toEqual([200, 200]);
    await vi.waitFor(async () => expect(signedBy(await pairAt(a, b, "phone-3"))).toBe(body["kid"]), { timeout: 10_000 });

    a.child.kill("SIGKILL");
    const again = await startHeadless(freshHome(), env);
    expect([await me(again, before), await me(again, after)]).toEqual([200, 200]);
  });

  it("is readable with the key alone: another one and none refuse to start, and so does a damaged row", async () => {
    const [url, key] = [await emptyDatabase(), newKey()];
    const env = envOf(url, key);
    const server = await startHeadless(freshHome(), env);
    await pairAt(server, server, "phone-1");
    server.child.kill("SIGKILL");
    await server.ended;
    const ports = { PAIRING_PORT: "0", PAIRING_PHONE_PORT: "0" };
    expect(await cli(["serve"], { ...ports, ...env, PAIRING_SECRETS_KEY: newKey() })).toEqual({
      code: 1,
      printed: expect.stringMatching(
        /^No key of PAIRING_SECRETS_KEY decrypts these secrets in the database .*: .*signing-key\. Add the key .*\n$/,
      ),
    });
    expect(await cli(["serve"], { ...ports, ...env, PAIRING_SECRETS_KEY: "" })).toEqual({
      code: 1,
      printed: expect.stringMatching(/^The database .* has \d+ encrypted secrets?, and no key was given\. Set PAIRING_SECRETS_KEY .*\n$/),
    });
    await sqlAt(url, "update topdog_phone.secrets set sealed = sealed || 'A'");
    expect(await cli(["serve"], { ...ports, ...env })).toEqual({
      code: 1,
      printed: expect.stringMatching(/^These rows of the table secrets in the database .* are damaged: .*signing-key.*\n$/),
    });
  });

  it("is encrypted anew under running servers, which go on; then the former key is not needed", async () => {
    const [url, former, next] = [await emptyDatabase(), newKey(), newKey()];
    const before = await startHeadless(freshHome(), envOf(url, former));
    const token = await pairAt(before, before, "phone-1");
    before.child.kill("SIGTERM");
    const env = envOf(url, `${next},${former}`);
    const [server, other] = await Promise.all([startHeadless(freshHome(), env), startHeadless(freshHome(), env)]);
    expect((await cli(["secrets", "rotate"], { PAIRING_DATABASE_URL: url, PAIRING_SECRETS_KEY: next })).code).toBe(1);
    const rotated = await cli(["secrets", "rotate"], { PAIRING_DATABASE_URL: url, PAIRING_SECRETS_KEY: `${next},${former}` });
    expect(rotated).toEqual({
      code: 0,
      printed: expect.stringMatching(/^\d+ secrets? (is|are) encrypted with the first key of PAIRING_SECRETS_KEY now\./),
    });
    const alone = await startHeadless(freshHome(), envOf(url, next));
    for (const one of [server, other, alone]) expect(await me(one, token)).toBe(200);
    expect(await ask(other.localAddress, "POST", "/phone/keys/rotate")).toMatchObject({ status: 200 });
    for (const one of [server, other, alone]) expect(await me(one, await pairAt(one, other, "phone-1"))).toBe(200);
  });

  it("holds no secret that a dump of the database would show", async () => {
    const url = await emptyDatabase();
    const key = newKey();
    const a = await startHeadless(freshHome(), { ...envOf(url, key), PAIRING_LOCAL_AUTH: "on", PHONE_DEVICES_REQUIRE_ADMIN: "0" });
    const token = await pairAt(a, a, "phone-1");
    const window = await asWindow(a);
    const adminToken = `planted-x-admin-${randomBytes(16).toString("hex")}`;
    const twilio = { twilio_account_sid: `AC${randomBytes(16).toString("hex")}`, twilio_auth_token: randomBytes(16).toString("hex") };
    expect(await ask(a.localAddress, "POST", "/admin/admin-token", { admin_token: adminToken }, window)).toMatchObject({ status: 200 });
    const saved = await ask(a.localAddress, "PATCH", "/admin/sms", { ...twilio, twilio_phone_number: "+14155550100" }, window);
    expect(saved.status).toBe(200);
    expect((await sqlAt(url, "select name from topdog_phone.secrets order by name")).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["admin-token", "signing-key", "twilio-auth-token"]),
    );
    const dump = await everyRow(url);
    expect(dump).toContain("user123");
    for (const secret of [adminToken, twilio.twilio_auth_token, window["x-window-key"] ?? "", token, key])
      expect(dump).not.toContain(secret);
    expect(dump).not.toMatch(/PRIVATE KEY|MII[\w+/]{60}/);
  });

  it("is what the settings page saved: in force at the other one soon, unless its environment says something else", async () => {
    const env = { ...envOf(await emptyDatabase(), newKey()), PHONE_DEVICES_REQUIRE_ADMIN: "", ADMIN_TOKEN: "" };
    const [a, b, fixed] = await Promise.all([
      startHeadless(freshHome(), env),
      startHeadless(freshHome(), env),
      startHeadless(freshHome(), { ...env, PAIRING_INVITE_EXPIRY_MINUTES: "7" }),
    ]);
    const save = async (server: Headless, values: object) =>
      (await ask(server.localAddress, "PATCH", "/admin/settings", { values })).status;
    const minutesAt = async (server: Headless): Promise<number> => {
      numbers += 1;
      const body = { phone_number: `+1415555${String(2000 + numbers)}`, user_id: "user123" };
      const sent = await ask(server.localAddress, "POST", "/phone/pairing/send-sms", body);
      return Math.round((Date.parse(String(sent.body["expires_at"])) - Date.now()) / 60_000);
    };
    const savedAt = async (server: Headless): Promise<Record<string, unknown>> => {
      const { body } = await ask(server.localAddress, "GET", "/admin/settings");
      const settings = body["settings"] as readonly { readonly name: string; readonly value?: string }[];
      return Object.fromEntries(settings.map(({ name, value }) => [name, value]));
    };
    // Of two pages that save at the same moment, neither takes the other's setting away.
    expect(
      await Promise.all([
        save(a, { PAIRING_INVITE_EXPIRY_MINUTES: "60" }),
        save(b, { PAIRING_SMS_PER_DAY: "77" }),
        save(a, { PAIRING_HOST: "localhost" }),
      ]),
    ).toEqual([200, 200, 200]);
    const expected = { PAIRING_INVITE_EXPIRY_MINUTES: "60", PAIRING_SMS_PER_DAY: "77" };
    for (const server of [a, b])
      await vi.waitFor(async () => expect(await savedAt(server)).toMatchObject(expected), { timeout: 10_000, interval: 200 });
    expect(await minutesAt(b)).toBe(60);
    expect(await minutesAt(fixed)).toBe(7);
    // Where it listens belongs to one server.
    expect([(await savedAt(a))["PAIRING_HOST"], (await savedAt(b))["PAIRING_HOST"]]).toEqual(["localhost", undefined]);
    b.child.kill("SIGKILL");
    const later = await startHeadless(freshHome(), env);
    expect(await savedAt(later)).toMatchObject(expected);
  });

  it("is the admin token and the text messages that were set up at one of them", async () => {
    const url = await emptyDatabase();
    const env = { ...envOf(url, newKey()), PHONE_DEVICES_REQUIRE_ADMIN: "", ADMIN_TOKEN: "", SMS_PROVIDER: "" };
    const [a, b] = await Promise.all([startHeadless(freshHome(), env), startHeadless(freshHome(), env)]);
    const [first, second] = [1, 2].map((n) => `admin-${n}-${randomBytes(16).toString("hex")}`);
    const keep = async (token = "") => (await ask(a.localAddress, "POST", "/admin/admin-token", { admin_token: token })).status;
    expect(await keep(first)).toBe(200);
    const gated = await ask(a.localAddress, "PATCH", "/admin/sms", {
      twilio_account_sid: `AC${randomBytes(16).toString("hex")}`,
      twilio_auth_token: randomBytes(16).toString("hex"),
      twilio_phone_number: "+14155550100",
    });
    expect(gated.status).toBe(200);
    await vi.waitFor(async () => {
      const { body } = await ask(b.localAddress, "GET", "/admin/sms");
      expect(body["active"]).toBe("twilio");
    });
    await vi.waitFor(async () => expect((await ask(b.localAddress, "GET", "/admin/admin-token")).body).toMatchObject({ set: true }));
    const devicesAt = async (server: Headless, token = "") =>
      (await ask(server.localAddress, "GET", "/phone/devices", undefined, { "x-admin-token": token })).status;
    expect([await devicesAt(b, first), await devicesAt(b, second)]).toEqual([200, 403]);
    // Replaced at one, it is refused at the other from then on.
    expect(await keep(second)).toBe(200);
    expect([await devicesAt(b, first), await devicesAt(b, second)]).toEqual([403, 200]);
    const later = await startHeadless(freshHome(), { ...env, PHONE_DEVICES_REQUIRE_ADMIN: "1" });
    expect([await devicesAt(later, first), await devicesAt(later, second)]).toEqual([403, 200]);
  });

  it("is a settings page: opened at one it goes on at the other, and ended at either it is over at both", async () => {
    const env = { ...envOf(await emptyDatabase(), newKey()), PAIRING_LOCAL_AUTH: "on" };
    const [a, b] = await Promise.all([startHeadless(freshHome(), env), startHeadless(freshHome(), env)]);
    const page = await asWindow(a);
    const windowsAt = async (server: Headless) => ask(server.localAddress, "GET", "/admin/windows", undefined, page);
    const { status, body } = await windowsAt(b);
    expect([status, body["windows"]]).toEqual([200, [expect.objectContaining({ current: true })]]);
    const [{ window_id: id } = { window_id: "" }] = body["windows"] as readonly { readonly window_id: string }[];
    expect((await ask(b.localAddress, "DELETE", `/admin/windows/${id}`, undefined, page)).status).toBe(200);
    expect([(await windowsAt(a)).status, (await windowsAt(b)).status]).toEqual([403, 403]);
    // The link, and the key of the account's programs, are a server's own.
    const link = new URL(a.pageAddress).hash.replace("#open=", "");
    expect((await ask(b.localAddress, "POST", "/admin/session", { open: link })).status).toBe(403);
  });

  it("begins with the keys that the first server's folder has; without a key for the database, each has its own and says so", async () => {
    const [url, pem] = [await emptyDatabase(), inject("signingKeys")[0] ?? ""];
    const home = freshHome();
    const single = await startHeadless(home);
    single.child.kill("SIGTERM");
    await single.ended;
    writeFileSync(path.join(home, ".topdog", "pairing", "signing_key.pem"), pem, { mode: 0o600 });
    const { PAIRING_SECRETS_KEY, ...unkeyed } = envOf(url, newKey());
    const apart = await startHeadless(home, unkeyed);
    await expect.poll(() => apart.printed()).toContain("⚠ This server keeps its keys and saved secrets to itself");
    const token = await pairAt(apart, apart, "phone-1");
    expect((await sqlAt(url, "select name from topdog_phone.secrets")).length).toBe(0);
    apart.child.kill("SIGTERM");
    await apart.ended;

    const together = await startHeadless(home, { ...unkeyed, PAIRING_SECRETS_KEY });
    await expect.poll(() => together.printed()).toMatch(/^⚠ The database has these secrets of the storage folder now: signing-key/m);
    const other = await startHeadless(freshHome(), { ...unkeyed, PAIRING_SECRETS_KEY });
    expect([await me(together, token), await me(other, token)]).toEqual([200, 200]);
    const dump = await everyRow(url);
    for (const needle of needlesOf(pem)) expect(dump).not.toContain(needle);
  });
});
