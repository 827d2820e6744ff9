import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import stringWidth from "string-width";
import { afterEach, describe, expect, it } from "vitest";
import type { Check } from "../../src/headless/doctor/check.ts";
import { checksAsLines } from "../../src/headless/doctor/print-checks.ts";
import { phoneBody } from "../http/server.ts";
import { CANARIES, leaksIn } from "../leaks.ts";
import { CLI, freshHome, type Headless, killServers, run, startHeadless } from "./headless.ts";
import { startHostileTunnel } from "./hostile-tunnel.ts";

afterEach(killServers);

type Env = Readonly<Record<string, string>>;
interface Examined {
  readonly code: number | null;
  readonly printed: string;
  readonly check: (name: string) => Check;
  readonly failed: readonly string[];
}

const NUMBER = "+14155550123";
const CHECKS = [
  "versions",
  "settings",
  "local_door",
  "phone_door",
  "public_address",
  "tunnel",
  "proxy",
  "mqtt",
  "push",
  "sms",
  "secrets",
  "key",
  "storage_folder",
  "disk_space",
  "data",
  "clock",
  "lock",
];
/** Nothing listens there. */
const NOWHERE = { PAIRING_PORT: "9" };
const GATE = { PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "5f0c1f2e9a7b4d3c8e6f0a1b2c3d4e5f" };

const doctor = async (env: Env, ...words: readonly string[]) => run([CLI, "doctor", ...words], env).ended;

async function examine(env: Env): Promise<Examined> {
  const { code, printed } = await doctor(env, "--json");
  const { ok, checks } = JSON.parse(printed) as { ok: boolean; checks: Check[] };
  expect(checks.map(({ name }) => name)).toEqual(CHECKS);
  expect([ok, code]).toEqual(checks.some(({ state }) => state === "failed") ? [false, 1] : [true, 0]);
  return {
    code,
    printed,
    check: (wanted) => checks.find(({ name }) => name === wanted) as Check,
    failed: checks.filter(({ state }) => state === "failed").map(({ name }) => name),
  };
}

async function beside(home: string, own: Env = {}): Promise<{ readonly server: Headless; readonly env: Env }> {
  const server = await startHeadless(home, own);
  return { server, env: { HOME: home, ...own, PAIRING_PORT: new URL(server.localAddress).port } };
}

const folderOf = (home: string): string => path.join(home, ".topdog", "pairing");

async function pair({ localAddress, phoneAddress }: Headless, headers: Env = {}): Promise<string> {
  const post = async (address: string, body: unknown): Promise<any> => {
    const sent = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
    return (await fetch(address, sent)).json();
  };
  const { invite_code: code } = await post(`${localAddress}/phone/pairing/send-sms`, { phone_number: NUMBER, user_id: "ada" });
  return (await post(`${phoneAddress}/phone/pairing/accept-invite`, phoneBody(code, "iphone"))).jwt_token;
}

/** Everything below a folder, as it can be seen from outside. */
function stateOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map(({ name, parentPath }) => {
      const file = path.join(parentPath, name);
      const found = statSync(file);
      const held = found.isFile() ? createHash("sha256").update(readFileSync(file)).digest("hex") : "";
      return [file, found.mode, found.mtimeMs, held].join(" ");
    })
    .sort();
}

