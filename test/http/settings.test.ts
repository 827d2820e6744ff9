import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { HOSTILE_STRINGS } from "../hostile-strings.ts";
import { type Answer, phoneBody, startServer, type TestServer } from "./server.ts";

type Values = Record<string, string | null>;
const save = async (server: TestServer, values: unknown, headers = {}): Promise<Answer> =>
  server.local("PATCH", "/admin/settings", { body: { values }, headers });
const settingOf = async (server: TestServer, name: string) =>
  (await server.local("GET", "/admin/settings")).body.settings.find((setting: { name: string }) => setting.name === name);
const valueIn = ({ body }: Answer, name: string) => body.settings.find((setting: { name: string }) => setting.name === name);
const fileOf = ({ folder }: Pick<TestServer, "folder">): string => path.join(folder, "settings.json");
const savedIn = (server: Pick<TestServer, "folder">): unknown => JSON.parse(readFileSync(fileOf(server), "utf8"));
const again = async ({ folder, close }: TestServer, env: Record<string, string> = {}): Promise<TestServer> => {
  await close();
  return startServer({ PAIRING_STORAGE_PATH: folder, ...env });
};
/** A storage folder in which somebody left these settings. */
const folderWith = (text: string): string => {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-settings-"));
  writeFileSync(path.join(folder, "settings.json"), text, { mode: 0o600 });
  return folder;
};
const send = async (server: TestServer, phone_number = "+14155551234"): Promise<Answer> =>
  server.local("POST", "/phone/pairing/send-sms", { body: { phone_number, user_id: "user123", user_name: "John" } });
const overview = async (server: TestServer) => (await server.local("GET", "/admin/overview")).body;

it.each([
  ["PAIRING_BASE_URI", "https://pair.example", " Did you mean PAIRING_BASE_URL?"],
  ["TOPDOG_WHATEVER_THIS_IS", "1", " docs/configuration.md lists all of them."],
])(
  "a variable that is no setting (%s) is warned of at the start, which goes on, on the terminal and in the log",
  async (name, value, more) => {
    const server = await startServer({ [name]: value });
    const warning = `${name} is not a setting and is ignored.${more}`;
    expect(server.printed.filter((line) => /is not a setting/.test(line))).toEqual([`⚠ ${warning}`]);
    await server.close();
    expect(readFileSync(path.join(server.folder, "logs", "Top Dog-topdog.log"), "utf8")).toContain(warning);
  },
);

