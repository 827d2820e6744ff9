import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import { phoneBody, startServer, type TestServer } from "./server.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The wall clock of a computer whose steady clock goes on as it should. */
function wallClock(ahead = 0): { now: () => number; steady: () => number; ahead: number } {
  const clock = { ahead, now: () => Date.now() + clock.ahead, steady: () => performance.now() };
  return clock;
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const inbox = async (server: TestServer, token: string, since = 0): Promise<any> =>
  (await server.phone("GET", `/phone/inbox?since=${since}`, bearer(token))).body;
const notify = async (server: TestServer, message: string): Promise<unknown> =>
  server.local("POST", "/phone/notifications/send", { body: { build_id: "b", project_name: "p", status: "success", message } });
const changed = (server: TestServer): unknown[] => server.audit().filter(({ event }) => event === "clock_changed");

describe("a wall clock that jumps", () => {
  it("takes no unread message along, and is written down", async () => {
    const clock = wallClock();
    const server = await startServer({}, { clock });
    const token = await server.pair("one");
    await notify(server, "before");
    clock.ahead = 20 * DAY;
    await notify(server, "in the future");
    const page = await inbox(server, token);
    expect(page.messages.map(({ payload }: any) => payload.message)).toEqual(["before", "in the future"]);
    clock.ahead = 0;
    expect((await inbox(server, token)).messages).toHaveLength(2);
    await vi.waitFor(
      () =>
        expect(changed(server)).toMatchObject([{ reason: "+20 d against the steady clock" }, { reason: "-20 d against the steady clock" }]),
      { timeout: 30_000, interval: 20 },
    );
  });

  it("deletes nothing by a start in the far future, whose next checkpoints come and go", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "topdog-clock-"));
    const env = { PAIRING_STORAGE_PATH: folder, PAIRING_SESSION_RETENTION_DAYS: "1", PAIRING_AUDIT_RETENTION_DAYS: "30" };
    const first = await startServer(env);
    const token = await first.pair("one");
    await notify(first, "unread");
    await first.invite();
    await first.local("DELETE", "/phone/devices/one");
    const second = await first.pair("two");
    await notify(first, "unread, too");
    const sessions = (await first.local("GET", "/phone/pairing/sessions")).body.sessions.length;
    await first.close();

    const clock = wallClock(800 * DAY);
    for (let start = 0; start < 2; start += 1) {
      const future = await startServer(env, { clock });
      await future.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "later" } });
      await future.close();
    }

    const after = await startServer(env);
    const body = (await after.local("GET", "/phone/pairing/sessions")).body;
    expect(body.sessions).toHaveLength(sessions + 2);
    expect((await inbox(after, second)).messages.map(({ payload }: any) => payload.message)).toEqual(["unread, too"]);
    expect((await after.phone("GET", "/phone/me", bearer(token))).body.code).toBe("token_revoked");
    await vi.waitFor(
      () =>
        expect(changed(after).map(({ reason }: any) => reason)).toEqual([
          "+800 d against the newest record, at the start",
          "-800 d against the newest record, at the start",
        ]),
      { timeout: 30_000, interval: 20 },
    );
    expect(readdirSync(folder)).toContain("pairing_audit.jsonl");
  });

  it("is written down before the first change that it dates, so that a crash right after it hides nothing", async () => {
    const clock = wallClock();
    const server = await startServer({}, { clock });
    for (const days of [400, -30, 0]) {
      clock.ahead = days * DAY;
      await server.invite();
      expect(
        server
          .audit()
          .slice(-2)
          .map(({ event }) => event),
      ).toEqual(["clock_changed", "send_sms_invite"]);
    }
  });

  it("keeps a phone in that was paired before the clock was set back, and nobody else from the future", async () => {
    const clock = wallClock(2 * 60 * MINUTE);
    const server = await startServer({}, { clock });
    const token = await server.pair("one");
    clock.ahead = 0;
    expect((await server.phone("GET", "/phone/me", bearer(token))).status).toBe(200);
    const { body } = await server.local("GET", "/phone/devices");
    // In contact now, whatever was written down in the future.
    expect(Date.parse(body[0].last_seen)).toBeLessThan(Date.now() + MINUTE);
  });

  it("makes nobody wait longer than the window after a step back", async () => {
    const clock = wallClock();
    const server = await startServer({}, { clock });
    const wrong = async () => server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody("x".repeat(43)) });
    for (let tries = 0; tries < 10; tries += 1) await wrong();
    clock.ahead = -DAY;
    const { status, headers } = await wrong();
    expect(status).toBe(429);
    expect(Number(headers["retry-after"])).toBeLessThanOrEqual(300);
  });
});
