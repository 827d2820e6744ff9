import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { type Answer, startServer, type TestServer } from "./server.ts";

const TOKEN = "a-token-that-nobody-guesses";
const OTHER = "another-that-nobody-guesses";
const sending = (token: string) => ({ headers: { "x-admin-token": token } });
const start = async (env: Record<string, string> = {}): Promise<TestServer> => startServer({ ADMIN_TOKEN: "", ...env });
const keep = async (server: TestServer, admin_token: unknown, headers = {}): Promise<Answer> =>
  server.local("POST", "/admin/admin-token", { body: { admin_token }, headers });
const askForIt = async (server: TestServer, on: string | null, headers = {}): Promise<Answer> =>
  server.local("PATCH", "/admin/settings", { body: { values: { PHONE_DEVICES_REQUIRE_ADMIN: on } }, headers });
/** A program of the same account, in front of which nobody sits. */
const NO_WINDOW = { headers: { "x-window-key": "" } };
const devices = async (server: TestServer, token?: string): Promise<number> =>
  (await server.local("GET", "/phone/devices", token === undefined ? NO_WINDOW : sending(token))).status;
const again = async ({ folder, close }: TestServer, env: Record<string, string> = {}): Promise<TestServer> => {
  await close();
  return start({ PAIRING_STORAGE_PATH: folder, ...env });
};
const secretFile = ({ folder }: TestServer): string => path.join(folder, "admin_token.secret");

