import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it, vi } from "vitest";
import { phoneBody, startServer, type TestServer } from "./server.ts";

it("a claim from before PAIRING_CONFIRM=never gets nothing of the phone that accepts its link then", async () => {
  const first = await startServer({ PAIRING_CONFIRM: "always", PAIRING_RATE_LIMIT_SCALE: "1000" });
  const code = await first.invite();
  const stranger = await first.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code, "stranger") });
  expect(stranger.status).toBe(202);
  await first.close();
  const server = await startServer({ PAIRING_CONFIRM: "never", PAIRING_RATE_LIMIT_SCALE: "1000", PAIRING_STORAGE_PATH: first.folder });
  expect((await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code, "own") })).status).toBe(200);
  const { claim_id, claim_secret } = stranger.body;
  const asked = await server.phone("POST", `/phone/pairing/claims/${claim_id}`, { body: { claim_secret } });
  expect([asked.status, asked.body.jwt_token]).toEqual([410, undefined]);
  const closed = server.audit().filter(({ event }) => event === "claim_closed");
  expect(closed).toEqual([expect.objectContaining({ device_id: "stranger", reason: "other_phone" })]);
});

it("names of a waiting phone hold no control characters", async () => {
  const server = await startServer({ PAIRING_CONFIRM: "always" });
  const code = await server.invite();
  const body = { ...phoneBody(code, "p"), device_name: "a\u001b[2J\u202Eb", os_version: "1\u001b]0;x\u0007\u202E" };
  expect((await server.phone("POST", "/phone/pairing/accept-invite", { body })).status).toBe(202);
  const [claim] = (await server.local("GET", "/admin/claims")).body.claims;
  expect(`${claim.device_name} ${claim.os_version}`).not.toMatch(/[\p{Cc}\u202E]/u);
});

it.each([
  ["another program's words", "Your own phone, type its digits/1 x", undefined],
  ["control characters of a terminal", "\u009b2J\u009b31mred/1 (x", undefined],
  ["a long name", `${"A".repeat(400)}/1 (x`, undefined],
  ["a browser with a long version", `Mozilla/5.0 (X11; Linux x86_64) Firefox/${"9".repeat(300)}`, "Firefox"],
  ["a browser that names none", "Mozilla/5.0 (Android 14; Mobile; rv:1) Gecko/1 Firefox", "Firefox"],
])("only a known browser is named beside a waiting phone (%s)", async (_what, ua, browser) => {
  const server = await startServer({ PAIRING_CONFIRM: "always" });
  const headers = { "user-agent": ua };
  const accepted = await server.phone("POST", "/phone/pairing/accept-invite", { headers, body: phoneBody(await server.invite(), "p") });
  expect(accepted.status).toBe(202);
  const [claim] = (await server.local("GET", "/admin/claims")).body.claims;
  expect(claim.browser).toBe(browser);
});

type End = (server: TestServer, waiting: { readonly token: string; readonly otp: string; readonly digits: string }) => Promise<unknown>;
const scan = (server: TestServer, token: string, otp: string, device: string) => {
  const { invite_code: _, ...phone } = phoneBody("", device);
  return server.phone("POST", "/phone/pairing/pair", { body: { ...phone, pairing_token: token, otp_code: otp } });
};
const type = (server: TestServer, digits: string) => server.local("POST", "/admin/claims/confirm", { body: { digits } });
const MINUTE = 60_000;

/** Everything that ends the claims of two phones with one QR code. */
const ENDS: Readonly<Record<string, End>> = {
  "the digits of one were typed": async (server, { digits }) => type(server, digits),
  "other digits were typed": async (server, { digits }) => type(server, digits.startsWith("0") ? "11" : "00"),
  "their time is over": async (server) => {
    vi.setSystemTime(Date.now() + 2 * MINUTE);
    await server.pairing.expireDueInvites();
  },
  "their time is over, and another phone waits before the sweep": async (server, { token, otp }) => {
    vi.setSystemTime(Date.now() + 2 * MINUTE);
    expect((await scan(server, token, otp, "phone-3")).status).toBe(202);
    await type(server, (await scan(server, token, otp, "phone-4")).body.digits);
  },
  "the phone declined": async (server, { token }) =>
    server.phone("POST", "/phone/pairing/decline-invite", { body: { invite_code: token } }),
  "the QR code was cancelled": async (server, { token }) => server.local("DELETE", `/phone/pairing/invite/${token}`),
  "five wrong passwords": async (server, { token, otp }) => {
    for (let wrong = 1; wrong <= 5; wrong++) await scan(server, token, otp === "000000" ? "111111" : "000000", "guesser");
  },
};

it.each(Object.keys(ENDS))(
  "the trail says of every waiting phone what became of it, and nothing more is known of it (%s)",
  async (name) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const env = { PAIRING_CONFIRM: "always", PAIRING_QR_REQUIRE_OTP: "1", PAIRING_RATE_LIMIT_SCALE: "1000" };
      const server = await startServer(env);
      const qr = (await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "ada" } })).body;
      const waiting = { token: qr.pairing_token, otp: qr.otp_code };
      expect((await scan(server, waiting.token, waiting.otp, "phone-1")).status).toBe(202);
      const { digits } = (await scan(server, waiting.token, waiting.otp, "phone-2")).body;
      await ENDS[name]!(server, { ...waiting, digits });
      expect((await server.local("GET", "/admin/claims")).body.claims).toEqual([]);

      const lines = server.audit().map(({ event, device_id }) => [event, device_id] as const);
      const opened = lines.filter(([event]) => event === "claim_opened").map(([, device]) => device);
      const ended = lines.filter(([event]) => event === "claim_closed" || event === "pair_device").map(([, device]) => device);
      expect(opened.length).toBeGreaterThan(1);
      expect(ended.sort()).toEqual(opened.sort());
      await server.close();
      const { sessions } = JSON.parse(readFileSync(path.join(server.folder, "pairing_sessions.json"), "utf8"));
      expect(sessions).toHaveLength(1);
      expect(sessions[0].status === "accepted" ? [] : (sessions[0].claims ?? [])).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  },
);
