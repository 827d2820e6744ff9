import { afterEach, describe, expect, it, vi } from "vitest";
import { files } from "../../src/adapters/stores/file/storage-file.ts";
import { type Answer, startServer, type TestServer } from "./server.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const GENEROUS = { PAIRING_RATE_LIMIT_SCALE: "100000" };
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

async function notify(server: TestServer, over: Record<string, unknown> = {}): Promise<Answer> {
  const body = { build_id: "build-1", project_name: "Top Dog", status: "success", message: "All tests passed.", ...over };
  return server.local("POST", "/phone/notifications/send", { body });
}

const inbox = async (server: TestServer, token: string, query = ""): Promise<Answer> =>
  server.phone("GET", `/phone/inbox${query}`, bearer(token));
const textsOf = ({ body }: Answer): string[] => body.messages.map(({ payload }: any) => payload.message);
const seqs = ({ body }: Answer): number[] => body.messages.map(({ seq }: any) => seq);

/** Asks for the inbox and resolves once the question waits in the server. */
async function waiting(server: TestServer, token: string, query = "?wait=25"): Promise<{ readonly answer: Promise<Answer> }> {
  const listen = vi.spyOn(server.pairing, "listenForMessages");
  const answer = inbox(server, token, query);
  await vi.waitFor(() => expect(listen).toHaveBeenCalled(), { timeout: 20_000, interval: 2 });
  return { answer };
}

describe("a notification", () => {
  it("is in the phone's inbox, whole", async () => {
    const server = await startServer();
    const token = await server.pair("iphone", "ada");
    const sent = await notify(server, { device_id: "iphone", priority: "high", action_required: true });
    expect(sent).toMatchObject({ status: 200, body: { message: "Notification sent successfully", delivered_to: ["iphone"] } });
    const answer = await inbox(server, token);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      messages: [
        {
          seq: 1,
          type: "notification",
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          message_id: sent.body.notification_id,
          user_id: "ada",
          device_id: "iphone",
          payload: {
            notification_id: sent.body.notification_id,
            build_id: "build-1",
            project_name: "Top Dog",
            status: "success",
            message: "All tests passed.",
            priority: "high",
            action_required: true,
          },
        },
      ],
      next: 1,
      level: "command",
    });
  });

  it("goes to the phone that is named, to a user's, or to everybody's that are active", async () => {
    const server = await startServer(GENEROUS);
    for (const [device, user] of [
      ["a", "ada"],
      ["b", "ada"],
      ["c", "bob"],
      ["gone", "bob"],
      ["asleep", "bob"],
    ] as const)
      await server.pair(device, user);
    await server.local("DELETE", "/phone/devices/gone");
    await server.local("POST", "/phone/devices/asleep/suspend");
    expect((await notify(server, { device_id: "b" })).body.delivered_to).toEqual(["b"]);
    expect((await notify(server, { user_id: "ada" })).body.delivered_to.sort()).toEqual(["a", "b"]);
    expect((await notify(server, { all: true })).body.delivered_to.sort()).toEqual(["a", "b", "c"]);
    expect((await notify(server, { user_id: "nobody" })).body.delivered_to).toEqual([]);
  });

  it("is refused for a phone that cannot get it", async () => {
    const server = await startServer(GENEROUS);
    await server.pair("twice", "ada");
    await server.pair("twice", "bob");
    await server.pair("gone", "ada");
    await server.pair("asleep", "ada");
    await server.local("DELETE", "/phone/devices/gone");
    await server.local("POST", "/phone/devices/asleep/suspend");
    const rejection = async (over: object) => {
      const { status, body } = await notify(server, { ...over });
      return [status, body.code];
    };
    expect(await rejection({ device_id: "nobody" })).toEqual([404, "device_not_found"]);
    expect(await rejection({ device_id: "gone" })).toEqual([404, "device_not_found"]);
    expect(await rejection({ device_id: "twice", user_id: "eve" })).toEqual([404, "device_not_found"]);
    expect(await rejection({ device_id: "asleep" })).toEqual([403, "device_suspended"]);
    expect(await rejection({ device_id: "twice" })).toEqual([409, "device_ambiguous"]);
    expect((await notify(server, { device_id: "twice", user_id: "bob" })).body.delivered_to).toEqual(["twice"]);
  });

  it.each<[string, object]>([
    ["no build", { build_id: undefined }],
    ["an unknown status", { status: "exploded" }],
    ["an unknown priority", { priority: "urgent" }],
    ["no message", { message: "" }],
    ["a long message", { message: "m".repeat(1001) }],
    ["a long project", { project_name: "p".repeat(81) }],
    ["a long id", { build_id: "b".repeat(257) }],
    ["an invisible id", { build_id: "a\u202eb" }],
    ["an action that is no yes or no", { action_required: "yes" }],
  ])("is refused with %s", async (_, over) => {
    const server = await startServer();
    await server.pair();
    const { status, body } = await notify(server, over as Record<string, unknown>);
    expect([status, body.code]).toEqual([400, "invalid_request"]);
  });

  it("shows what would hide in it", async () => {
    const server = await startServer();
    const token = await server.pair();
    await notify(server, { message: "safe\u202e gnp.exe\u0000\r\nnext 👩‍🚀" });
    expect(textsOf(await inbox(server, token))).toEqual(["safe\uFFFD gnp.exe\uFFFD\nnext 👩‍🚀"]);
  });

  it("says how it fared with each phone: waiting, delivered, read, or gone", async () => {
    const server = await startServer(GENEROUS);
    const reader = await server.pair("reader", "ada");
    const getter = await server.pair("getter", "ada");
    await server.pair("away", "ada");
    await server.pair("lost", "ada");
    const { notification_id } = (await notify(server)).body;
    await inbox(server, getter);
    await inbox(server, getter, "?since=1");
    await server.phone("POST", "/phone/inbox/acknowledge", { ...bearer(reader), body: { seq: 1, read: [notification_id, "nobody's"] } });
    await server.local("DELETE", "/phone/devices/lost");
    const { body } = await server.local("GET", `/phone/notifications/${notification_id}`);
    const states = Object.fromEntries(body.deliveries.map(({ device_id, state }: any) => [device_id, state]));
    expect(states).toEqual({ reader: "read", getter: "delivered", away: "waiting", lost: "gone" });
    const delivered = body.deliveries.find(({ device_id }: any) => device_id === "getter");
    expect(delivered.at).toMatch(/Z$/);
    const listed = (await server.local("GET", "/admin/notifications")).body.notifications;
    const named = body.deliveries.map((delivery: object) => ({ ...delivery, device_name: "John's iPhone" }));
    const payload = expect.objectContaining({ message: "All tests passed." });
    expect(listed).toEqual([{ ...body, deliveries: named, sent_at: expect.any(String), payload }]);
    expect((await server.local("GET", "/phone/notifications/nope")).body.code).toBe("notification_not_found");
  });

  it("is gone after a week", async () => {
    let later = 0;
    const server = await startServer({}, { clock: { now: () => Date.now() + later, steady: () => performance.now() + later } });
    const token = await server.pair();
    await notify(server);
    later = 7 * 24 * 60 * 60_000;
    expect((await inbox(server, token)).body).toEqual({ messages: [], next: 0, level: "command" });
  });
});