describe("the settings", () => {
  it("say of each what it is, what it means, what stands and who rules it; secrets and what has a card of its own are not there", async () => {
    const server = await startServer({ PAIRING_INVITE_EXPIRY_MINUTES: "20" });
    const { body } = await server.local("GET", "/admin/settings");
    expect(await settingOf(server, "PAIRING_INVITE_EXPIRY_MINUTES")).toEqual({
      name: "PAIRING_INVITE_EXPIRY_MINUTES",
      group: "links",
      kind: "number",
      from: 1,
      to: 1440,
      description: "How long a link stays good.",
      default: "15",
      value: "20",
      locked: true,
      restart: false,
      waiting: false,
    });
    expect(await settingOf(server, "PAIRING_TRUST_PROXY")).toMatchObject({
      kind: "list",
      default: "loopback",
      locked: false,
      restart: true,
    });
    expect(await settingOf(server, "PAIRING_QR_REQUIRE_OTP")).toMatchObject({ kind: "flag", default: "0" });
    const names: string[] = body.settings.map(({ name }: { name: string }) => name);
    expect(names).toContain("PAIRING_ALLOWED_COUNTRIES");
    expect(names.filter((name) => /TOKEN$|KEY|SECRET|TWILIO|SNS|SMS_PROVIDER|BASE_URL|STORAGE_PATH/.test(name))).toEqual([]);
  });

  it("are saved whole, for this account only, and stand after a restart", async () => {
    const server = await startServer();
    const answer = await save(server, { PAIRING_INVITE_EXPIRY_MINUTES: " 30 ", PAIRING_ALLOWED_COUNTRIES: "us, ca" });
    expect(answer.status).toBe(200);
    expect(valueIn(answer, "PAIRING_INVITE_EXPIRY_MINUTES")).toMatchObject({ value: "30", waiting: false });
    expect(savedIn(server)).toEqual({ PAIRING_INVITE_EXPIRY_MINUTES: "30", PAIRING_ALLOWED_COUNTRIES: "us, ca" });
    if (process.platform !== "win32") expect(statSync(fileOf(server)).mode & 0o777).toBe(0o600);
    expect(readdirSync(server.folder)).not.toContain("settings.json.draft");
    const next = await again(server);
    expect((await overview(next)).invite_minutes).toBe(30);
    expect((await next.local("GET", "/admin/sms")).body.allowed_countries).toEqual(["US", "CA"]);
    await save(next, { PAIRING_INVITE_EXPIRY_MINUTES: null, PAIRING_ALLOWED_COUNTRIES: "" });
    expect(savedIn(next)).toEqual({});
    expect((await overview(next)).invite_minutes).toBe(15);
  });

  it("are in use at once where they can be", async () => {
    const server = await startServer({ PAIRING_USER_NAME: "", PAIRING_COUNTRY: "", PAIRING_USER_ID: "" });
    await save(server, {
      PAIRING_INVITE_EXPIRY_MINUTES: "2",
      PAIRING_TOKEN_EXPIRY_DAYS: "3",
      PAIRING_QR_REQUIRE_OTP: "yes",
      PAIRING_QR_EXPIRY_MINUTES: "1",
      PAIRING_MQTT_BROKER: "mqtt.example.com",
      PAIRING_USER_ID: "jane",
      PAIRING_USER_NAME: "Jane",
      PAIRING_COUNTRY: "de",
    });
    expect(await overview(server)).toMatchObject({ user: { user_id: "jane", user_name: "Jane" }, country: "DE", invite_minutes: 2 });
    expect((await server.local("POST", "/admin/phone-number", { body: { typed: "030 901820" } })).body.e164).toBe("+4930901820");
    const sent = await send(server);
    expect(sent.body.message).toBe("SMS sent! Link expires in 2 minutes.");
    const paired = await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(sent.body.invite_code) });
    expect(paired.body.mqtt_broker).toBe("mqtt.example.com");
    const days = (Date.parse(paired.body.expires_at) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(2.9);
    expect(days).toBeLessThanOrEqual(3);
    const qr = await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "jane" } });
    expect(qr.body.otp_required).toBe(true);
    expect(Date.parse(qr.body.expires_at) - Date.now()).toBeLessThanOrEqual(60_000);

    await save(server, { PAIRING_ALLOWED_COUNTRIES: "CA" });
    expect((await send(server, "+14155551235")).body.code).toBe("country_not_allowed");
    await save(server, { PAIRING_ALLOWED_COUNTRIES: null, PAIRING_SMS_PER_DAY: "1" });
    expect((await send(server, "+14155551236")).body.code).toBe("sms_budget_exceeded");
  });

  it("change the request limits at once", async () => {
    const server = await startServer();
    const status = async (): Promise<number> => (await server.phone("GET", "/phone/reach/0123456789abcdef", { from: "127.9.9.9" })).status;
    await save(server, { PAIRING_RATE_LIMIT_SCALE: "0.001" });
    expect([await status(), await status()]).toEqual([200, 429]);
    await save(server, { PAIRING_RATE_LIMIT_SCALE: "10" });
    expect(await status()).toBe(200);
  });

  it("wait for a restart where they must, and say so", async () => {
    const server = await startServer({ PAIRING_TRUST_PROXY: "" });
    const answer = await save(server, {
      PAIRING_AUDIT_RETENTION_DAYS: "30",
      PAIRING_ALLOWED_HOSTS: "pair.local",
      PAIRING_TRUST_PROXY: "loopback",
    });
    expect(valueIn(answer, "PAIRING_AUDIT_RETENTION_DAYS")).toMatchObject({ value: "30", restart: true, waiting: true });
    // The default in other words changes nothing.
    expect(valueIn(answer, "PAIRING_TRUST_PROXY")).toMatchObject({ value: "loopback", waiting: false });
    const other = { headers: { host: "pair.local" } };
    expect((await server.local("GET", "/healthz", other)).body.code).toBe("host_not_allowed");
    expect(valueIn(await save(server, { PAIRING_AUDIT_RETENTION_DAYS: "365" }), "PAIRING_AUDIT_RETENTION_DAYS")).toMatchObject({
      waiting: false,
    });
    const next = await again(server);
    expect((await next.local("GET", "/healthz", other)).status).toBe(200);
    expect(await settingOf(next, "PAIRING_ALLOWED_HOSTS")).toMatchObject({ value: "pair.local", waiting: false });
  });

  it("give way to the environment, which the page cannot change", async () => {
    const server = await startServer();
    await save(server, { PAIRING_INVITE_EXPIRY_MINUTES: "30" });
    const next = await again(server, { PAIRING_INVITE_EXPIRY_MINUTES: "7" });
    expect((await overview(next)).invite_minutes).toBe(7);
    expect(await settingOf(next, "PAIRING_INVITE_EXPIRY_MINUTES")).toMatchObject({ value: "7", locked: true, waiting: false });
    const answer = await save(next, { PAIRING_INVITE_EXPIRY_MINUTES: "9", PAIRING_TOKEN_EXPIRY_DAYS: "9" });
    expect([answer.status, answer.body.code]).toEqual([409, "setting_locked"]);
    expect(answer.body.detail).toContain("PAIRING_INVITE_EXPIRY_MINUTES");
    expect(savedIn(next)).toEqual({ PAIRING_INVITE_EXPIRY_MINUTES: "30" });
  });

  it("are all kept when many are saved at the same time", async () => {
    const server = await startServer();
    const changes: Values[] = [
      { PAIRING_INVITE_EXPIRY_MINUTES: "21" },
      { PAIRING_TOKEN_EXPIRY_DAYS: "22" },
      { PAIRING_QR_EXPIRY_MINUTES: "23" },
      { PAIRING_SMS_PER_DAY: "24" },
      { PAIRING_MQTT_BROKER: "mqtt.example.com" },
    ];
    const answers = await Promise.all(changes.map(async (values) => save(server, values)));
    expect(answers.map(({ status }) => status)).toEqual(changes.map(() => 200));
    expect(savedIn(server)).toEqual(Object.assign({}, ...changes));
  });

  it("can be checked before they are saved", async () => {
    const server = await startServer();
    const check = async (values: Values): Promise<Answer> =>
      server.local("PATCH", "/admin/settings", { body: { values, check_only: true } });
    expect((await check({ PAIRING_INVITE_EXPIRY_MINUTES: "0" })).body.errors).toEqual([
      { field: "values.PAIRING_INVITE_EXPIRY_MINUTES", message: "must be a whole number from 1 to 1440" },
    ]);
    expect((await check({ PAIRING_INVITE_EXPIRY_MINUTES: "30" })).status).toBe(200);
    expect((await overview(server)).invite_minutes).toBe(15);
    expect(existsSync(fileOf(server))).toBe(false);
  });

  it("are news for every window", async () => {
    const server = await startServer();
    const received: string[] = [];
    server.pairing.listen((item) => void received.push(item));
    await save(server, { PAIRING_SMS_PER_DAY: "24" });
    expect(received).toContain("settings");
    expect(received).toContain("invites");
  });

  it("ask for the admin token where the gate is on, and are nothing that the phone door knows", async () => {
    const gate = { PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "a-token-that-is-long-enough" };
    const server = await startServer(gate);
    expect((await save(server, { PAIRING_SMS_PER_DAY: "5" })).status).toBe(401);
    expect((await server.local("GET", "/admin/settings")).status).toBe(401);
    expect((await save(server, { PAIRING_SMS_PER_DAY: "5" }, { "x-admin-token": gate.ADMIN_TOKEN })).status).toBe(200);
    for (const method of ["GET", "PATCH"]) {
      expect((await server.phone(method, "/admin/settings", { headers: { "x-admin-token": gate.ADMIN_TOKEN } })).status).toBe(404);
    }
  });

  it("switch the gate on and off at once, where there is a token", async () => {
    const server = await startServer({ ADMIN_TOKEN: "a-token-that-is-long-enough" });
    const token = { "x-admin-token": "a-token-that-is-long-enough" };
    await save(server, { PHONE_DEVICES_REQUIRE_ADMIN: "1" });
    const noWindow = { "x-window-key": "" };
    expect((await server.local("GET", "/phone/devices", { headers: noWindow })).status).toBe(401);
    expect((await save(server, { PHONE_DEVICES_REQUIRE_ADMIN: "0" }, noWindow)).status).toBe(401);
    await save(server, { PHONE_DEVICES_REQUIRE_ADMIN: "0" }, token);
    expect((await server.local("GET", "/phone/devices")).status).toBe(200);
  });
});

