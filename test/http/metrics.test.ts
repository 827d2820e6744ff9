import { expect, it } from "vitest";
import { OPERATIONS } from "../../src/contract/operations.ts";
import { AUDIT_EVENTS } from "../../src/core/index.ts";
import { HOSTILE_STRINGS } from "../hostile-strings.ts";
import { readSamples, type Sample } from "../prometheus-text.ts";
import { sampled } from "../sampled.ts";
import { type Answer, ask, phoneBody, startServer, type TestServer } from "./server.ts";

const WIDE = { PAIRING_RATE_LIMIT_SCALE: "100000", PAIRING_METRICS_PORT: "0" };
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

async function read(server: TestServer): Promise<Answer> {
  const { origin, pathname } = new URL(server.metricsAddress ?? "");
  return ask(origin, "GET", pathname);
}

/** The values of one metric, by its labels in the order of their names. */
function valuesOf(samples: readonly Sample[], name: string): Record<string, number> {
  return Object.fromEntries(
    samples
      .filter((sample) => sample.name === name && sample.value > 0)
      .map(({ labels, value }) => [
        Object.keys(labels)
          .sort()
          .map((label) => labels[label])
          .join(" "),
        value,
      ]),
  );
}

async function requestApproval(server: TestServer, over: object = {}): Promise<string> {
  const { body } = await server.local("POST", "/phone/approvals/request", {
    body: {
      build_id: "build-7",
      project_name: "Top Dog",
      plan: "deploy",
      affected_files: ["src/a.ts"],
      estimated_duration: "5 minutes",
      requires_approval_by: new Date(Date.now() + 600_000).toISOString(),
      ...over,
    },
  });
  return body.approval_id;
}

it("counts invites, phones, approvals, requests and commits", async () => {
  const server = await startServer(WIDE);
  const token = await server.pair("iphone-12345");
  expect((await server.local("DELETE", `/phone/pairing/invite/${await server.invite()}`)).status).toBe(200);
  await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "user123", user_name: "John Doe" } });
  const [first, second] = [await requestApproval(server), await requestApproval(server)];
  await requestApproval(server);
  await server.phone("POST", `/phone/approvals/${first}/decision`, { ...bearer(token), body: { decision: "approve" } });
  await server.local("POST", `/admin/approvals/${second}/decision`, { body: { decision: "reject" } });
  expect((await server.phone("GET", "/phone/inbox", bearer("no-token"))).status).toBe(401);
  const { messages } = (await server.phone("GET", "/phone/inbox?since=0", bearer(token))).body;
  await server.phone("GET", `/phone/inbox?since=${messages.at(-1).seq}`, bearer(token));

  const { status, headers, text } = await read(server);
  expect([status, headers["content-type"]]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  const samples = readSamples(text);
  const values = (name: string) => valuesOf(samples, name);

  expect(values("topdog_invites_total")).toEqual({ sent: 2, accepted: 1, shown_as_qr: 1, cancelled: 1 });
  expect(values("topdog_invites_pending")).toEqual({ "": 1 });
  expect(values("topdog_devices")).toEqual({ active: 1 });
  expect(values("topdog_text_messages_total")).toEqual({ "printed mock": 2 });
  expect(values("topdog_approvals_pending")).toEqual({ "": 1 });
  expect(values("topdog_approvals_settled_total")).toEqual({ "phone approved": 1, "computer rejected": 1 });
  expect(values("topdog_approval_decision_seconds_count")).toEqual({ phone: 1, computer: 1 });
  expect(values("topdog_notifications_total")).toEqual({ "inbox sent": messages.length, "inbox delivered": 1 });
  expect(values("topdog_outbox_messages")).toEqual({ "": messages.length });
  expect(values("topdog_audit_events_total")).toMatchObject({
    send_sms_invite: 2,
    accept_invite: 1,
    approval_requested: 3,
    approval_decided: 2,
  });
  expect(values("topdog_requests_total")).toMatchObject({
    "phone acceptInvite 2xx": 1,
    "local requestApproval 2xx": 3,
    "phone readInbox 4xx": 1,
    "phone readInbox 2xx": 2,
  });
  expect(values("topdog_request_duration_seconds_count")).toMatchObject({ acceptInvite: 1, readInbox: 3 });
  expect(values("topdog_commit_duration_seconds_count")[""]).toBeGreaterThanOrEqual(9);
  expect([values("topdog_ready"), values("topdog_storage_writable")]).toEqual([{ "": 1 }, { "": 1 }]);
  expect(values("nodejs_heap_size_used_bytes")[""]).toBeGreaterThan(0);
  expect(values("process_start_time_seconds")[""]).toBeGreaterThan(0);
  // There are no other servers to follow.
  expect([values("topdog_feed_age_seconds"), values("topdog_feed_notified")]).toEqual([{}, {}]);
});

it("counts phones that wait for messages", async () => {
  const server = await startServer(WIDE);
  const token = await server.pair("iphone-12345");
  const waiting = server.phone("GET", "/phone/inbox?since=0&wait=20", bearer(token));
  const connected = async () => valuesOf(readSamples((await read(server)).text), "topdog_connected_phones");
  await expect.poll(connected).toEqual({ inbox: 1 });
  await server.local("POST", "/phone/notifications/send", {
    body: { build_id: "b", project_name: "Top Dog", status: "success", message: "done", priority: "normal", action_required: false },
  });
  expect((await waiting).body.messages).toHaveLength(1);
  await expect.poll(connected).toEqual({});
});