describe("an inbox", () => {
  it("sends a phone that was away everything, in order, once, also after a restart", async () => {
    const server = await startServer(GENEROUS);
    const token = await server.pair("phone", "ada");
    const first = Array.from({ length: 130 }, (_, number) => `Nr ${number}`);
    for (const message of first) await notify(server, { message });
    await server.close();
    const again = await startServer({ ...GENEROUS, PAIRING_STORAGE_PATH: server.folder });
    await notify(again, { message: "after" });
    const received: string[] = [];
    let since = 0;
    for (;;) {
      const answer = await inbox(again, token, `?since=${since}`);
      if (answer.body.messages.length === 0) break;
      received.push(...textsOf(answer));
      since = answer.body.next;
    }
    expect(received).toEqual([...first, "after"]);
    expect(since).toBeGreaterThan(130);
    expect((await inbox(again, token, `?since=${since}`)).body).toEqual({ messages: [], next: since, level: "command" });
  });

  it("numbers each phone's messages on their own, without gaps", async () => {
    const server = await startServer(GENEROUS);
    const [one, two] = [await server.pair("one", "ada"), await server.pair("two", "ada")];
    await notify(server, { device_id: "one" });
    await notify(server);
    await notify(server, { device_id: "two" });
    expect(seqs(await inbox(server, one))).toEqual([1, 2]);
    expect(seqs(await inbox(server, two))).toEqual([1, 2]);
  });

  it("sends everything again to a phone whose number comes from another state of the server", async () => {
    const server = await startServer();
    const token = await server.pair();
    await notify(server);
    expect((await inbox(server, token, "?since=500")).body).toMatchObject({ messages: [{ seq: 1 }], next: 1 });
  });

  it("is read page after page while the disk takes no changes: only the receipts are lost", async () => {
    const server = await startServer(GENEROUS);
    const token = await server.pair();
    for (let number = 0; number < 130; number += 1) await notify(server);
    vi.spyOn(files, "writeNow").mockImplementation(() => {
      throw Object.assign(new Error("full"), { code: "ENOSPC" });
    });
    expect((await notify(server)).status).toBe(503);
    const first = await inbox(server, token, "?since=0");
    expect(seqs(first)).toHaveLength(100);
    const second = await inbox(server, token, `?since=${first.body.next}`);
    expect([second.status, seqs(second).at(-1)]).toEqual([200, 130]);
    expect((await inbox(server, token, "?since=130")).body).toEqual({ messages: [], next: 130, level: "command" });
    vi.restoreAllMocks();
    await inbox(server, token, "?since=130");
  });

  it("keeps what was read, so that a page that was opened anew can show it", async () => {
    const server = await startServer();
    const token = await server.pair();
    await notify(server);
    await inbox(server, token, "?since=1");
    expect(seqs(await inbox(server, token))).toEqual([1]);
  });

  it("answers who waits as soon as there is a message", async () => {
    const server = await startServer();
    const token = await server.pair();
    const { answer } = await waiting(server, token);
    await notify(server, { message: "now" });
    expect(textsOf(await answer)).toEqual(["now"]);
  });

  it("answers nothing when the time is up, and when the server stops", async () => {
    const server = await startServer();
    const token = await server.pair();
    expect((await inbox(server, token, "?since=0&wait=1")).body).toEqual({ messages: [], next: 0, level: "command" });
    const { answer } = await waiting(server, token);
    await server.close();
    expect((await answer).body).toEqual({ messages: [], next: 0, level: "command" });
  });

  it.each<[string, (server: TestServer) => Promise<unknown>, number, string]>([
    ["revoked", (server) => server.local("DELETE", "/phone/devices/phone"), 401, "token_revoked"],
    ["suspended", (server) => server.local("POST", "/phone/devices/phone/suspend"), 403, "device_suspended"],
    ["paired again", (server) => server.pair("phone", "ada"), 401, "token_revoked"],
  ])("is closed to a phone that is %s while it waits", async (_, change, status, code) => {
    const server = await startServer(GENEROUS);
    const token = await server.pair("phone", "ada");
    const { answer } = await waiting(server, token);
    await change(server);
    expect([(await answer).status, (await answer).body.code]).toEqual([status, code]);
  });

  it("has nothing for a phone that is paired under a revoked phone's id, but what came since", async () => {
    const server = await startServer(GENEROUS);
    await server.pair("phone", "ada");
    await notify(server, { message: "for the first" });
    await server.local("DELETE", "/phone/devices/phone");
    const token = await server.pair("phone", "ada");
    expect((await inbox(server, token)).body.messages).toEqual([]);
    await notify(server, { message: "for the second" });
    expect(textsOf(await inbox(server, token))).toEqual(["for the second"]);
    await server.close();
    const again = await startServer({ ...GENEROUS, PAIRING_STORAGE_PATH: server.folder });
    expect(textsOf(await inbox(again, token))).toEqual(["for the second"]);
  });

  it("is the phone's own: nobody reads another's, and nobody without a token", async () => {
    const server = await startServer(GENEROUS);
    const [ada, eve] = [await server.pair("phone", "ada"), await server.pair("phone", "eve")];
    await notify(server, { user_id: "ada", message: "ada's" });
    expect((await inbox(server, eve)).body.messages).toEqual([]);
    expect(textsOf(await inbox(server, ada))).toEqual(["ada's"]);
    expect((await server.phone("GET", "/phone/inbox")).body.code).toBe("token_missing");
    const { notification_id } = (await notify(server, { user_id: "ada" })).body;
    await server.phone("POST", "/phone/inbox/acknowledge", { ...bearer(eve), body: { seq: 9, read: [notification_id] } });
    expect((await server.local("GET", `/phone/notifications/${notification_id}`)).body.deliveries).toEqual([
      { device_id: "phone", user_id: "ada", state: "waiting" },
    ]);
  });

  it.each(["?since=-1", "?since=1.5", "?since=x", "?wait=26", "?wait=-1", "?since=9007199254740993"])("refuses %s", async (query) => {
    const server = await startServer();
    const token = await server.pair();
    expect((await inbox(server, token, query)).body.code).toBe("invalid_request");
  });

  it("refuses an acknowledgment of nothing", async () => {
    const server = await startServer();
    const token = await server.pair();
    const { status, body } = await server.phone("POST", "/phone/inbox/acknowledge", { ...bearer(token), body: {} });
    expect([status, body.code]).toEqual([400, "invalid_request"]);
  });
});
