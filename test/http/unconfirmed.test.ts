import { expect, it } from "vitest";
import { OPERATIONS, type Operation } from "../../src/contract/operations.ts";
import { phoneBody, startServer, type TestServer } from "./server.ts";

const HOUR = 60 * 60_000;
/** A browser's address bar speaks for nobody, as a program of another account. */
const NOBODY = { "sec-fetch-site": "none" };
/** A program of the server's own account, in front of which nobody sits. */
const PROGRAM = { "x-window-key": "" };

let serial = 1000;

async function invite(server: TestServer, headers: Record<string, string>, user_id = "ada"): Promise<string> {
  const body = { phone_number: `+1415555${++serial}`, user_id };
  return (await server.local("POST", "/phone/pairing/send-sms", { headers, body })).body.invite_code;
}

async function pair(server: TestServer, headers: Record<string, string>, device = "phone-1", user_id = "ada") {
  return server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(await invite(server, headers, user_id), device) });
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

it.each([
  ["nobody", NOBODY, false],
  ["a program of the account", PROGRAM, false],
  ["a person in the window", undefined, true],
] as const)("a phone that %s invited: confirmed from the start, %j %s", async (_who, headers, confirmed) => {
  const server = await startServer();
  const { status, body } = await pair(server, { ...headers });
  expect(status).toBe(200);
  const me = await server.phone("GET", "/phone/me", bearer(body.jwt_token));
  expect([me.status, me.body.confirmed]).toEqual([200, confirmed ? undefined : false]);
  expect((await server.phone("GET", "/phone/inbox", bearer(body.jwt_token))).body.code).toBe(confirmed ? undefined : "device_unconfirmed");
});

it("an unconfirmed phone may ask what it is and unpair itself, and nothing else", async () => {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "1000" });
  const { body } = await pair(server, NOBODY);
  const allowed: string[] = [];
  for (const [name, operation] of Object.entries(OPERATIONS) as [string, Operation][]) {
    if (operation.caller !== "phone" || name === "unpairOwnDevice") continue;
    const path = operation.path.replace(/\{\w+\}/g, "x");
    const answer = await server.phone(operation.method, path, { ...bearer(body.jwt_token), ...(operation.body ? { body: {} } : {}) });
    if (answer.body?.code !== "device_unconfirmed") allowed.push(name);
  }
  expect(allowed).toEqual(["ownDevice"]);
  expect((await server.phone("DELETE", "/phone/me", bearer(body.jwt_token))).status).toBe(200);
});

it("an unconfirmed phone is not asked, gets no message, and none from before once it is confirmed", async () => {
  const server = await startServer();
  const { body } = await pair(server, PROGRAM);
  const message = { build_id: "b", project_name: "p", status: "success", message: "m", user_id: "ada" };
  const send = async () => server.local("POST", "/phone/notifications/send", { body: message });
  expect((await send()).body.recipients ?? []).toEqual([]);
  const named = await server.local("POST", "/phone/notifications/send", { body: { ...message, device_id: "phone-1" } });
  expect([named.status, named.body.code]).toEqual([403, "device_unconfirmed"]);
  // Nor the outcome of what another phone was asked.
  await server.pair("sibling", "ada");
  const { approval_id } = (
    await server.local("POST", "/phone/approvals/request", {
      body: {
        ...{ build_id: "b", project_name: "p", plan: "plan", affected_files: [], estimated_duration: 1, user_id: "ada" },
        requires_approval_by: new Date(Date.now() + 60_000).toISOString(),
      },
    })
  ).body;
  expect((await server.local("POST", `/admin/approvals/${approval_id}/decision`, { body: { decision: "reject" } })).status).toBe(200);
  expect((await server.local("POST", "/phone/devices/phone-1/confirm", { body: {} })).status).toBe(200);
  const inbox = async () => (await server.phone("GET", "/phone/inbox", bearer(body.jwt_token))).body.messages;
  expect(await inbox()).toEqual([]);
  await send();
  expect(await inbox()).toHaveLength(1);
});