describe("a value that does not fit", () => {
  it.each([
    ["PAIRING_INVITE_EXPIRY_MINUTES", "0", "must be a whole number from 1 to 1440"],
    ["PAIRING_INVITE_EXPIRY_MINUTES", "1441", "must be a whole number from 1 to 1440"],
    ["PAIRING_INVITE_EXPIRY_MINUTES", "1.5", "must be a whole number from 1 to 1440"],
    ["PAIRING_INVITE_EXPIRY_MINUTES", "1e3", "must be a whole number from 1 to 1440"],
    ["PAIRING_PHONE_HOST", "a host", "must be a host name or an address"],
    ["PAIRING_QR_REQUIRE_OTP", "maybe", "must be one of 1, true, yes, on, 0, false, no, off"],
    ["PAIRING_ALLOWED_COUNTRIES", "USA", "must be two-letter country codes like US, separated by commas"],
    ["PAIRING_TRUST_PROXY", "10.0.0.0/99", "must be addresses, networks like 10.0.0.0/8, or the word loopback, separated by commas"],
    ["PAIRING_RATE_LIMIT_SCALE", "0", "must be a positive number"],
    ["PAIRING_RATE_LIMIT_SCALE", "9".repeat(400), "must be a positive number"],
    [
      "PAIRING_MQTT_BROKER",
      "https://x",
      "must be a host name, or an address that begins with mqtt://, mqtts://, ws:// or wss:// and holds no name and no password",
    ],
    [
      "PAIRING_MQTT_BROKER",
      "mqtts://x",
      "is an address that Top Dog connects to: set PAIRING_MQTT_USERNAME and PAIRING_MQTT_PASSWORD as well, or name the host alone",
    ],
    ["PAIRING_USER_ID", "a\u202eb", "must not hold invisible characters, nor be a step of a path"],
    ["PAIRING_SMS_PER_DAY", "-1", "must be a whole number from 1 to 1000000000"],
    [
      "PHONE_DEVICES_REQUIRE_ADMIN",
      "1",
      "is on but ADMIN_TOKEN is empty: set ADMIN_TOKEN (or ADMIN_TOKEN_FILE), make one in the settings page, or switch the gate off",
    ],
    [
      "PAIRING_HOST",
      "0.0.0.0",
      "0.0.0.0 opens the local door to the network: set PHONE_DEVICES_REQUIRE_ADMIN=1 and ADMIN_TOKEN, or use 127.0.0.1",
    ],
  ])("is refused with its rule, and nothing else of the change is saved: %s=%s", async (name, text, message) => {
    const server = await startServer({ ADMIN_TOKEN: "" });
    const { status, body } = await save(server, { PAIRING_TOKEN_EXPIRY_DAYS: "9", [name]: text });
    expect([status, body.code]).toEqual([400, "invalid_request"]);
    expect(body.errors).toEqual([{ field: `values.${name}`, message }]);
    expect(existsSync(fileOf(server))).toBe(false);
  });

  it("is refused where only two together are wrong, beside the one that has to change", async () => {
    const server = await startServer({ ADMIN_TOKEN: "a-token-that-is-long-enough" });
    await save(server, { PAIRING_HOST: "0.0.0.0", PHONE_DEVICES_REQUIRE_ADMIN: "1" });
    const { body } = await save(server, { PHONE_DEVICES_REQUIRE_ADMIN: null }, { "x-admin-token": "a-token-that-is-long-enough" });
    expect(body.errors).toEqual([
      { field: "values.PAIRING_HOST", message: expect.stringContaining("opens the local door to the network") },
    ]);
  });

  it.each([
    ["a secret", { ADMIN_TOKEN: "t" }],
    ["a setting with a card of its own", { SMS_PROVIDER: "mock" }],
    ["the storage folder", { PAIRING_STORAGE_PATH: "/tmp" }],
    ["a name nobody knows", { NODE_OPTIONS: "--inspect" }],
    ["what every object has", { constructor: "x", toString: "x" }],
  ])("is refused where it is no setting of this page: %s", async (_what, values) => {
    const server = await startServer();
    const { status, body } = await save(server, values);
    expect([status, body.code, body.errors]).toEqual([
      400,
      "invalid_request",
      [{ field: "values", message: "names what is no setting of this page" }],
    ]);
    expect(existsSync(fileOf(server))).toBe(false);
  });

  it.each([
    undefined,
    null,
    [],
    "x",
    { PAIRING_SMS_PER_DAY: 5 },
    { PAIRING_SMS_PER_DAY: ["5"] },
    { PAIRING_SMS_PER_DAY: { toString: "5" } },
    Object.fromEntries(Array.from({ length: 101 }, (_, number) => [`A${number}`, "x"])),
  ])("is refused where it is not written as a person would: %j", async (values) => {
    const server = await startServer();
    const { status, body } = await save(server, values);
    expect([status, body.code]).toEqual([400, "invalid_request"]);
  });

  it("may hold anything where it is a text, and nothing breaks", async () => {
    const server = await startServer({ PAIRING_USER_NAME: "", PAIRING_RATE_LIMIT_SCALE: "1000" });
    for (const text of HOSTILE_STRINGS) {
      const { status } = await save(server, { PAIRING_USER_NAME: text, PAIRING_USER_ID: null });
      expect([text, [200, 400, 413].includes(status)]).toEqual([text, true]);
      expect([text, (await server.local("GET", "/admin/overview")).status]).toEqual([text, 200]);
    }
    const saved = savedIn(server);
    const next = await again(server, { PAIRING_USER_NAME: "" });
    expect(savedIn(next)).toEqual(saved);
  });
});

