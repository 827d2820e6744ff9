import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fakeNgrok } from "../doubles/fake-ngrok.ts";
import { openTwilioDouble } from "../doubles/twilio.ts";
import { forkWorker, type KeyringSession, noKeyring, startSession } from "../keyring.ts";
import { startServer, type TestServer } from "./server.ts";

if (noKeyring !== undefined) console.warn(`The keychain is not tested: ${noKeyring}`);

const soon = { timeout: 40_000, interval: 50 };
const sessions: KeyringSession[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map(async (session) => session.close()));
});

async function inSession(how: "unlocked" | "locked" | "none", choice: { readonly prompt?: true } = {}): Promise<KeyringSession> {
  const session = await startSession(choice);
  sessions.push(session);
  if (how !== "none") await session.start(how);
  return session;
}

const freshFolder = (): string => mkdtempSync(path.join(tmpdir(), "topdog-http-keychain-"));

/** The server of a desktop host in this session. */
async function startIn(
  { startProcess }: Pick<KeyringSession, "startProcess">,
  folder = freshFolder(),
  env: Record<string, string> = {},
): Promise<TestServer> {
  return startServer({ PAIRING_STORAGE_PATH: folder, PAIRING_RATE_LIMIT_SCALE: "1000", ...env }, { startKeychain: startProcess });
}

const secretsOf = async (server: TestServer) => (await server.local("GET", "/admin/overview")).body.secrets;
const untilState = async (server: TestServer, state: string) =>
  vi.waitFor(async () => {
    const secrets = await secretsOf(server);
    expect(secrets.state).toBe(state);
    return secrets;
  }, soon);