it("starts to count at the local door when it is asked for the first time, and says nothing to others", async () => {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100000" });
  expect(server.metricsAddress).toBeUndefined();
  const local = async (headers = {}) => ask(server.localAddress, "GET", "/metrics", { headers });
  // A page in a browser does not speak for the account.
  expect((await local({ "sec-fetch-site": "none" })).body).toMatchObject({ status: 401, code: "local_key_required" });
  expect((await local({ "x-local-key": "wrong", "sec-fetch-site": "none" })).status).toBe(401);
  await server.pair("iphone-12345");
  expect(valuesOf(readSamples((await server.local("GET", "/metrics")).text), "topdog_invites_total")).toEqual({});
  await server.pair("iphone-12346");
  const samples = readSamples((await server.local("GET", "/metrics")).text);
  expect(valuesOf(samples, "topdog_invites_total")).toEqual({ sent: 1, accepted: 1 });
  expect(valuesOf(samples, "topdog_devices")).toEqual({ active: 2 });

  for (const method of ["GET", "HEAD", "POST"]) expect((await server.phone(method, "/metrics")).status).toBe(404);
  expect((await server.phone("GET", "/metrics", { headers: { host: "localhost", "x-window-key": await server.windowKey() } })).status).toBe(
    404,
  );
});

it("the port for metrics serves them and nothing else", async () => {
  const server = await startServer(WIDE);
  expect(server.printed).toContain(`Metrics      ${server.metricsAddress}`);
  const { origin } = new URL(server.metricsAddress ?? "");
  for (const path of ["/", "/metrics/", "/metrics.json", "/healthz", "/readyz", "/phone/devices", "/admin/overview"])
    expect([path, (await ask(origin, "GET", path)).status]).toEqual([path, 404]);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) expect((await ask(origin, method, "/metrics")).status).toBe(404);
  // A name of somebody's own may point to this computer.
  expect((await ask(origin, "GET", "/metrics", { headers: { host: "evil.test" } })).status).toBe(404);
  expect(await ask(origin, "HEAD", "/metrics")).toMatchObject({ status: 200, text: "" });
  await server.close();
  await expect(ask(origin, "GET", "/metrics")).rejects.toThrow();
});

it("a port that is taken is one sentence, and nothing stays open", async () => {
  const server = await startServer(WIDE);
  const { port } = new URL(server.metricsAddress ?? "");
  await expect(startServer({ PAIRING_METRICS_PORT: port })).rejects.toThrow(
    `The metrics port can't open 127.0.0.1:${port} because the port is in use. Set PAIRING_METRICS_PORT to another port (0 takes a free one), or stop the program that uses it.`,
  );
});

/** Every value that each label may have. */
const CLOSED: Readonly<Record<string, readonly string[]>> = {
  door: ["local", "phone"],
  operation: [...Object.keys(OPERATIONS), "page", "none"],
  status: ["1xx", "2xx", "3xx", "4xx", "5xx", "closed", "active", "suspended", "revoked"],
  event: AUDIT_EVENTS,
  change: ["sent", "sent_again", "shown_as_qr", "accepted", "declined", "cancelled", "expired"],
  provider: ["mock", "twilio", "sns", "vonage", "other"],
  outcome: ["approved", "rejected", "cancelled", "expired", "printed", "sent", "delivered", "read"],
  channel: ["inbox", "mqtt", "push", "sms", "phone", "computer", "admin", "none"],
};

it("nothing that came from outside is in them", async () => {
  const server = await startServer({ ...WIDE, PAIRING_SMS_PER_DAY: "100000", PAIRING_USER_ID: "zq9-owner" });
  const token = await server.pair("zq9-device");
  for (const hostile of sampled(HOSTILE_STRINGS, 12)) {
    const text = `zq9${hostile}`.slice(0, 200);
    const code = await server.invite(undefined, text);
    await server.phone("POST", "/phone/pairing/accept-invite", { body: { ...phoneBody(code, text), device_name: text } });
    await server.local("POST", "/phone/pairing/send-sms", { body: { phone_number: text, user_id: text, user_name: text } });
    const id = await requestApproval(server, { user_id: "user123", project_name: text, build_id: text, plan: text });
    await server.phone("POST", `/phone/approvals/${id}/decision`, { ...bearer(token), body: { decision: "approve", comment: text } });
    for (const door of ["local", "phone"] as const) await server[door]("GET", `/${encodeURIComponent(Buffer.from(text).toString())}`);
    await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(`no code ${text}`, text) });
  }
  const { text } = await read(server);
  expect(text).not.toContain("zq9");
  for (const { name, labels } of readSamples(text).filter((sample) => sample.name.startsWith("topdog_")))
    for (const [label, value] of Object.entries(labels).filter(([label]) => label !== "le"))
      expect([name, label, CLOSED[label]]).toEqual([name, label, expect.arrayContaining([value])]);
});