describe("the settings file", () => {
  it.each([
    ["cut short", '{"PAIRING_PORT": "80', "is damaged. Move it away, start again"],
    ["empty", "", "is damaged. Move it away, start again"],
    ["a list", "[]", "is damaged. Move it away, start again"],
    ["a number without quotation marks", '{"PAIRING_SMS_PER_DAY": 5}', "PAIRING_SMS_PER_DAY must be a text in quotation marks"],
    ["a bad value", '{"PAIRING_SMS_PER_DAY": "many"}', 'PAIRING_SMS_PER_DAY: must be a whole number from 1 to 1000000000 (it is "many")'],
    ["a secret", '{"ADMIN_TOKEN": "hush-hush-hush"}', "ADMIN_TOKEN is a secret, and belongs in the environment or the settings page"],
    ["a gate without a token", '{"PHONE_DEVICES_REQUIRE_ADMIN": "1"}', "PHONE_DEVICES_REQUIRE_ADMIN is on but ADMIN_TOKEN is empty"],
    ["an open door", '{"PAIRING_HOST": "0.0.0.0"}', "PAIRING_HOST 0.0.0.0 opens the local door to the network"],
  ])("stops the start with one line and is left as it is: %s", async (_what, text, words) => {
    const folder = folderWith(text);
    const start = startServer({ PAIRING_STORAGE_PATH: folder, ADMIN_TOKEN: "" });
    const { message } = await start.then(
      () => new Error("it started"),
      (cause: Error) => cause,
    );
    expect(message).toContain(path.join(folder, "settings.json"));
    expect(message).toContain(words);
    expect(message).toMatch(/start again/);
    expect(message).not.toContain("\n");
    expect(message).not.toContain("hush");
    expect(readFileSync(path.join(folder, "settings.json"), "utf8")).toBe(text);
    expect(readdirSync(folder)).toEqual(["settings.json"]);
  });

  it("may hold what the environment overrules, right or wrong", async () => {
    const folder = folderWith('{"PAIRING_SMS_PER_DAY": "many"}');
    const server = await startServer({ PAIRING_STORAGE_PATH: folder, PAIRING_SMS_PER_DAY: "7" });
    expect(await settingOf(server, "PAIRING_SMS_PER_DAY")).toMatchObject({ value: "7", locked: true });
  });

  it.skipIf(process.platform === "win32")("is not followed through a link, nor taken for one when it is a folder", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "topdog-settings-"));
    const elsewhere = path.join(folder, "elsewhere.json");
    writeFileSync(elsewhere, "{}");
    symlinkSync(elsewhere, path.join(folder, "settings.json"));
    await expect(startServer({ PAIRING_STORAGE_PATH: folder })).rejects.toThrow("settings.json cannot be read (ELOOP)");
    const other = mkdtempSync(path.join(tmpdir(), "topdog-settings-"));
    mkdirSync(path.join(other, "settings.json"));
    await expect(startServer({ PAIRING_STORAGE_PATH: other })).rejects.toThrow(/settings.json cannot be read/);
  });

  it("that cannot be written refuses the change, and nothing is in use", async () => {
    const server = await startServer();
    // A folder in the place of the draft stops even who may write everywhere.
    mkdirSync(path.join(server.folder, "settings.json.draft"));
    const { status, body } = await save(server, { PAIRING_INVITE_EXPIRY_MINUTES: "30" });
    expect([status, body.code]).toEqual([503, "storage_unavailable"]);
    expect((await overview(server)).invite_minutes).toBe(15);
    expect(await settingOf(server, "PAIRING_INVITE_EXPIRY_MINUTES")).not.toHaveProperty("value");
  });
});