describe("topdog-phone doctor", () => {
  it.each([
    ["none", {}, "ok", "No proxy is set: connections are direct."],
    [
      "one with a password and exceptions",
      { HTTPS_PROXY: "http://jane:p%40ssword@proxy.test:3128", NO_PROXY: ".corp.test" },
      "ok",
      "HTTPS_PROXY is http://…@proxy.test:3128; direct: this computer and NO_PROXY (.corp.test).",
    ],
    ["one that cannot be used", { all_proxy: "socks5://proxy.test:1080" }, "warning", "all_proxy is a SOCKS proxy"],
    ["one that is no address", { HTTPS_PROXY: "ftp://proxy.test" }, "failed", "HTTPS_PROXY: must be an address"],
  ] as const)("says which proxy is used: %s", async (_name, named, state, words) => {
    const { check, printed } = await examine({ HOME: freshHome(), ...NOWHERE, ...named });
    expect(check("proxy")).toMatchObject({ state, seen: expect.stringContaining(words) });
    expect(printed).not.toMatch(/jane|ssword/);
  });

  it("compares the clock with the server's and with the newest record", async () => {
    const home = freshHome();
    const { server, env } = await beside(home);
    await pair(server);
    const file = path.join(freshHome(), "clock");
    const moved = async (days: number, more: Env = {}): Promise<Check> => {
      writeFileSync(file, String(days * 24 * 60 * 60_000));
      const clock = { NODE_OPTIONS: `--import=${new URL("moved-clock.mjs", import.meta.url).href}`, MOVED_CLOCK: file };
      return (await examine({ ...env, ...clock, ...more })).check("clock");
    };
    expect(await moved(0)).toMatchObject({ state: "ok", seen: expect.stringMatching(/Z\. It matches the newest record\.$/) });
    const seen = (words: string) => ({
      state: "warning",
      seen: expect.stringContaining(words),
      todo: expect.stringContaining("synchronization"),
    });
    expect(await moved(3)).toMatchObject(seen("The server's clock is 3 days behind this computer's."));
    expect(await moved(-3)).toMatchObject(seen("The server's clock is 3 days ahead of this computer's."));
    server.child.kill("SIGTERM");
    await server.ended;
    expect(await moved(-2, NOWHERE)).toMatchObject(seen("The newest record is 2 days ahead of this clock."));
    expect(await moved(40, NOWHERE)).toMatchObject(seen("The newest record is 40 days old"));
    expect(await moved(3, NOWHERE)).toMatchObject({ state: "ok" });
  });
});

it("puts the columns of doctor below one another, whatever the titles are written in", () => {
  const titles = ["Push", "\u901a\u77e5", "\ud83d\udc69\u200d\ud83d\udcbb phone", "Cle\u0301"];
  const checks = titles.map((title, index) => ({ name: "push", title, state: "ok", seen: `row ${index}` }) as const);
  const lines = checksAsLines(checks).split("\n").slice(0, titles.length);
  expect(new Set(lines.map((line) => stringWidth(line.slice(0, line.indexOf("row")))))).toHaveProperty("size", 1);
});