it("only a person in the window confirms a phone, once, which is in the audit trail", async () => {
  const server = await startServer();
  await pair(server, PROGRAM);
  const confirm = async (headers?: Record<string, string>) =>
    server.local("POST", "/phone/devices/phone-1/confirm", { body: {}, ...(headers ? { headers } : {}) });
  expect((await confirm(PROGRAM)).body.code).toBe("window_required");
  expect((await confirm(NOBODY)).body.code).toBe("window_required");
  const done = await confirm();
  expect([done.status, done.body.confirmed]).toEqual([200, undefined]);
  expect(server.audit().filter(({ event }) => event === "confirm_device")).toEqual([
    expect.objectContaining({ user_id: "ada", device_id: "phone-1" }),
  ]);
});

it("stays unconfirmed, or confirmed, over a restart", async () => {
  const first = await startServer();
  const tokens = [(await pair(first, PROGRAM, "waits")).body.jwt_token, (await pair(first, PROGRAM, "confirmed")).body.jwt_token];
  await first.local("POST", "/phone/devices/confirmed/confirm", { body: {} });
  const waiting = await invite(first, PROGRAM);
  await first.close();
  const server = await startServer({ PAIRING_STORAGE_PATH: first.folder });
  const codes = await Promise.all(tokens.map(async (token) => (await server.phone("GET", "/phone/inbox", bearer(token))).body.code));
  expect(codes).toEqual(["device_unconfirmed", undefined]);
  // Nor does the link that was sent before forget who asked for it.
  const { body } = await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(waiting, "later") });
  expect((await server.phone("GET", "/phone/me", bearer(body.jwt_token))).body.confirmed).toBe(false);
});

it("an unconfirmed phone cannot take the place of a confirmed one, which keeps working; another id can be paired with that link", async () => {
  const server = await startServer();
  const token = (await pair(server, {})).body.jwt_token;
  const code = await invite(server, NOBODY);
  const accept = async (device: string) => server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code, device) });
  const tried = await accept("phone-1");
  expect([tried.status, tried.body.code, tried.body.detail]).toEqual([
    409,
    "device_id_taken",
    expect.stringContaining("revoke the other one"),
  ]);
  expect((await server.phone("GET", "/phone/inbox", bearer(token))).status).toBe(200);
  expect((await server.phone("GET", `/phone/pairing/invite/${code}`)).body.status).toBe("pending");
  expect((await accept("phone-2")).status).toBe(200);
  // What a person in the window invited takes the place, as before.
  expect((await pair(server, {})).status).toBe(200);
  expect((await server.phone("GET", "/phone/inbox", bearer(token))).body.code).toBe("token_revoked");
});

it("ends after an hour without a confirmation", async () => {
  let late = 0;
  const clock = { now: () => Date.now() + late, steady: () => performance.now() + late };
  const server = await startServer({}, { clock });
  const { body } = await pair(server, PROGRAM);
  late = HOUR + 1000;
  expect((await server.phone("GET", "/phone/me", bearer(body.jwt_token))).body.code).toBe("token_expired");
  await server.pairing.endUnconfirmed();
  const [device] = await server.pairing.listDevices();
  expect(device?.status).toBe("revoked");
  expect((await server.phone("GET", "/phone/me", bearer(body.jwt_token))).body.code).toBe("token_revoked");
});

it("at most five of one user's phones, and twenty of all, wait at a time", async () => {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "1000", PAIRING_SMS_PER_DAY: "1000" });
  const statuses: number[] = [];
  for (let phone = 1; phone <= 6; phone += 1) statuses.push((await pair(server, PROGRAM, `ada-${phone}`)).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  for (const user of ["bob", "cem", "dot"])
    for (let phone = 1; phone <= 5; phone += 1) expect((await pair(server, PROGRAM, `${user}-${phone}`, user)).status).toBe(200);
  const refused = await pair(server, PROGRAM, "eve-1", "eve");
  expect([refused.status, refused.body.code, refused.body.params.reason]).toEqual([429, "rate_limited", "unconfirmed_phones"]);
  // A person in the window pairs another one all the same.
  expect((await pair(server, {}, "eve-2", "eve")).status).toBe(200);
  await server.local("POST", "/phone/devices/ada-1/confirm", { body: {} });
  expect((await pair(server, PROGRAM, "eve-1", "eve")).status).toBe(200);
});