const me = async (server: TestServer, token: string) => server.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${token}` } });
const move = async (server: TestServer, to: "file" | "keychain") => server.local("POST", "/admin/secrets/move", { body: { to } });
const retry = async (server: TestServer) => (await server.local("POST", "/admin/secrets/check")).body;
const noteOf = (folder: string) => JSON.parse(readFileSync(path.join(folder, "keychain.json"), "utf8"));
const keyFile = (folder: string): string => path.join(folder, "signing_key.pem");

/** Everything in the storage folder, one text. */
function textsIn(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
}

/** A folder whose phone was paired with a key that is in this session's keychain. */
async function pairedFolder(session: KeyringSession): Promise<{ folder: string; token: string }> {
  const server = await startIn(session);
  const token = await server.pair();
  await server.close();
  return { folder: server.folder, token };
}

describe.skipIf(noKeyring !== undefined)("the signing key in the keychain", () => {
  it("is nowhere on disk, and there after a restart", async () => {
    const session = await inSession("unlocked");
    const { folder, token } = await pairedFolder(session);
    expect(textsIn(folder)).not.toMatch(/PRIVATE KEY|"d":/);
    const [item] = await session.items();
    expect(item!.account).toMatch(/^signing-key /);
    expect(item!.password).toContain("BEGIN PRIVATE KEY");

    const again = await startIn(session, folder);
    expect((await me(again, token)).status).toBe(200);
    expect(await secretsOf(again)).toEqual({ kind: "keychain", state: "ready", ways: [], new_key: false, can_pair: true });
    const { kid } = (await again.local("POST", "/phone/keys/rotate")).body;
    const newer = await again.pair("another");
    await again.close();

    const third = await startIn(session, folder);
    expect((await third.phone("GET", "/.well-known/jwks.json")).body.keys.map((key: { kid: string }) => key.kid)[0]).toBe(kid);
    expect([(await me(third, token)).status, (await me(third, newer)).status]).toEqual([200, 200]);
  });

  it("is not made anew while the keyring is locked: phones wait, and go on by themselves when it is unlocked", async () => {
    const session = await inSession("unlocked");
    const { folder, token } = await pairedFolder(session);
    const note = noteOf(folder);
    await session.start("locked");

    const server = await startIn(session, folder);
    const secrets = await untilState(server, "locked");
    expect(secrets).toMatchObject({ kind: "keychain", ways: ["retry", "file"], new_key: true });
    expect(secrets.sentence).toMatch(/^The keyring is locked\. Unlock it/);
    expect((await me(server, token)).body).toMatchObject({ status: 503, code: "keys_unavailable" });
    expect((await server.local("GET", "/readyz")).status).toBe(503);
    expect((await server.local("GET", "/healthz")).status).toBe(200);
    expect((await server.phone("POST", "/phone/pairing/accept-invite", { body: { invite_code: "A".repeat(43) } })).status).toBe(400);
    expect([existsSync(keyFile(folder)), noteOf(folder)]).toEqual([false, note]);

    await session.start("unlocked");
    await vi.waitFor(async () => expect((await me(server, token)).status).toBe(200), soon);
    expect((await secretsOf(server)).state).toBe("ready");
  });

  it("that a keyring in mid-run took with it is reported, and used again when the keyring is back", async () => {
    const session = await inSession("unlocked");
    const server = await startIn(session);
    const token = await server.pair();
    await session.kill();
    // What is in memory still verifies; what must be written is refused.
    expect((await me(server, token)).status).toBe(200);
    expect((await server.local("POST", "/phone/keys/rotate")).body.code).toBe("keys_unavailable");
    expect(await secretsOf(server)).toMatchObject({ state: "stopped", new_key: false, ways: ["retry", "file"] });
    await session.start("unlocked");
    expect((await retry(server)).state).toBe("ready");
    expect((await server.local("POST", "/phone/keys/rotate")).status).toBe(200);
    expect((await me(server, token)).status).toBe(200);
  });

  it("is not kept elsewhere where there is no D-Bus, unless the person says so", async () => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" };
    const gone = await startIn({ startProcess: () => forkWorker({ ...env, DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" }) });
    const server = await startIn({ startProcess: () => forkWorker(env) });
    await untilState(gone, "no_bus");
    const invitation = { body: { phone_number: "+14155557011", user_id: "user123" } };
    const refused = await server.local("POST", "/phone/pairing/send-sms", invitation);
    expect(refused.body).toMatchObject({ status: 503, code: "keys_unavailable" });
    expect(refused.body.detail).toMatch(
      /^No phone can be paired right now\. The keychain can't be reached because there is no D-Bus session/,
    );
    const secrets = await untilState(server, "no_bus");
    expect(secrets).toMatchObject({ kind: "keychain", ways: ["retry", "file"], new_key: false, can_pair: false });
    expect(secrets.sentence).toMatch(/^The keychain can't be reached because there is no D-Bus session/);
    expect(textsIn(server.folder)).not.toContain("PRIVATE KEY");
    // The person chooses; links work then.
    expect((await move(server, "file")).body).toEqual({ kind: "file", state: "ready", ways: ["keychain"], new_key: false, can_pair: true });
    await server.pair();
    expect(statSync(keyFile(server.folder)).mode & 0o777).toBe(0o600);
    expect((await move(server, "keychain")).body).toMatchObject({ status: 503, code: "keys_unavailable" });
    expect(await secretsOf(server)).toMatchObject({ kind: "file", state: "ready" });
  });

  it("is not kept elsewhere where there is no keyring", async () => {
    const server = await startIn(await inSession("none"));
    const secrets = await untilState(server, "no_service");
    expect(secrets.sentence).toMatch(/^No keyring is running in this session\. Start one/);
    expect(textsIn(server.folder)).not.toContain("PRIVATE KEY");
  });

  it("may hang on a password prompt: the server answers all the same, and stops", async () => {
    const session = await inSession("unlocked", { prompt: true });
    const { folder, token } = await pairedFolder(session);
    await session.start("locked");
    const began = performance.now();
    const server = await startIn(session, folder);
    expect((await server.local("GET", "/healthz")).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(3000);
    const secrets = await untilState(server, "waiting");
    expect(secrets.sentence).toMatch(/^The system is asking you to unlock the keyring\./);
    const asked = performance.now();
    expect((await me(server, token)).body.code).toBe("keys_unavailable");
    expect(performance.now() - asked).toBeLessThan(2000);
    await server.close();
  });

  it("that was deleted or changed, or is another program's, is distinguished from a first run", async () => {
    const session = await inSession("unlocked");
    const { folder, token } = await pairedFolder(session);
    const note = noteOf(folder);
    const [item] = await session.items();
    const { account, password } = item!;
    const cases: readonly (readonly [item: string | undefined, backend: string, state: string, sentence: RegExp])[] = [
      [undefined, note.backend, "missing", /^The keyring is open, but Top Dog's secrets are no longer in it/],
      ["a word", note.backend, "other_item", /^The keyring has a different value/],
      [password.replace(/"mark":"[^"]+"/, '"mark":"older"'), note.backend, "other_item", /^The keyring has a different value/],
      [undefined, "kwalletd6", "other_backend", /^What Top Dog kept is in KWallet, and this session uses GNOME Keyring\./],
    ];
    for (const [changed, backend, state, sentence] of cases) {
      if (changed === undefined) await session.deleteItem(account);
      else await session.setItem(account, changed);
      writeFileSync(path.join(folder, "keychain.json"), JSON.stringify({ ...note, backend }));
      const server = await startIn(session, folder);
      expect((await untilState(server, state)).sentence).toMatch(sentence);
      expect((await me(server, token)).body.code).toBe("keys_unavailable");
      await session.setItem(account, password);
      expect((await retry(server)).state).toBe("ready");
      expect((await me(server, token)).status).toBe(200);
      await server.close();
    }
  });

  it("is moved in from the file of an earlier version, once, and the file goes", async () => {
    const session = await inSession("unlocked");
    const earlier = await startServer();
    const { folder } = earlier;
    const token = await earlier.pair();
    await earlier.close();
    const pem = readFileSync(keyFile(folder), "utf8");

    const server = await startIn(session, folder);
    expect((await me(server, token)).status).toBe(200);
    expect([existsSync(keyFile(folder)), (await secretsOf(server)).kind]).toEqual([false, "keychain"]);
    await server.close();

    // As a crash before the file went would leave it.
    writeFileSync(keyFile(folder), pem, { mode: 0o600 });
    const again = await startIn(session, folder);
    expect((await me(again, token)).status).toBe(200);
    expect(existsSync(keyFile(folder))).toBe(false);
    await again.close();

    // As a crash before the new item was confirmed would leave it: with a former mark, and with none.
    const note = noteOf(folder);
    const { mark } = note.kept["signing-key"];
    for (const entry of [{ mark: "former", next: mark }, { next: mark }]) {
      writeFileSync(path.join(folder, "keychain.json"), JSON.stringify({ ...note, kept: { "signing-key": entry } }));
      const third = await startIn(session, folder);
      expect((await me(third, token)).status).toBe(200);
      expect(noteOf(folder)).toEqual(note);
      await third.close();
    }

    // Another key in a file is not ours to judge: the keychain's counts, the file stays.
    writeFileSync(keyFile(folder), "another key", { mode: 0o600 });
    const fourth = await startIn(session, folder);
    expect((await me(fourth, token)).status).toBe(200);
    expect(readFileSync(keyFile(folder), "utf8")).toBe("another key");
  });

  it("stays in its file while the keyring is locked, and phones stay paired when it moves later", async () => {
    const session = await inSession("locked");
    const earlier = await startServer();
    const token = await earlier.pair();
    await earlier.close();
    const server = await startIn(session, earlier.folder);
    await untilState(server, "locked");
    expect(existsSync(keyFile(server.folder))).toBe(true);
    await session.start("unlocked");
    expect((await retry(server)).state).toBe("ready");
    expect((await me(server, token)).status).toBe(200);
    expect(existsSync(keyFile(server.folder))).toBe(false);
  });

  it("goes into a file and back by a person's choice, with the phones, and the audit trail says so", async () => {
    const session = await inSession("unlocked");
    const server = await startIn(session);
    const token = await server.pair();
    await session.kill();
    expect((await server.local("POST", "/phone/keys/rotate")).status).toBe(503);
    expect((await move(server, "file")).body).toEqual({ kind: "file", state: "ready", ways: ["keychain"], new_key: false, can_pair: true });
    await server.close();
    const inFile = await startIn(session, server.folder);
    expect((await me(inFile, token)).status).toBe(200);
    await session.start("unlocked");
    expect((await move(inFile, "keychain")).body).toMatchObject({ kind: "keychain", state: "ready" });
    expect(existsSync(keyFile(inFile.folder))).toBe(false);
    expect(inFile.audit().filter(({ event }) => event === "secrets_moved")).toEqual([
      expect.objectContaining({ reason: "file" }),
      expect.objectContaining({ reason: "keychain" }),
    ]);
    await inFile.close();
    const again = await startIn(session, server.folder);
    expect((await me(again, token)).status).toBe(200);
    await again.close();

    // A server without a keychain does not make a second key beside it.
    const headless = await startServer({ PAIRING_STORAGE_PATH: server.folder });
    expect((await me(headless, token)).body.code).toBe("keys_unavailable");
    expect((await secretsOf(headless)).sentence).toContain("is in the desktop app's keychain");
    expect(existsSync(keyFile(server.folder))).toBe(false);
  });

  it("has the admin token beside it, which opens nothing while the keyring is locked, and opens again with it", async () => {
    const session = await inSession("unlocked");
    const first = await startIn(session, freshFolder(), { ADMIN_TOKEN: "" });
    const admin_token = "a-token-that-nobody-guesses";
    const headers = { "x-admin-token": admin_token };
    expect((await first.local("POST", "/admin/admin-token", { body: { admin_token } })).body.kept_in).toBe("keychain");
    await first.local("PATCH", "/admin/settings", { body: { values: { PHONE_DEVICES_REQUIRE_ADMIN: "1" } } });
    expect(readdirSync(first.folder).filter((name) => name.endsWith(".secret"))).toEqual([]);
    await first.close();
    await session.start("locked");
    const server = await startIn(session, first.folder, { ADMIN_TOKEN: "" });
    await vi.waitFor(async () => {
      const { status, body } = await server.local("GET", "/phone/devices", { headers });
      expect([status, body.code, body.detail]).toEqual([503, "secrets_unavailable", expect.stringContaining("is locked")]);
    }, soon);
    await session.start("unlocked");
    await vi.waitFor(async () => expect((await server.local("GET", "/phone/devices", { headers })).status).toBe(200), soon);
    expect((await server.local("GET", "/phone/devices", { headers: { "x-window-key": "" } })).status).toBe(401);
  });

  it("has ngrok's authtoken beside it, without which no tunnel starts while the keyring is locked", async () => {
    const session = await inSession("unlocked");
    const ngrok = fakeNgrok({ name: "online" });
    const start = async (folder: string): Promise<TestServer> =>
      startServer({ PAIRING_STORAGE_PATH: folder, NGROK_AUTHTOKEN: "" }, { startKeychain: session.startProcess, loadNgrok: ngrok.load });
    const tunnelOf = async (server: TestServer) => (await server.local("GET", "/admin/reachability")).body.tunnel;
    const first = await start(freshFolder());
    const body = { runner: "ngrok", ngrok_authtoken: "an-authtoken-that-nobody-guesses" };
    expect((await first.local("PATCH", "/admin/reachability", { body })).body.ngrok).toEqual({ authtoken: { set: true, locked: false } });
    expect(textsIn(first.folder)).not.toContain(body.ngrok_authtoken);
    await first.close();
    await session.start("locked");
    const server = await start(first.folder);
    expect((await server.local("GET", "/admin/reachability")).body.ngrok).toEqual({ authtoken: { set: true, locked: false } });
    await server.local("POST", "/admin/tunnel/start");
    await vi.waitFor(async () => {
      const tunnel = await tunnelOf(server);
      expect(tunnel).toMatchObject({ state: "failed", sentence: expect.stringContaining("can't be read"), again_at: expect.any(String) });
    }, soon);
    expect(ngrok.runs).toEqual([]);
    await session.start("unlocked");
    await untilState(server, "ready");
    await server.local("POST", "/admin/tunnel/start");
    await vi.waitFor(async () => expect(await tunnelOf(server)).toMatchObject({ state: "online" }), soon);
    expect(ngrok.runs.map(({ authtoken }) => authtoken)).toEqual([body.ngrok_authtoken]);
  });

  it("is not touched while its note is damaged, and the note is left as it is", async () => {
    const session = await inSession("unlocked");
    const { folder, token } = await pairedFolder(session);
    const note = readFileSync(path.join(folder, "keychain.json"), "utf8");
    writeFileSync(path.join(folder, "keychain.json"), note.slice(0, 40));
    const server = await startIn(session, folder);
    expect(await untilState(server, "note_damaged")).toMatchObject({ ways: ["retry"] });
    expect((await move(server, "file")).status).toBe(503);
    expect(readFileSync(path.join(folder, "keychain.json"), "utf8")).toBe(note.slice(0, 40));
    writeFileSync(path.join(folder, "keychain.json"), note);
    expect((await retry(server)).state).toBe("ready");
    expect((await me(server, token)).status).toBe(200);
  });
});

describe.skipIf(noKeyring !== undefined)("a provider's secret in the keychain", () => {
  it("is on no disk; a locked keyring keeps messages back and changes nobody's mind about who sends them", async () => {
    const account = { sid: `AC${"0".repeat(32)}`, token: `canary-keychain-${"a".repeat(20)}` };
    const twilio = await openTwilioDouble(account);
    const env = { SMS_PROVIDER: "", PAIRING_BASE_URL: "https://pair.example.test", PAIRING_TWILIO_BASE_URL: twilio.url };
    const send = async (server: TestServer, phone_number: string) =>
      server.local("POST", "/phone/pairing/send-sms", { body: { phone_number, user_id: "user123", user_name: "John Doe" } });
    try {
      const session = await inSession("unlocked");
      const first = await startIn(session, freshFolder(), env);
      const saved = await first.local("PATCH", "/admin/sms", {
        body: {
          provider: "twilio",
          twilio_account_sid: account.sid,
          twilio_auth_token: account.token,
          twilio_phone_number: "+15005550006",
        },
      });
      expect(saved.body).toMatchObject({ active: "twilio", secrets_in: "keychain" });
      expect((await send(first, "+14155557001")).status).toBe(200);
      await first.close();
      expect(textsIn(first.folder)).not.toContain(account.token);
      expect((await session.items()).map(({ account }) => account.split(" ")[0]).sort()).toEqual(["signing-key", "twilio-auth-token"]);

      await session.start("locked");
      const server = await startIn(session, first.folder, env);
      expect(server.printed[0]).toBe("✓ Twilio SMS provider configured");
      await untilState(server, "locked");
      const { body } = await server.local("GET", "/admin/sms");
      expect([body.active, body.providers[0].fields.find(({ name }: any) => name === "twilio_auth_token").set]).toEqual(["twilio", true]);
      const refused = await send(server, "+14155557002");
      expect(refused.body).toMatchObject({ status: 503, code: "keys_unavailable" });
      expect(refused.body.detail).toMatch(/^No phone can be paired right now\. The keyring is locked\. Unlock it/);
      expect((await server.local("POST", "/admin/sms/test-connection")).body.code).toBe("secrets_unavailable");
      expect((await server.local("PATCH", "/admin/sms", { body: { twilio_auth_token: "another" } })).body.code).toBe("secrets_unavailable");
      expect(twilio.messages.map(({ form }) => form["To"])).toEqual(["+14155557001"]);

      await session.start("unlocked");
      await retry(server);
      expect((await send(server, "+14155557003")).status).toBe(200);
      expect(twilio.messages.map(({ form }) => form["To"])).toEqual(["+14155557001", "+14155557003"]);
    } finally {
      await twilio.close();
    }
  });
});

describe("secrets of a server without a keychain", () => {
  it("are reported with the fault that prevents reading them, and are nobody's choice", async () => {
    const first = await startServer();
    await first.pair();
    expect(await secretsOf(first)).toEqual({ kind: "file", state: "ready", ways: [], new_key: false, can_pair: true });
    expect((await move(first, "keychain")).body).toMatchObject({ status: 409, code: "keys_elsewhere" });
    await first.close();
    chmodSync(keyFile(first.folder), 0o644);
    const server = await startServer({ PAIRING_STORAGE_PATH: first.folder });
    expect((await untilState(server, "file_unusable")).sentence).toContain(`chmod 600 "${keyFile(first.folder)}"`);
    chmodSync(keyFile(first.folder), 0o600);
    expect(await retry(server)).toEqual({ kind: "file", state: "ready", ways: [], new_key: false, can_pair: true });
  });

  it("are moved by the admin only, when the gate is on", async () => {
    const server = await startServer({ PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "a-very-long-admin-token-1234" });
    expect((await move(server, "file")).body.code).toBe("admin_token_required");
    expect((await server.local("POST", "/admin/secrets/check")).body.code).toBe("admin_token_required");
    expect((await server.phone("POST", "/admin/secrets/move", { body: { to: "file" } })).status).toBe(404);
  });
});