describe("an admin token that is kept", () => {
  it("opens the gate from then on, also after a restart, and is in no answer and no settings file", async () => {
    const server = await start();
    expect((await server.local("GET", "/admin/admin-token")).body).toEqual({ set: false, locked: false, kept_in: "file" });
    const saved = await keep(server, TOKEN);
    expect([saved.status, saved.body]).toEqual([200, { set: true, locked: false, kept_in: "file" }]);
    expect(await devices(server)).toBe(200);
    expect((await askForIt(server, "1")).status).toBe(200);
    expect([await devices(server), await devices(server, "wrong"), await devices(server, TOKEN)]).toEqual([401, 403, 200]);
    const next = await again(server);
    expect([await devices(next), await devices(next, TOKEN)]).toEqual([401, 200]);
    expect(JSON.stringify((await next.local("GET", "/admin/settings", sending(TOKEN))).body)).not.toContain(TOKEN);
    expect(readFileSync(path.join(next.folder, "settings.json"), "utf8")).not.toContain(TOKEN);
    expect(JSON.stringify(next.audit())).not.toContain(TOKEN);
    expect(next.audit().filter(({ event }) => event === "admin_token_changed")).toEqual([expect.objectContaining({ reason: "replaced" })]);
    if (process.platform !== "win32") expect(statSync(secretFile(next)).mode & 0o777).toBe(0o600);
  });

  it("is reported as missing to who sends one where there is none", async () => {
    const server = await start();
    const headers = { ...NO_WINDOW.headers, ...sending("a token from elsewhere").headers };
    const { status, body } = await server.local("GET", "/admin/claims", { headers });
    expect([status, body.code, body.params?.reason]).toEqual([403, "window_required", "no_admin_token"]);
    expect(body.detail).toContain("this server has no admin token");
    expect((await server.local("GET", "/admin/claims", NO_WINDOW)).body.detail).not.toContain("admin token");
  });

  it("is replaced by who has it, and by nobody else; the former opens nothing any more", async () => {
    const server = await start();
    await keep(server, TOKEN);
    await askForIt(server, "1");
    expect((await keep(server, OTHER, NO_WINDOW.headers)).status).toBe(401);
    expect((await keep(server, OTHER, sending("wrong").headers)).status).toBe(403);
    expect((await keep(server, OTHER, sending(TOKEN).headers)).status).toBe(200);
    expect([await devices(server, TOKEN), await devices(server, OTHER)]).toEqual([403, 200]);
  });

  it("that was lost is replaced by a start with another in the environment, and phones stay paired", async () => {
    const server = await start();
    const phone = await server.pair();
    await keep(server, TOKEN);
    await askForIt(server, "1");
    const next = await again(server, { ADMIN_TOKEN: OTHER });
    expect([await devices(next, OTHER), await devices(next, TOKEN)]).toEqual([200, 403]);
    expect((await next.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${phone}` } })).status).toBe(200);
  });

  it("cannot be removed while the gate asks for it, and is gone from the disk once it was", async () => {
    const server = await start();
    await keep(server, TOKEN);
    await askForIt(server, "1");
    const refused = await server.local("DELETE", "/admin/admin-token", sending(TOKEN));
    expect([refused.status, refused.body.detail]).toEqual([400, expect.stringContaining("Turn that setting off first")]);
    expect(await devices(server, TOKEN)).toBe(200);
    await askForIt(server, null, sending(TOKEN).headers);
    expect((await server.local("DELETE", "/admin/admin-token")).body).toEqual({ set: false, locked: false, kept_in: "file" });
    expect(existsSync(secretFile(server))).toBe(false);
    expect((await askForIt(server, "1")).status).toBe(400);
    expect(server.audit().filter(({ event }) => event === "admin_token_changed")).toMatchObject([
      { reason: "replaced" },
      { reason: "removed" },
    ]);
  });

  it("gives way to the environment's, which the page cannot change", async () => {
    const first = await start();
    await keep(first, TOKEN);
    const server = await again(first, { ADMIN_TOKEN: OTHER, PHONE_DEVICES_REQUIRE_ADMIN: "1" });
    expect((await server.local("GET", "/admin/admin-token", sending(OTHER))).body).toEqual({
      set: true,
      locked: true,
      kept_in: "environment",
    });
    expect([await devices(server, TOKEN), await devices(server, OTHER)]).toEqual([403, 200]);
    for (const answer of [
      await keep(server, TOKEN, sending(OTHER).headers),
      await server.local("DELETE", "/admin/admin-token", sending(OTHER)),
    ])
      expect([answer.status, answer.body.code]).toEqual([409, "setting_locked"]);
  });

  it("lets nobody in while it cannot be read, and says why", async () => {
    const first = await start();
    await keep(first, TOKEN);
    await askForIt(first, "1");
    const server = await again(first);
    rmSync(secretFile(server));
    mkdirSync(secretFile(server));
    const answer = await server.local("GET", "/phone/devices", sending(TOKEN));
    expect([answer.status, answer.body.code]).toEqual([503, "secrets_unavailable"]);
    expect(answer.body.detail).toContain("admin_token.secret");
    rmSync(secretFile(server), { recursive: true });
    expect((await server.local("GET", "/phone/devices", sending(TOKEN))).body.detail).toContain("is gone");
  });

  it.each(
    [["", "short", "x".repeat(257), `${TOKEN} with spaces`, `${TOKEN}ü`, `${TOKEN}\n`, 5, null].map((text) => [text] as const)].flat(),
  )("is refused where it could be guessed or could not be sent: %j", async (text) => {
    const server = await start();
    const { status, body } = await keep(server, text);
    expect([status, body.code]).toEqual([400, "invalid_request"]);
    expect(existsSync(secretFile(server))).toBe(false);
  });

  it("is refused in a settings file, where it does not belong", async () => {
    const first = await start();
    await keep(first, TOKEN);
    await first.close();
    writeFileSync(path.join(first.folder, "settings.json"), JSON.stringify({ ADMIN_TOKEN: TOKEN }));
    const refused: unknown = await start({ PAIRING_STORAGE_PATH: first.folder }).catch((cause: unknown) => cause);
    expect(String(refused)).toContain("ADMIN_TOKEN is a secret");
    expect(String(refused)).not.toContain(TOKEN);
  });
});
