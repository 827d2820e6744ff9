import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { decodeProtectedHeader } from "jose";
import { describe, expect, it, vi } from "vitest";
import { startServer, type TestServer } from "./server.ts";

const me = async (server: TestServer, token: string) => server.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${token}` } });
const kids = async (server: TestServer): Promise<string[]> =>
  (await server.phone("GET", "/.well-known/jwks.json")).body.keys.map(({ kid }: { kid: string }) => kid);

describe("rotating the signing key", () => {
  it("lets the new key sign and the former ones verify, over restarts too", async () => {
    const server = await startServer();
    const before = await server.pair("phone-1");
    const first = await server.local("POST", "/phone/keys/rotate");
    expect(first.status).toBe(200);
    const after = await server.pair("phone-2");
    expect(decodeProtectedHeader(after).kid).toBe(first.body.kid);
    expect(decodeProtectedHeader(before).kid).not.toBe(first.body.kid);
    const second = await server.local("POST", "/phone/keys/rotate");
    const expected = [second.body.kid, first.body.kid, decodeProtectedHeader(before).kid];
    expect(await kids(server)).toEqual(expected);
    for (const token of [before, after]) expect((await me(server, token)).status).toBe(200);
    expect(
      server
        .audit()
        .filter(({ event }) => event === "key_rotated")
        .map(({ kid }) => kid),
    ).toEqual([first.body.kid, second.body.kid]);

    const file = path.join(server.folder, "signing_key.pem");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    // Of a former key only the public half is kept.
    expect(readFileSync(file, "utf8").match(/BEGIN PRIVATE KEY/g)).toHaveLength(1);
    await server.close();
    const again = await startServer({ PAIRING_STORAGE_PATH: server.folder });
    expect(await kids(again)).toEqual(expected);
    for (const token of [before, after]) expect((await me(again, token)).status).toBe(200);
  });

  it("forgets a former key when its last token has ended", async () => {
    const server = await startServer({ PAIRING_TOKEN_EXPIRY_DAYS: "1" });
    const before = decodeProtectedHeader(await server.pair()).kid;
    const { body } = await server.local("POST", "/phone/keys/rotate");
    const now = Date.now();
    const day = 24 * 60 * 60_000;
    const clock = vi.spyOn(Date, "now");
    try {
      clock.mockReturnValue(now + day + 60_000);
      expect(await kids(server)).toEqual([body.kid, before]);
      clock.mockReturnValue(now + day + 6 * 60_000);
      expect(await kids(server)).toEqual([body.kid]);
    } finally {
      clock.mockRestore();
    }
  });

  it("loses no key when it is asked for twice at once", async () => {
    const server = await startServer();
    const token = await server.pair();
    const answers = await Promise.all([1, 2, 3].map(async () => server.local("POST", "/phone/keys/rotate")));
    expect(new Set(answers.map(({ body }) => body.kid)).size).toBe(3);
    expect(new Set(await kids(server))).toEqual(new Set([decodeProtectedHeader(token).kid, ...answers.map(({ body }) => body.kid)]));
    expect((await me(server, token)).status).toBe(200);
  });

  it("is refused where the key comes from the environment", async () => {
    const other = await startServer();
    await other.pair();
    const server = await startServer({ PAIRING_JWT_PRIVATE_KEY: readFileSync(path.join(other.folder, "signing_key.pem"), "utf8") });
    const { status, body } = await server.local("POST", "/phone/keys/rotate");
    expect([status, body.code]).toEqual([409, "keys_elsewhere"]);
    expect(await kids(server)).toEqual(await kids(other));
  });

  it("is the admin's alone, and not for phones", async () => {
    const server = await startServer({ PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "the right token" });
    expect((await server.local("POST", "/phone/keys/rotate")).status).toBe(401);
    expect((await server.local("POST", "/phone/keys/rotate", { headers: { "x-admin-token": "another" } })).status).toBe(403);
    expect((await server.local("POST", "/phone/keys/rotate", { headers: { "x-admin-token": "the right token" } })).status).toBe(200);
    expect((await server.phone("POST", "/phone/keys/rotate", { headers: { "x-admin-token": "the right token" } })).status).toBe(404);
  });
});
