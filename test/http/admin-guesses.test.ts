import { describe, expect, it } from "vitest";
import { startServer, type TestServer } from "./server.ts";

const TOKEN = "4f1c0f7e9ab3d25866e17c9d02b4a8f3";
const NOON = Date.UTC(2026, 0, 15, 12);
const MINUTE = 60_000;

interface Guarded extends TestServer {
  readonly clock: { now: number };
  guess(token: string | undefined, path?: string, from?: string): Promise<{ status: number; code: string; retryAfter: number }>;
  denials(): Record<string, unknown>[];
}

async function start(): Promise<Guarded> {
  const clock = { now: NOON };
  const server = await startServer(
    { PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: TOKEN },
    { clock: { now: () => clock.now, steady: () => clock.now } },
  );
  return {
    ...server,
    clock,
    async guess(token, path = "/phone/devices", from = "127.0.0.1") {
      const { status, body, headers } = await server.local("GET", path, {
        from,
        headers: token === undefined ? {} : { "x-admin-token": token },
      });
      return { status, code: body?.code, retryAfter: Number(headers["retry-after"]) };
    },
    denials: () => server.audit().filter(({ event }) => event === "admin_denied"),
  };
}

describe("wrong admin tokens", () => {
  it.each(["/phone/devices", "/phone/pairing/sessions", "/admin/overview", "/admin/settings", "/admin/audit", "/admin/news"])(
    "at %s are checked five times a minute, then not at all, and the right one has to wait as well",
    async (path) => {
      const server = await start();
      for (let n = 0; n < 5; n += 1) expect((await server.guess(`wrong-${n}`, path)).status).toBe(403);
      // Another route, another address of this computer: the same caller.
      for (const [token, at, from] of [
        ["wrong", path, "127.0.0.1"],
        [TOKEN, path, "127.0.0.1"],
        [TOKEN, "/phone/devices", "127.9.9.9"],
      ] as const)
        expect(await server.guess(token, at, from)).toEqual({ status: 429, code: "rate_limited", retryAfter: 60 });
      // Nothing sent is no guess.
      expect((await server.guess(undefined, path)).status).toBe(401);
      server.clock.now += MINUTE;
      expect((await server.guess(TOKEN)).status).toBe(200);
    },
  );

  it("wait twice as long each time, up to an hour, and an hour without one forgives", async () => {
    const server = await start();
    for (let n = 0; n < 5; n += 1) await server.guess("wrong");
    const waits: number[] = [];
    for (let turn = 0; turn < 9; turn += 1) {
      const { retryAfter } = await server.guess(TOKEN);
      waits.push(retryAfter / 60);
      server.clock.now += retryAfter * 1000;
      expect((await server.guess("wrong")).status).toBe(403);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    server.clock.now += 121 * MINUTE;
    for (let n = 0; n < 4; n += 1) expect((await server.guess("wrong")).status).toBe(403);
    expect((await server.guess(TOKEN)).status).toBe(200);
  });

  it("wait no longer than announced after the clock was set back, whether the wait began before or after that", async () => {
    const server = await start();
    for (let n = 0; n < 4; n += 1) await server.guess("wrong");
    server.clock.now -= 24 * 60 * MINUTE;
    for (let n = 0; n < 5; n += 1) expect((await server.guess("wrong")).status).toBe(403);
    expect((await server.guess(TOKEN)).retryAfter).toBe(60);
    server.clock.now += MINUTE;
    expect((await server.guess("wrong")).status).toBe(403);
    expect((await server.guess(TOKEN)).retryAfter).toBe(120);
    server.clock.now -= 365 * 24 * 60 * MINUTE;
    expect((await server.guess(TOKEN)).retryAfter).toBe(120);
    server.clock.now += 2 * MINUTE;
    expect((await server.guess(TOKEN)).status).toBe(200);
  });

  it("are not forgiven by the right one, which may come from somebody else at this address", async () => {
    const server = await start();
    for (let n = 0; n < 4; n += 1) {
      await server.guess("wrong");
      expect((await server.guess(TOKEN)).status).toBe(200);
    }
    expect((await server.guess("wrong")).status).toBe(403);
    expect((await server.guess("wrong")).status).toBe(429);
  });

  it("that come at the same time are counted one by one", async () => {
    const server = await start();
    const statuses = (await Promise.all(Array.from({ length: 60 }, async (_, n) => server.guess(`wrong-${n}`)))).map(
      ({ status }) => status,
    );
    expect(statuses.filter((status) => status === 403)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(55);
  });

  it("have one audit line for each address and minute, with a count", async () => {
    const server = await start();
    for (let n = 0; n < 300; n += 1)
      await server.guess("wrong", n % 2 === 0 ? "/admin/overview" : "/admin/settings", `127.0.0.${1 + (n % 9)}`);
    expect(server.denials()).toEqual([expect.objectContaining({ reason: "admin_token_invalid", ip: "127.0.0.1" })]);
    expect(server.denials()[0]).not.toHaveProperty("count");
    server.clock.now += MINUTE;
    await server.pairing.writeDenials();
    expect(server.denials()).toEqual([expect.anything(), expect.objectContaining({ reason: "rate_limited", count: 299 })]);
    await server.guess(undefined);
    await server.guess(undefined);
    await server.close();
    // What was counted is written at the stop, too.
    expect(server.denials().slice(2)).toEqual([
      expect.objectContaining({ reason: "admin_token_required" }),
      expect.objectContaining({ reason: "admin_token_required" }),
    ]);
  });

  it("in the trail are listed with their count by the API", async () => {
    const server = await start();
    for (let n = 0; n < 5; n += 1) await server.guess("wrong");
    server.clock.now += MINUTE;
    await server.pairing.writeDenials();
    const { body } = await server.local("GET", "/admin/audit", { headers: { "x-admin-token": TOKEN } });
    expect(body.lines[0]).toMatchObject({ event: "admin_denied", count: 4 });
  });
});

describe("the settings page's news", () => {
  it("are shown to nobody without the admin token where the lists ask for it, and end when that is switched on", async () => {
    const server = await startServer({ ADMIN_TOKEN: TOKEN });
    const open = async (headers: Record<string, string> = {}) => fetch(`${server.localAddress}/admin/news`, { headers });
    const before = await open();
    expect(before.status).toBe(200);
    const { status } = await server.local("PATCH", "/admin/settings", { body: { values: { PHONE_DEVICES_REQUIRE_ADMIN: "1" } } });
    expect(status).toBe(200);
    const reader = before.body!.getReader();
    while (!(await reader.read()).done);
    expect((await open()).status).toBe(401);
    const after = await open({ "x-admin-token": TOKEN });
    expect(after.status).toBe(200);
    await after.body!.cancel();
  });
});

describe("an admin token that could be guessed", () => {
  it.each([
    ["super-secret-admin", "is short enough to be guessed"],
    ["SUPER-secret-admin-0123456789", "is made from a known sample, so it could be guessed"],
    ["change-me-change-me-change-me", "is made from a known sample, so it could be guessed"],
    ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "has too few different characters, so it could be guessed"],
  ])("(%s) is warned of at the start, which goes on", async (token, why) => {
    const server = await startServer({ PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: token });
    expect(server.printed).toContainEqual(`⚠ ADMIN_TOKEN ${why}. Make a better one: openssl rand -hex 32`);
  });

  it("is not one of openssl rand -hex 32", async () => {
    const server = await startServer({ PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: TOKEN });
    expect(server.printed.join("\n")).not.toContain("ADMIN_TOKEN");
  });

  it("that is empty is refused", async () => {
    await expect(startServer({ PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "" })).rejects.toThrow("ADMIN_TOKEN is empty");
  });
});
