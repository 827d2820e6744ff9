import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { phoneBody, startServer } from "./server.ts";

const WHOLE_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

describe("the guide's API Usage, request by request", () => {
  it("sends an invite (S42-S50)", async () => {
    const server = await startServer();
    const { status, body } = await server.local("POST", "/phone/pairing/send-sms", {
      body: { phone_number: "+14155551234", user_id: "user123", user_name: "John Doe" },
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      invite_code: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      phone_number: "+14155551234",
      expires_at: expect.stringMatching(WHOLE_SECONDS),
      status: "pending",
      message: "SMS sent! Link expires in 15 minutes.",
    });
  });

  it("prints the mock message exactly (S36-S41)", async () => {
    const server = await startServer({ PAIRING_BASE_URL: "https://pair.topdog-ide.com" });
    const code = await server.invite("+14155551234");
    expect(server.printed).toContain(
      `${"=".repeat(50)}\nMOCK SMS (Development Mode)\nTo: +14155551234\nMessage:\nHi John! Click to pair your phone with Top Dog:\n\nhttps://pair.topdog-ide.com/pair?code=${code}\n\nLink expires in 15 minutes.\n${"=".repeat(50)}`,
    );
  });

  it("follows the configured minutes (S50, S79)", async () => {
    const server = await startServer({ PAIRING_INVITE_EXPIRY_MINUTES: "30" });
    const { body } = await server.local("POST", "/phone/pairing/send-sms", { body: { phone_number: "+14155551234", user_id: "u" } });
    expect(body.message).toBe("SMS sent! Link expires in 30 minutes.");
    expect(server.printed.join("\n")).toContain("Link expires in 30 minutes.");
  });

  it("accepts an invite and hands out a token that the published key verifies (S54-S66)", async () => {
    const server = await startServer({ PAIRING_BASE_URL: "https://pair.topdog-ide.com" });
    const code = await server.invite();
    const { status, body, headers } = await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code) });
    expect(status).toBe(200);
    expect(body).toEqual({
      device_id: "iphone-12345",
      jwt_token: expect.stringMatching(/^eyJhbGciOiJSUzI1NiIs/),
      expires_at: expect.stringMatching(WHOLE_SECONDS),
      mqtt_broker: "pair.topdog-ide.com",
      user_id: "user123",
      mqtt_url: "wss://pair.topdog-ide.com/mqtt",
      inbox_url: "https://pair.topdog-ide.com/inbox",
    });
    expect(headers["set-cookie"]).toEqual(
      ["/phone", "/mqtt"].map((path) =>
        expect.stringMatching(
          new RegExp(`^topdog_device_[\\w-]+=${body.jwt_token.slice(0, 20)}.*; Path=${path};.*HttpOnly; SameSite=Strict; Secure$`),
        ),
      ),
    );

    const [header, payload, signature] = body.jwt_token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    const { kid, alg } = JSON.parse(Buffer.from(header, "base64url").toString());
    expect(alg).toBe("RS256");
    expect(claims).toMatchObject({
      iss: "topdog-ide",
      aud: "topdog-mobile",
      sub: "user123",
      user_id: "user123",
      device_id: "iphone-12345",
    });
    expect(claims.exp - claims.iat).toBe(30 * 86_400);
    const jwks = await server.phone("GET", "/.well-known/jwks.json");
    const jwk = jwks.body.keys.find((key: { kid: string }) => key.kid === kid);
    expect(Object.keys(jwk).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
    expect(
      verify(
        "sha256",
        Buffer.from(`${header}.${payload}`),
        createPublicKey({ key: jwk, format: "jwk" }),
        Buffer.from(signature, "base64url"),
      ),
    ).toBe(true);
  });

  it("reports the status of an invite through its life (S67-S72, S82)", async () => {
    const server = await startServer();
    const code = await server.invite();
    const status = async () => (await server.phone("GET", `/phone/pairing/invite/${code}`)).body;
    expect(await status()).toEqual({
      invite_code: code,
      status: "pending",
      expires_at: expect.stringMatching(WHOLE_SECONDS),
      is_expired: false,
      is_valid: true,
    });
    await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code) });
    expect(await status()).toMatchObject({ status: "accepted", is_expired: false, is_valid: false });
  });

  it("resends with the same code and a fresh expiry (S73-S75, S77)", async () => {
    let now = Date.now();
    const server = await startServer({}, { clock: { now: () => now, steady: () => now } });
    const code = await server.invite();
    now += 31_000;
    const { status, body } = await server.local("POST", `/phone/pairing/resend-sms/${code}`);
    expect([status, body]).toEqual([200, { message: "SMS resent successfully" }]);
    expect(server.printed.at(-1)).toContain(
      `Top Dog Pairing Link (Resent):\n\n${server.phoneAddress}/pair?code=${code}\n\nLink expires in 15 minutes.`,
    );
  });

  it("lets a phone rename itself, by token or by the cookie of its own page, and nobody else's page", async () => {
    const server = await startServer();
    const [token, other] = [await server.pair("one"), await server.pair("two")];
    const rename = async (headers: Record<string, string>, device_name: unknown) =>
      server.phone("PATCH", "/phone/me", { headers, body: { device_name } });
    const bearer = { authorization: `Bearer ${token}` };
    const renamed = await rename(bearer, "  Work\u202e phone\n https://evil.test/x ");
    expect([renamed.status, renamed.body]).toEqual([200, expect.objectContaining({ device_id: "one", device_name: "Work phone" })]);
    expect((await server.phone("GET", "/phone/me", { headers: bearer })).body).toMatchObject({ device_name: "Work phone" });
    expect((await server.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${other}` } })).body.device_name).toBe(
      "John's iPhone",
    );
    const cookie = `topdog_device=${token}`;
    const own = await rename({ cookie, origin: server.phoneAddress }, "x".repeat(80));
    expect([own.status, own.body.device_name]).toEqual([200, "x".repeat(40)]);
    const foreign = await rename({ cookie, origin: "https://evil.test" }, "Evil");
    expect([foreign.status, foreign.body.code]).toEqual([403, "cross_site"]);
    for (const wrong of ["", "\u200b", "x".repeat(81), 7, undefined]) {
      expect([wrong, (await rename(bearer, wrong)).body.code]).toEqual([wrong, "invalid_request"]);
    }
    expect(server.audit().filter(({ event }) => event === "rename_device")).toMatchObject([
      { user_id: "user123", device_id: "one" },
      { user_id: "user123", device_id: "one" },
    ]);
  });

  it("lists, renames and revokes devices (S103, S104)", async () => {
    const server = await startServer();
    const token = await server.pair("iphone-1");
    const list = await server.local("GET", "/phone/devices");
    expect(list.body).toEqual([
      {
        device_id: "iphone-1",
        device_name: "John's iPhone",
        device_type: "ios",
        status: "active",
        level: "command",
        os_version: "17.1",
        app_version: "1.0.0",
        user_id: "user123",
        paired_via: "sms",
        paired_at: expect.stringMatching(WHOLE_SECONDS),
        last_seen: expect.stringMatching(WHOLE_SECONDS),
        expires_at: expect.stringMatching(WHOLE_SECONDS),
      },
    ]);
    expect((await server.local("PATCH", "/phone/devices/iphone-1", { body: { device_name: "Work phone" } })).body.device_name).toBe(
      "Work phone",
    );
    expect((await server.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${token}` } })).body.device_name).toBe("Work phone");
    expect((await server.local("DELETE", "/phone/devices/iphone-1")).body).toEqual({
      message: "Device revoked successfully",
      device_id: "iphone-1",
    });
    expect((await server.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${token}` } })).body.code).toBe("token_revoked");
    expect((await server.local("GET", "/phone/devices")).body[0].status).toBe("revoked");
    expect((await server.local("GET", "/phone/pairing/sessions")).body.sessions[0]).toMatchObject({
      status: "accepted",
      device_id: "iphone-1",
      phone_number: expect.stringMatching(/^\+1415555\d{4}$/),
      revoked_at: expect.stringMatching(WHOLE_SECONDS),
    });
  });

  it("keeps sessions, devices and revocations over a restart (S92, S94, S95)", async () => {
    const first = await startServer();
    const saved = await first.pair("kept");
    const revoked = await first.pair("revoked");
    await first.local("DELETE", "/phone/devices/revoked");
    const waiting = await first.invite();
    await first.close();

    const second = await startServer({ PAIRING_STORAGE_PATH: first.folder });
    const me = (token: string) => second.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${token}` } });
    expect((await me(saved)).status).toBe(200);
    expect((await me(revoked)).body.code).toBe("token_revoked");
    expect((await second.phone("GET", `/phone/pairing/invite/${waiting}`)).body.status).toBe("pending");
    expect((await second.local("GET", "/phone/pairing/sessions")).body.sessions).toHaveLength(3);
  });

  it("writes one audit line per action, numbered without gaps, numbers masked (S109)", async () => {
    const server = await startServer();
    const code = await server.invite("+14155551234");
    await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code, "d") });
    await server.local("DELETE", "/phone/devices/d");
    const lines = server.audit();
    expect(lines.map(({ event }) => event)).toEqual(["send_sms_invite", "accept_invite", "revoke_device"]);
    expect(lines.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(lines[0]).toMatchObject({ phone_number: "+1******1234", user_id: "user123", ip: "127.0.0.1" });
    expect(JSON.stringify(lines)).not.toContain(code);
  });
});
