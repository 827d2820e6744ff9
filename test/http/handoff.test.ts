import { decodeJwt } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, startServer, type TestServer } from "./server.ts";

afterEach(() => {
  vi.useRealTimers();
});

const GENEROUS = { PAIRING_RATE_LIMIT_SCALE: "100000", PAIRING_TRUST_PROXY: "loopback" };
const MINUTE = 60_000;
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const outcome = ({ status, body }: Answer): unknown[] => [status, body.code ?? body.device_id];

const open = async (server: TestServer, token: string): Promise<Answer> => server.phone("POST", "/phone/me/handoff", bearer(token));
const redeem = async (server: TestServer, code: string, headers: Record<string, string> = {}): Promise<Answer> =>
  server.phone("POST", "/phone/handoff", { headers, body: { code } });
const events = (server: TestServer): unknown[][] =>
  server
    .audit()
    .filter(({ event }) => String(event).startsWith("handoff_"))
    .map(({ event, device_id }) => [event, device_id]);

describe("a hand-off", () => {
  it("signs the installed app in as the same device, with the same token id, and a cookie", async () => {
    const server = await startServer(GENEROUS);
    const token = await server.pair("iphone", "ada");
    const { status, body } = await open(server, token);
    expect(status).toBe(200);
    expect(body).toEqual({
      code: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{8}$/),
      url: `${server.phoneAddress}/inbox#handoff=${body.code}`,
      expires_at: expect.any(String),
    });
    expect(Math.round((Date.parse(body.expires_at) - Date.now()) / MINUTE)).toBe(10);
    const signedIn = await redeem(server, body.code);
    expect(outcome(signedIn)).toEqual([200, "iphone"]);
    expect(decodeJwt(signedIn.body.jwt_token)).toEqual(decodeJwt(token));
    expect(JSON.stringify(signedIn.headers["set-cookie"])).toContain(signedIn.body.jwt_token);
    expect((await server.phone("GET", "/phone/me", bearer(signedIn.body.jwt_token))).body).toMatchObject({ device_id: "iphone" });
    expect((await server.local("GET", "/phone/devices")).body).toHaveLength(1);
    expect(events(server)).toEqual([
      ["handoff_started", "iphone"],
      ["handoff_accepted", "iphone"],
    ]);
  });

  it("is taken as people type it, and once", async () => {
    const server = await startServer(GENEROUS);
    const token = await server.pair("iphone");
    const { code } = (await open(server, token)).body;
    const typed = ` ${code.slice(0, 4).toLowerCase().replace(/0/g, "o").replace(/1/g, "l")}-${code.slice(4)} `;
    expect(outcome(await redeem(server, typed))).toEqual([200, "iphone"]);
    expect(outcome(await redeem(server, code))).toEqual([404, "handoff_not_found"]);
  });

  it("is used by one of many at the same moment, and stays used after a restart", async () => {
    const server = await startServer(GENEROUS);
    const { code } = (await open(server, await server.pair("iphone"))).body;
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => redeem(server, code, { "x-forwarded-for": `203.0.113.${index}` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 404)]);
    await server.close();
    const again = await startServer({ ...GENEROUS, PAIRING_STORAGE_PATH: server.folder });
    expect(outcome(await redeem(again, code))).toEqual([404, "handoff_not_found"]);
  });

  it("answers the attempt again whose answer was lost, and no other", async () => {
    const server = await startServer(GENEROUS);
    const { code } = (await open(server, await server.pair("iphone"))).body;
    const mine = { "idempotency-key": "attempt-1" };
    const first = await redeem(server, code, mine);
    expect((await redeem(server, code, mine)).body).toEqual(first.body);
    expect(outcome(await redeem(server, code, { "idempotency-key": "attempt-2" }))).toEqual([404, "handoff_not_found"]);
    expect(outcome(await redeem(server, code))).toEqual([404, "handoff_not_found"]);
  });

  it("ends after ten minutes, with the next one, with a suspension while it lasts, and with the phone", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const server = await startServer(GENEROUS);
    const token = await server.pair("iphone", "ada");
    const first = (await open(server, token)).body.code;
    const second = (await open(server, token)).body.code;
    expect(outcome(await redeem(server, first))).toEqual([404, "handoff_not_found"]);
    await server.local("POST", "/phone/devices/iphone/suspend");
    expect(outcome(await redeem(server, second))).toEqual([403, "device_suspended"]);
    expect(outcome(await open(server, token))).toEqual([403, "device_suspended"]);
    await server.local("POST", "/phone/devices/iphone/reactivate");
    vi.setSystemTime(Date.now() + 10 * MINUTE);
    expect(outcome(await redeem(server, second))).toEqual([404, "handoff_not_found"]);
    const third = (await open(server, token)).body.code;
    await server.local("DELETE", "/phone/devices/iphone");
    expect(outcome(await redeem(server, third))).toEqual([404, "handoff_not_found"]);
    expect(outcome(await open(server, token))).toEqual([401, "token_revoked"]);
  });

  it("is guessed at five times per address and fifty times per server, also at the same moment", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const server = await startServer(GENEROUS);
    const { code } = (await open(server, await server.pair("iphone"))).body;
    const guess = async (address: string, guessed = "00000000"): Promise<number> =>
      (await redeem(server, guessed, { "x-forwarded-for": address })).status;
    const atOnce = await Promise.all(Array.from({ length: 20 }, async () => guess("203.0.113.1")));
    expect(atOnce.filter((status) => status === 404)).toHaveLength(5);
    expect(atOnce.filter((status) => status === 429)).toHaveLength(15);
    // Not even with the right one; another address may.
    const late = await redeem(server, code, { "x-forwarded-for": "203.0.113.1" });
    expect([late.status, late.body.code, Number(late.headers["retry-after"]) <= 600]).toEqual([429, "rate_limited", true]);
    for (let address = 2; address <= 10; address += 1)
      for (let tries = 0; tries < 5; tries += 1) expect(await guess(`203.0.113.${address}`)).toBe(404);
    expect(await guess("203.0.113.99", code)).toBe(429);
    vi.setSystemTime(Date.now() + 10 * MINUTE);
    expect(await guess("203.0.113.99")).toBe(404);
    expect(events(server).filter(([event]) => event === "handoff_refused")).toHaveLength(51);
  });

  it("is waited for no longer than ten minutes after the clock was set back", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const server = await startServer(GENEROUS);
    const token = await server.pair("iphone");
    const exhaust = async (): Promise<void> => {
      for (let tries = 0; tries < 5; tries += 1) expect((await redeem(server, "00000000")).status).toBe(404);
      expect((await redeem(server, "00000000")).status).toBe(429);
    };
    await exhaust();
    vi.setSystemTime(Date.now() - MINUTE);
    expect(outcome(await redeem(server, (await open(server, token)).body.code))).toEqual([200, "iphone"]);
    await exhaust();
    vi.setSystemTime(Date.now() - 24 * 60 * MINUTE);
    await exhaust();
    vi.setSystemTime(Date.now() + 10 * MINUTE);
    expect(outcome(await redeem(server, (await open(server, token)).body.code))).toEqual([200, "iphone"]);
  });

  it("is nobody's to make without a token, and no other page's to use", async () => {
    const server = await startServer(GENEROUS);
    expect(outcome(await server.phone("POST", "/phone/me/handoff"))).toEqual([401, "token_missing"]);
    const { code } = (await open(server, await server.pair("iphone"))).body;
    expect(outcome(await redeem(server, code, { origin: "https://evil.test" }))).toEqual([403, "cross_site"]);
    expect(outcome(await redeem(server, code))).toEqual([200, "iphone"]);
  });
});
