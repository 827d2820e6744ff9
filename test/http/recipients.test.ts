import { describe, expect, it } from "vitest";
import { type Answer, startServer, type TestServer } from "./server.ts";

const WIDE = { PAIRING_RATE_LIMIT_SCALE: "1000", PAIRING_USER_ID: "ada" };
let serial = 0;

const ask = (server: TestServer, over: object = {}): Promise<Answer> =>
  server.local("POST", "/phone/approvals/request", {
    body: {
      build_id: "b-1",
      project_name: "shop",
      plan: `plan ${++serial}`,
      affected_files: [],
      estimated_duration: 1,
      requires_approval_by: new Date(Date.now() + 600_000).toISOString(),
      ...over,
    },
  });
const notify = (server: TestServer, over: object = {}): Promise<Answer> =>
  server.local("POST", "/phone/notifications/send", {
    body: { build_id: "b-1", project_name: "shop", status: "success", message: "m", ...over },
  });
/** Who got an approval, and who got a notification; or the code of the error. */
async function reached(server: TestServer, over: object = {}): Promise<unknown[]> {
  const asked = await ask(server, over);
  const notified = await notify(server, over);
  if (asked.status !== 200) return [asked.status, asked.body.code, notified.body.code ?? notified.body.delivered_to];
  const [card] = (await server.local("GET", "/admin/approvals")).body.approvals;
  const phones = card.deliveries.map(({ device_id }: { device_id: string }) => device_id);
  expect([...notified.body.delivered_to].sort()).toEqual([...phones].sort());
  return phones.sort();
}

describe("a request that names nobody", () => {
  it("goes to the phones of PAIRING_USER_ID, and the audit trail names that user", async () => {
    const server = await startServer(WIDE);
    await server.pair("a-1", "ada");
    await server.pair("a-2", "ada");
    await server.pair("b-1", "bob");
    expect(await reached(server)).toEqual(["a-1", "a-2"]);
    expect(server.audit().findLast(({ event }) => event === "approval_requested")).toMatchObject({ user_id: "ada" });
  });

  it("goes to the only user that has phones, where that user has none", async () => {
    const server = await startServer(WIDE);
    await server.pair("b-1", "bob");
    await server.pair("b-2", "bob");
    expect(await reached(server)).toEqual(["b-1", "b-2"]);
  });

  it("is refused where several others have phones, and says what to do", async () => {
    const server = await startServer(WIDE);
    await server.pair("b-1", "bob");
    await server.pair("e-1", "eve");
    expect(await reached(server)).toEqual([400, "user_required", "user_required"]);
    expect((await ask(server)).body.detail).toBe(
      "Several users have paired phones. Name one of them with user_id (on the command line: --user), or everybody with all (--all).",
    );
    expect(await reached(server, { user_id: "eve" })).toEqual(["e-1"]);
    expect(await reached(server, { device_id: "b-1" })).toEqual(["b-1"]);
    expect(await reached(server, { all: true })).toEqual(["b-1", "e-1"]);
    // An unconfirmed phone is nobody's yet: anybody may have paired it.
    await server.local("DELETE", "/phone/devices/b-1");
    await pairUnconfirmed(server, "x-1", "mallory");
    expect(await reached(server)).toEqual(["e-1"]);
  });

  it("asks nobody else where that user's phones may not answer", async () => {
    const server = await startServer(WIDE);
    const viewer = await server.pair("a-1", "ada", "view");
    await server.pair("b-1", "bob");
    expect([(await ask(server)).body.code, (await notify(server)).body.delivered_to]).toEqual(["device_not_found", ["a-1"]]);
    const { body } = await server.phone("GET", "/phone/inbox", { headers: { authorization: `Bearer ${viewer}` } });
    expect(body.messages.map(({ type }: { type: string }) => type)).toEqual(["notification"]);
  });

  it("asks nobody else where that user's phones are suspended; one that nobody confirmed counts for nothing", async () => {
    const server = await startServer(WIDE);
    await server.pair("b-1", "bob");
    for (const id of ["x-1", "x-2", "x-3", "x-4", "x-5"]) {
      await pairUnconfirmed(server, id, "ada");
      await server.local("POST", `/phone/devices/${id}/suspend`);
    }
    expect(await reached(server)).toEqual(["b-1"]);
    await server.pair("a-1", "ada");
    await server.local("POST", "/phone/devices/a-1/suspend");
    expect(await reached(server)).toEqual([404, "device_not_found", []]);
    await server.local("DELETE", "/phone/devices/a-1");
    expect(await reached(server)).toEqual(["b-1"]);
  });

  it("is refused where there is no phone at all", async () => {
    const server = await startServer(WIDE);
    expect(await reached(server)).toEqual([404, "device_not_found", []]);
    expect(await reached(server, { all: true })).toEqual([404, "device_not_found", []]);
  });
});

describe("a request that asks everybody", () => {
  it("reaches those that may answer; what is named beside it counts", async () => {
    const server = await startServer(WIDE);
    await server.pair("a-1", "ada");
    await server.pair("b-1", "bob", "view");
    await pairUnconfirmed(server, "x-1", "mallory");
    expect((await notify(server, { all: true })).body.delivered_to.sort()).toEqual(["a-1", "b-1"]);
    const { body } = await ask(server, { all: true });
    const [card] = (await server.local("GET", "/admin/approvals")).body.approvals;
    expect([card.approval_id, card.user_ids]).toEqual([body.approval_id, ["ada"]]);
    expect(await reached(server, { all: true, user_id: "ada" })).toEqual(["a-1"]);
    expect((await ask(server, { all: "yes" })).body).toMatchObject({ code: "invalid_request", errors: [{ field: "all" }] });
  });
});

it("a user without a phone that can answer is named in the answer", async () => {
  const server = await startServer(WIDE);
  await server.pair("a-1", "ada");
  await server.pair("b-1", "bob", "view");
  for (const user of ["bob", "carol"]) {
    const { status, body } = await ask(server, { user_id: user });
    expect([status, body.code, body.detail]).toEqual([
      404,
      "device_not_found",
      `No active phone of ${user} can answer. Pair one, reactivate one, or give one the permission to.`,
    ]);
  }
});

/** Pairs a phone by an invite of a program, which nobody confirms. */
async function pairUnconfirmed(server: TestServer, deviceId: string, userId: string): Promise<void> {
  const asProgram = { "x-window-key": "" };
  const { body } = await server.local("POST", "/phone/pairing/generate-qr", { headers: asProgram, body: { user_id: userId } });
  const paired = await server.phone("POST", "/phone/pairing/pair", {
    body: { pairing_token: body.pairing_token, otp_code: body.otp_code, device_id: deviceId, device_name: "x", device_type: "ios" },
  });
  expect(paired.status).toBe(200);
}