describe("topdog-phone doctor beside a running server", () => {
  it("finds nothing failed, in a line for each check, and nothing of it is a secret", async () => {
    const home = freshHome();
    const own = { ...GATE, SMS_PROVIDER: "mock" };
    const { server, env } = await beside(home, own);
    const token = await pair(server, { "x-admin-token": GATE.ADMIN_TOKEN });
    const secrets = Object.fromEntries(Object.entries(CANARIES).filter(([name]) => name.startsWith("TWILIO_") || name.includes("MQTT")));
    const all = { ...secrets, ...env };
    const seen = await examine(all);
    expect(seen.failed).toEqual([]);
    expect(seen.check("local_door")).toMatchObject({ state: "ok", seen: expect.stringContaining(server.localAddress) });
    expect(seen.check("phone_door")).toMatchObject({ state: "ok", seen: `${server.phoneAddress} answers.` });
    expect(seen.check("public_address")).toMatchObject({ state: "warning", seen: expect.stringContaining("Only this computer can open") });
    expect(seen.check("mqtt")).toMatchObject({ state: "ok", seen: `A WebSocket opens at ${server.phoneAddress}/mqtt.` });
    expect(seen.check("push").seen).toContain("Notifications need a permanent https address.");
    expect(seen.check("sms")).toMatchObject({ state: "warning", seen: "Mock mode: text messages are printed, not sent." });
    expect(seen.check("secrets")).toMatchObject({ state: "ok", seen: "In files in the storage folder: ready." });
    expect(seen.check("key").seen).toMatch(/^Key [\w-]{8}… is used to sign\.$/);
    expect(seen.check("storage_folder").seen).toBe("Only this account has access to ~/.topdog/pairing.");
    expect(seen.check("data").seen).toContain("1 session, 1 phone (1 active)");
    expect(seen.check("lock").seen).toBe(`Process ${server.child.pid} is using the folder.`);

    const human = await doctor(all);
    expect(human.code).toBe(0);
    expect(human.printed.split("\n")).toHaveLength(CHECKS.length + 3);
    expect(human.printed.split("\n").slice(0, CHECKS.length)).toEqual(Array(CHECKS.length).fill(expect.stringMatching(/^[✓⚠] \S/)));
    expect(human.printed).toMatch(/^\d+ ok, \d+ warnings?, 0 failed\.\n$/m);
    const printed = seen.printed + human.printed;
    for (const hidden of [home, token, NUMBER, GATE.ADMIN_TOKEN, ...Object.values(secrets)]) expect(printed).not.toContain(hidden);
    expect(leaksIn({ folder: folderOf(home), printed, env: all })).toEqual([]);
  });

  it("says that the server asks for the admin token, and goes on with what needs none", async () => {
    const home = freshHome();
    const { env, server } = await beside(home, GATE);
    for (const token of [{}, { ADMIN_TOKEN: "some other token that is long" }]) {
      const { PHONE_DEVICES_REQUIRE_ADMIN: _gate, ADMIN_TOKEN: _token, ...open } = env;
      const { check, code } = await examine({ ...open, ...token });
      expect(code).toBe(0);
      expect(check("local_door")).toMatchObject({ state: "warning", todo: expect.stringContaining("ADMIN_TOKEN") });
      expect(check("phone_door").state).toBe("ok");
      expect(check("mqtt").seen).toBe(`A WebSocket opens at ${server.phoneAddress}/mqtt.`);
      expect(check("public_address").seen).toContain("the running server didn't say");
      expect(check("key").seen).toContain("is used to sign");
    }
    // A question with a wrong token is in the trail, once.
    const trail = readFileSync(path.join(folderOf(home), "pairing_audit.jsonl"), "utf8");
    expect(trail.match(/admin_token_invalid/g)).toHaveLength(1);
  });

  it("has the public address asked, and says when it is not the one that is set here", async () => {
    const { env } = await beside(freshHome(), { PAIRING_BASE_URL: "http://pair.example" });
    const there = await examine(env);
    expect(there.failed).toEqual(["public_address"]);
    expect(there.check("public_address").seen).toContain("http://pair.example: The public address is not encrypted.");
    const other = await beside(freshHome());
    const { check } = await examine({ ...other.env, PAIRING_BASE_URL: "https://pair.example" });
    expect(check("public_address")).toMatchObject({
      state: "warning",
      seen: expect.stringContaining("PAIRING_BASE_URL is https://pair.example here."),
    });
  });

  // Not this computer by name, and yet here: Linux alone takes it for that.
  it.runIf(process.platform === "linux").each([true, false])(
    "tries the public address as phones do, WebSockets too (passed on: %s)",
    async (webSockets) => {
      const tunnel = await startHostileTunnel(60_000, { name: "0.0.0.0", webSockets });
      const own = { PAIRING_BASE_URL: tunnel.address, NODE_EXTRA_CA_CERTS: tunnel.certificateFile };
      const { server, env } = await beside(freshHome(), own);
      tunnel.pointAt(server.phoneAddress);
      const { failed, check } = await examine(env);
      await tunnel.close();
      expect(failed).toEqual([]);
      expect(check("public_address")).toMatchObject({ state: "ok", seen: `${tunnel.address}: Phones can reach this computer.` });
      expect(check("push").state).toBe("ok");
      expect(check("mqtt")).toMatchObject(
        webSockets
          ? { state: "ok", seen: `A WebSocket opens at ${tunnel.address}/mqtt.` }
          : { state: "warning", todo: expect.stringContaining("pass WebSockets") },
      );
    },
  );

  it("names a provider that is not complete, and a folder that is not the server's", async () => {
    const half = { TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`, TWILIO_PHONE_NUMBER: "+15005550006" };
    const { env } = await beside(freshHome(), half);
    const elsewhere = freshHome();
    mkdirSync(folderOf(elsewhere), { recursive: true, mode: 0o700 });
    const { check, failed, printed } = await examine({ ...env, HOME: elsewhere });
    expect(failed).toEqual([]);
    expect(check("sms")).toMatchObject({ state: "warning", seen: expect.stringContaining("the auth token (TWILIO_AUTH_TOKEN)") });
    expect(check("lock")).toMatchObject({ state: "warning", todo: expect.stringContaining("PAIRING_STORAGE_PATH") });
    for (const hidden of Object.values(half)) expect(printed).not.toContain(hidden);
  });
});

describe("topdog-phone doctor without a server", () => {
  it("says so on a new computer, fails nothing and makes nothing", async () => {
    const home = freshHome();
    const { code, check } = await examine({ HOME: home, ...NOWHERE });
    expect(code).toBe(0);
    expect(check("local_door")).toMatchObject({
      state: "warning",
      seen: expect.stringContaining("No server is running at http://127.0.0.1:9."),
    });
    expect(check("phone_door")).toMatchObject({ state: "warning", seen: "Not checked: no server is running." });
    expect(check("storage_folder")).toMatchObject({
      state: "warning",
      seen: expect.stringContaining("~/.topdog/pairing doesn't exist yet"),
    });
    expect(check("key").seen).toContain("the first start creates one");
    expect(readdirSync(home)).toEqual([]);
  });

  it("checks what a killed server left, and touches nothing", async () => {
    const home = freshHome();
    const { server } = await beside(home);
    await pair(server);
    server.child.kill("SIGKILL");
    await server.ended;
    const before = stateOf(home);
    const { failed, check } = await examine({ HOME: home, ...NOWHERE });
    expect(failed).toEqual([]);
    expect(check("lock").seen).toContain(`Left behind by process ${server.child.pid}, which has ended.`);
    expect(check("data").seen).toContain("1 phone (1 active)");
    expect(check("key").seen).toMatch(/^Key [\w-]{8}… is used to sign\.$/);
    expect(stateOf(home)).toEqual(before);
  });

  it("names a state that is older than the audit log, before the next start and after it, as that start does", async () => {
    const home = freshHome();
    const folder = folderOf(home);
    const stop = async ({ child, ended }: Headless): Promise<void> => {
      child.kill("SIGTERM");
      await ended;
    };
    const { server } = await beside(home);
    const token = await pair(server);
    await stop(server);
    const copy = path.join(home, "copy");
    cpSync(folder, copy, { recursive: true });
    const next = await beside(home);
    const removed = await fetch(`${next.server.phoneAddress}/phone/me`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${token}` },
    });
    expect(removed.status).toBe(200);
    expect((await examine(next.env)).check("data").state).toBe("ok");
    await stop(next.server);
    cpSync(copy, folder, { recursive: true, filter: (file) => !file.includes("pairing_audit") });

    const before = await examine({ HOME: home, ...NOWHERE });
    expect(before.failed).toEqual([]);
    expect(before.check("data")).toMatchObject({
      state: "warning",
      seen: expect.stringMatching(/The state is older than the audit log: 1 change is missing \(line \d+ of the audit trail\)/),
      todo: expect.stringContaining("topdog-phone devices"),
    });
    const restored = await beside(home);
    expect(restored.server.printed()).toContain("⚠ The state is older than the audit log: 1 change is missing");
    expect((await examine(restored.env)).check("data")).toMatchObject({
      state: "warning",
      seen: expect.stringMatching(/the state was older than the audit log: 1 change is missing: line \d+\.$/),
      todo: expect.stringContaining("topdog-phone devices"),
    });
  });

  it("names damaged files, open rights and unusable keys, with what to do, and changes none of it", async () => {
    const home = freshHome();
    const { server } = await beside(home);
    await pair(server);
    server.child.kill("SIGTERM");
    await server.ended;
    const folder = folderOf(home);
    const devices = path.join(folder, "paired_devices.json");
    writeFileSync(devices, readFileSync(devices, "utf8").replace("iphone", "iphony"));
    chmodSync(path.join(folder, "pairing_audit.jsonl"), 0o644);
    chmodSync(path.join(folder, "signing_key.pem"), 0o640);
    chmodSync(folder, 0o755);
    writeFileSync(path.join(folder, "reachability_settings.json"), "{", { mode: 0o600 });
    const before = stateOf(home);
    const { check, failed, printed } = await examine({ HOME: home, ...NOWHERE });
    expect(failed).toEqual(["public_address", "tunnel", "push", "secrets", "key", "data"]);
    expect(check("data").seen).toContain("~/.topdog/pairing/paired_devices.json is damaged (wrong sha256)");
    expect(check("secrets").seen).toContain('Run: chmod 600 "~/.topdog/pairing/signing_key.pem"');
    expect(check("tunnel").seen).toContain("reachability_settings.json is damaged");
    expect(check("storage_folder")).toMatchObject({ state: "warning", seen: expect.stringContaining("its mode is 0755, not 0700") });
    expect(check("storage_folder").todo).toContain("pairing_audit.jsonl");
    expect(printed).not.toContain(home);
    expect(stateOf(home)).toEqual(before);
  });

  it("says what an ngrok that was chosen misses, and fails only where it is to start with the server", async () => {
    const home = freshHome();
    const { server } = await beside(home);
    server.child.kill("SIGTERM");
    await server.ended;
    const file = path.join(folderOf(home), "reachability_settings.json");
    const missing = "The package @ngrok/ngrok isn't installed. Run npm install @ngrok/ngrok in Top Dog's folder";
    const authtoken = "2abcDEFghiJKLmnoPQRstuVWXyz_7kLmNoPqRsTuVwXyZ1234";
    writeFileSync(file, '{"runner":"ngrok"}', { mode: 0o600 });
    const idle = await examine({ HOME: home, ...NOWHERE, NGROK_AUTHTOKEN: authtoken });
    expect(idle.check("tunnel")).toMatchObject({
      state: "ok",
      seen: expect.stringContaining(`ngrok is selected, but not used. ${missing}`),
    });
    writeFileSync(file, '{"runner":"ngrok","tunnel_at_start":true}', { mode: 0o600 });
    const wanted = await examine({ HOME: home, ...NOWHERE, NGROK_AUTHTOKEN: authtoken });
    expect(wanted.check("tunnel")).toMatchObject({ state: "failed", seen: expect.stringContaining(missing) });
    expect(`${idle.printed}${wanted.printed}`).not.toContain(authtoken);
  });

  it("fails when a process has the folder but no server answers where it was looked for", async () => {
    const home = freshHome();
    const { server } = await beside(home);
    const { failed, check } = await examine({ HOME: home, ...NOWHERE });
    expect(failed).toEqual(["local_door"]);
    expect(check("local_door")).toMatchObject({
      seen: `No server is running at http://127.0.0.1:9, but process ${server.child.pid} is using the storage folder.`,
      todo: expect.stringContaining("PAIRING_PORT"),
    });
  });

  it("fails when something else answers at the local door's address", async () => {
    const stranger = http.createServer((_request, response) => response.end("hello")).listen(0, "127.0.0.1");
    await new Promise((resolve) => stranger.once("listening", resolve));
    const { port } = stranger.address() as AddressInfo;
    const { failed, check } = await examine({ HOME: freshHome(), PAIRING_PORT: String(port) });
    stranger.close();
    expect(failed).toEqual(["local_door"]);
    expect(check("local_door").seen).toContain("is not the local door of Top Dog");
  });

  it("warns of an admin token that can be guessed and of names that are no settings, both at once", async () => {
    const weak = { PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "super-secret-admin" };
    const unknown = { PAIRING_BASE_URI: "https://pair.example", PAIRING_WHATEVER: "1" };
    const row = async (named: Env): Promise<Check> => {
      const { code, check, printed } = await examine({ HOME: freshHome(), ...NOWHERE, ...named });
      expect([code, printed]).toEqual([0, expect.not.stringContaining("super-secret-admin")]);
      return check("settings");
    };
    const better = expect.stringContaining("openssl rand -hex 32");
    expect(await row(GATE)).toMatchObject({ state: "ok", seen: "No faults." });
    expect(await row(weak)).toMatchObject({ state: "warning", seen: "ADMIN_TOKEN is short enough to be guessed.", todo: better });
    const nearest = "PAIRING_BASE_URI is not a setting and is ignored. Did you mean PAIRING_BASE_URL?";
    expect(await row(unknown)).toMatchObject({ state: "warning", seen: expect.stringContaining(nearest) });
    const both = await row({ ...weak, ...unknown });
    expect(both).toMatchObject({ state: "warning", todo: better });
    const open = await row({ PAIRING_LOCAL_AUTH: "off" });
    expect(open).toMatchObject({
      state: "warning",
      seen: expect.stringContaining("PAIRING_LOCAL_AUTH is off"),
      todo: expect.stringContaining("Remove"),
    });
    for (const words of ["ADMIN_TOKEN is short", nearest, "PAIRING_WHATEVER is not a setting"]) expect(both.seen).toContain(words);
  });

  it("names every faulty setting, and shows no number and no password that stands in one", async () => {
    const env = {
      HOME: freshHome(),
      ...NOWHERE,
      PAIRING_INVITE_EXPIRY_MINUTES: "soon",
      PAIRING_BASE_URL: "https://ada:pass-word@pair.example/path",
      TWILIO_PHONE_NUMBER: "+1 (415) 555-0199 x",
      SMS_PROVIDER: "twilio",
    };
    const { failed, check, printed } = await examine(env);
    expect(failed).toEqual(["settings", "sms"]);
    expect(check("settings").seen).toContain("PAIRING_INVITE_EXPIRY_MINUTES: ");
    expect(check("settings").seen).toContain("PAIRING_BASE_URL: ");
    expect(check("sms").seen).toContain("SMS_PROVIDER=twilio, but Twilio is not complete. Missing: the account SID");
    for (const hidden of ["pass-word", "555-0199"]) expect(printed).not.toContain(hidden);
  });
});
