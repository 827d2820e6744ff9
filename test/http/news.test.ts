import { copyFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { OPERATIONS } from "../../src/contract/operations.ts";
import { type ChangeEvent, NEWS_ITEMS } from "../../src/contract/pairing-api.ts";
import { AUDIT_EVENTS } from "../../src/core/audit.ts";
import { startPushService } from "../doubles/push-service.ts";
import { openTwilioDouble } from "../doubles/twilio.ts";
import { openVonageDouble } from "../doubles/vonage.ts";
import { noKeyring, startSession } from "../keyring.ts";
import { type Answer, phoneBody, startServer, type TestServer } from "./server.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const BASE = "https://pair.example.test";
const TWILIO = { sid: `AC${"0".repeat(32)}`, token: `canary-token-${"a".repeat(20)}` };
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

/**
 * Everything that the settings page reads, and the change events after which it reads again. A list is identified by the id field of an
 * entry.
 */
const READS = {
  overview: { path: "/admin/overview", by: ["invites", "sms"], list: "invites", id: "session_id" },
  claims: { path: "/admin/claims", by: ["invites"], list: "claims", id: "claim_id" },
  devices: { path: "/admin/devices?limit=200", by: ["devices"], list: "devices", id: "device_id" },
  approvals: { path: "/admin/approvals", by: ["approvals", "messages"], list: "approvals", id: "approval_id" },
  notifications: { path: "/admin/notifications", by: ["messages"], list: "notifications", id: "notification_id" },
  sms: { path: "/admin/sms", by: ["sms"] },
  settings: { path: "/admin/settings", by: ["settings"], list: "settings", id: "name" },
  adminToken: { path: "/admin/admin-token", by: ["settings"] },
  reachability: { path: "/admin/reachability", by: ["reachability"] },
  audit: { path: "/admin/audit", by: ["audit"] },
} as const satisfies Record<string, { path: string; by: readonly ChangeEvent[]; list?: string; id?: string }>;
type Read = keyof typeof READS;
/** Of everything that is read: "overview.secrets" or "devices[phone].status" → what it says. */
type Shown = Map<string, string>;

/** Every fact that is on the page for good, or shows only the time. */
const NEVER_CHANGES = [
  "overview.now",
  ...["session_id", "method", "user_id", "user_name", "phone_number", "created_at", "level", "test", "approval_id"].map(
    (field) => `invite.${field}`,
  ),
  ...["device_id", "device_type", "os_version", "app_version", "user_id", "paired_via", "paired_at", "expires_at"].map(
    (field) => `device.${field}`,
  ),
  ...["approval_id", "build_id", "project_name", "plan", "affected_files", "estimated_duration", "requires_approval_by"].map(
    (field) => `approval.${field}`,
  ),
  ...["requested_by", "requested_at", "user_ids", "content_sha256", "risk", "numbers", "match_number"].map((field) => `approval.${field}`),
  ...["notification_id", "sent_at", "payload"].map((field) => `notification.${field}`),
];

/** Operations that change nothing that the page shows, but for the audit trail. */
const SHOW_NOTHING = ["readPhoneNumber", "testSmsConnection", "checkReach", "offerVoiceCommands", "voiceResult", "withdrawVoiceCommands"];

/** What is written too rarely to be waited for here; see the tests of the audit trail's parts and of restored folders. */
const WRITTEN_ELSEWHERE = ["audit_trimmed", "state_rolled_back"];

interface World {
  readonly server: TestServer;
  readonly headers: Record<string, string>;
  /** Does something, and checks that every difference on the page was announced. */
  step(operations: string | readonly string[], act: () => Promise<unknown>): Promise<void>;
}

const done = new Set<string>();
const changed = new Set<string>();
const written = new Set<string>();
const emitted = new Set<ChangeEvent>();
const missing: string[] = [];

async function shown(server: TestServer, headers: Record<string, string>): Promise<Shown> {
  const facts: Shown = new Map();
  for (const [read, { path: target, ...of }] of Object.entries(READS)) {
    const { status, body } = await server.local("GET", target, { headers });
    expect([read, status]).toEqual([read, 200]);
    for (const [field, value] of Object.entries(body as Record<string, unknown>)) {
      if (!("list" in of) || field !== of.list) facts.set(`${read}.${field}`, JSON.stringify(value));
      else
        for (const entry of value as Record<string, unknown>[])
          for (const [name, fact] of Object.entries(entry)) facts.set(`${read}[${String(entry[of.id])}].${name}`, JSON.stringify(fact));
    }
  }
  for (const read of ["overview", "claims"]) facts.delete(`${read}.now`);
  return facts;
}

/** "devices[phone].status" → "device.status": as the lists' entries are called below. */
function kindOf(fact: string): string {
  return fact.replace(/^(\w+)\[.*\]\./s, (_, read: Read) => `${read === "overview" ? "invite" : read.replace(/s$/, "")}.`);
}

async function world(env: Record<string, string>, host: Parameters<typeof startServer>[1] = {}, headers = {}): Promise<World> {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100000", ...env }, host);
  let received: ChangeEvent[] = [];
  server.pairing.listen((item) => void received.push(item));
  return {
    server,
    headers,
    async step(operations, act) {
      const before = await shown(server, headers);
      const lines = server.audit().length;
      received = [];
      await act();
      // As each sweep does.
      server.pairing.emitSeenPhones();
      const items = new Set(received);
      const after = await shown(server, headers);
      const names = typeof operations === "string" ? [operations] : operations;
      for (const name of names) done.add(name);
      for (const item of items) emitted.add(item);
      for (const { event } of server.audit().slice(lines)) written.add(String(event));
      for (const fact of new Set([...before.keys(), ...after.keys()])) {
        if (before.get(fact) === after.get(fact)) continue;
        // An entry that came or went says nothing of how its facts change.
        const entry = /^.*\]/s.exec(fact)?.[0];
        const lasts = entry === undefined || [before, after].every((facts) => [...facts.keys()].some((key) => key.startsWith(entry)));
        if (lasts) changed.add(kindOf(fact));
        const [read = ""] = /^\w+/.exec(fact) ?? [];
        const { by } = READS[read as Read];
        if (!by.some((item) => items.has(item))) missing.push(`${names.join(", ")}: ${kindOf(fact)}`);
      }
    },
  };
}

/** The events that a page in a browser receives, and those inside the server, from now on. */
async function streamOf(server: TestServer): Promise<{ received: string[]; emitted: string[] }> {
  const both = { received: [] as string[], emitted: [] as string[] };
  const { body } = await fetch(`${server.localAddress}/admin/news`);
  void (async () => {
    let text = "";
    for await (const part of body!.pipeThrough(new TextDecoderStream())) {
      text += part;
      both.received = [...text.matchAll(/^data: (\w+)\n\n/gm)].map(([, item = ""]) => item);
    }
  })().catch(() => undefined);
  server.pairing.listen((item) => void both.emitted.push(item));
  return both;
}

const ok = (answer: Answer): any => {
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`);
  return answer.body;
};

/** A provider whose reports have an address with its name. */
async function reportsByPath(): Promise<void> {
  const account = { key: "abcd1234", secret: "vonage-secret", signatureSecret: "vonage-signature-secret" };
  const vonage = await openVonageDouble(account);
  onTestFinished(async () => vonage.close());
  const { server, step } = await world({
    SMS_PROVIDER: "auto",
    VONAGE_API_KEY: account.key,
    VONAGE_API_SECRET: account.secret,
    VONAGE_SENDER: "TopDog",
    VONAGE_SIGNATURE_SECRET: account.signatureSecret,
    PAIRING_VONAGE_BASE_URL: vonage.url,
    PAIRING_BASE_URL: BASE,
  });
  const body = { phone_number: "+14155553900", user_id: "ada" };
  await step("sendInvite", async () => ok(await server.local("POST", "/phone/pairing/send-sms", { body })));
  await step("noteProviderDelivery", async () => vonage.report(vonage.messages.at(-1)!, "delivered", { via: server.phoneAddress }));
}

/** Invites, phones, messages and approvals. */
async function phonesAndMessages(): Promise<void> {
  const twilio = await openTwilioDouble(TWILIO);
  const push = await startPushService();
  onTestFinished(async () => {
    await push.close();
  });
  let now = new Date().setHours(12, 0, 0, 0);
  let jump = 0;
  const { server, step } = await world(
    {
      SMS_PROVIDER: "auto",
      TWILIO_ACCOUNT_SID: TWILIO.sid,
      TWILIO_AUTH_TOKEN: TWILIO.token,
      TWILIO_PHONE_NUMBER: "+15005550006",
      PAIRING_TWILIO_BASE_URL: twilio.url,
      PAIRING_BASE_URL: BASE,
      PAIRING_QR_REQUIRE_OTP: "1",
      PAIRING_PUSH_SERVICES: push.address,
      PAIRING_SMS_APPROVALS: "1",
      PAIRING_SMS_PER_DAY: "1000",
    },
    { clock: { now: () => now + jump, steady: () => now, pause: async () => undefined } },
  );
  const { pairing } = server;
  const stream = await streamOf(server);
  const local = async (method: string, target: string, body?: unknown) => ok(await server.local(method, target, { body }));
  const phone = async (method: string, target: string, token: string, body?: unknown) =>
    ok(await server.phone(method, target, { ...(token === "" ? {} : bearer(token)), body }));
  let numbers = 0;
  const send = async () =>
    server.local("POST", "/phone/pairing/send-sms", { body: { phone_number: `+1415555${3000 + numbers++}`, user_id: "ada" } });
  const invite = async (): Promise<string> => ok(await send()).invite_code;
  const accept = async (code: string, device: string): Promise<string> =>
    (await phone("POST", "/phone/pairing/accept-invite", "", phoneBody(code, device))).jwt_token;

  let code = "";
  await step("sendInvite", async () => (code = await invite()));
  await step("noteOpened", async () => phone("POST", "/phone/pairing/opened", "", { code }));
  await step("noteDelivery", async () => twilio.report(twilio.messages.at(-1)!, "delivered", { via: server.phoneAddress }));
  now += MINUTE;
  await step("resendInvite", async () => local("POST", `/phone/pairing/resend-sms/${code}`));
  await step("noteDelivery", async () => twilio.report(twilio.messages.at(-1)!, "undelivered", { via: server.phoneAddress, code: 30003 }));
  let one = "";
  await step("acceptInvite", async () => (one = await accept(code, "one")));
  await step("sendInvite", async () => {
    twilio.answer(`+1415555${3000 + numbers}`, [400, 21610, "unsubscribed"]);
    expect((await send()).body.code).toBe("sms_opted_out");
  });
  for (const [operation, end] of [
    ["cancelInvite", async (cancelled: string) => local("DELETE", `/phone/pairing/invite/${cancelled}`)],
    ["declineInvite", async (cancelled: string) => phone("POST", "/phone/pairing/decline-invite", "", { invite_code: cancelled })],
    ["cancelSession", async () => local("DELETE", `/admin/invites/${(await local("GET", "/admin/overview")).invites[0].session_id}`)],
  ] as const) {
    const cancelled = await invite();
    now += 1000;
    await step(operation, async () => end(cancelled));
  }
  await invite();
  await step("expiry", async () => {
    now += 16 * MINUTE;
    await pairing.expireDueInvites();
  });

  let qr: any;
  const pair = async (otp_code: string, device_id: string) =>
    server.phone("POST", "/phone/pairing/pair", { body: { ...phoneBody("", device_id), pairing_token: qr.pairing_token, otp_code } });
  const wrong = (): string => (qr.otp_code === "000000" ? "000001" : "000000");
  await step("generateQr", async () => (qr = await local("POST", "/phone/pairing/generate-qr", { user_id: "ada" })));
  for (let tried = 0; tried < 5; tried += 1)
    await step("pairByQr", async () => expect((await pair(wrong(), "two")).body.code).toBe("otp_invalid"));
  qr = await local("POST", "/phone/pairing/generate-qr", { user_id: "ada" });
  let two = "";
  await step("pairByQr", async () => (two = ok(await pair(qr.otp_code, "two")).jwt_token));

  await step("suspendDevice", async () => local("POST", "/phone/devices/two/suspend"));
  await step("reactivateDevice", async () => local("POST", "/phone/devices/two/reactivate"));
  await step("a phone is seen", async () => {
    now += MINUTE;
    await phone("GET", "/phone/me", one);
  });
  const woken = push.subscribe();
  await step("subscribeToPush", async () => phone("POST", "/phone/push/subscription", one, woken.subscription));
  await step("testDevice", async () => local("POST", "/phone/devices/one/test-notification"));
  await step("testOwnNotification", async () => phone("POST", "/phone/push/test", one));
  await step("unsubscribeFromPush", async () => phone("DELETE", "/phone/push/subscription", one));

  const notify = async () =>
    local("POST", "/phone/notifications/send", { build_id: "b", project_name: "p", status: "success", message: "m", user_id: "ada" });
  await step("sendNotification", notify);
  const inbox = async (token: string, since = 0) => phone("GET", `/phone/inbox?since=${since}`, token);
  await step("a phone fetches its messages", async () => inbox(one, (await inbox(one)).next));
  const read = (await inbox(two)).messages.at(-1).message_id;
  await step("acknowledgeMessages", async () => phone("POST", "/phone/inbox/acknowledge", two, { read: [read] }));

  await step("changeDevice", async () => local("PATCH", "/phone/devices/one", { device_name: "Old phone", level: "answer" }));
  await step("renameOwnDevice", async () => phone("PATCH", "/phone/me", one, { device_name: "My phone" }));
  await step("renameOwnDevice", async () => phone("PATCH", "/phone/me", one, { device_name: "My phone", language: "de" }));
  code = await invite();
  await step("acceptInvite", async () => (one = await accept(code, "one")));

  const ask = async (project_name: string, over: object = {}): Promise<string> => {
    const body = {
      build_id: "b",
      project_name,
      plan: "plan",
      affected_files: [],
      estimated_duration: 1,
      requires_approval_by: new Date(now + 10 * MINUTE).toISOString(),
      user_id: "ada",
      ...over,
    };
    return (await local("POST", "/phone/approvals/request", body)).approval_id;
  };
  now += 10 * MINUTE;
  let approval = "";
  await step("requestApproval", async () => {
    approval = await ask("text");
    // It is texted to the phone that was paired by text message, and has not been used for a while.
    await expect.poll(() => server.audit().at(-1)?.["event"], { timeout: 30_000 }).toBe("send_sms_approval");
    await expect.poll(() => twilio.messages.at(-1)?.form["Body"], { timeout: 30_000 }).toContain("approval");
  });
  await step("noteDelivery", async () => twilio.report(twilio.messages.at(-1)!, "delivered", { via: server.phoneAddress }));
  await step("decideApproval", async () =>
    phone("POST", `/phone/approvals/${approval}/decision`, two, { decision: "approve", comment: "c" }),
  );
  approval = await ask("number", { risk: "high" });
  const [lower, , higher] = (await inbox(two)).messages.at(-1).payload.numbers as string[];
  const { match_number } = (await server.local("GET", "/admin/approvals")).body.approvals[0];
  await step("decideApproval", async () => {
    const number = match_number === lower ? higher : lower;
    const { body } = await server.phone("POST", `/phone/approvals/${approval}/decision`, {
      headers: { authorization: `Bearer ${two}` },
      body: { decision: "approve", number },
    });
    expect(body.code).toBe("number_mismatch");
  });
  approval = await ask("desk");
  await step("decideAtComputer", async () => local("POST", `/admin/approvals/${approval}/decision`, { decision: "reject" }));
  approval = await ask("taken back");
  await step("cancelApproval", async () => local("DELETE", `/phone/approvals/${approval}`));
  approval = await ask("late");
  await step("expiry", async () => {
    now += 11 * MINUTE;
    await pairing.expireApprovals();
  });

  let handoff = "";
  await step("openHandoff", async () => (handoff = (await phone("POST", "/phone/me/handoff", one)).code));
  await step("redeemHandoff", async () => server.phone("POST", "/phone/handoff", { body: { code: "0000-0000" } }));
  await step("redeemHandoff", async () => phone("POST", "/phone/handoff", "", { code: handoff }));
  await local("POST", "/admin/voice/handlers", { commands: [{ action: "build", targets: ["api"] }] });
  await step("voiceCommand", async () => phone("POST", "/phone/voice-command", one, { command_text: "build api", device_id: "one" }));
  await step("rotateKey", async () => local("POST", "/phone/keys/rotate"));
  await step("the desktop app refuses a message", async () => pairing.noteRefusedMessage("channel", "reason"));
  await step("sendTestSms", async () => local("POST", "/admin/sms/send-test", { phone_number: "+14155553900" }));

  await notify();
  await step("revokeDevice", async () => local("DELETE", "/phone/devices/one"));
  await step("unpairOwnDevice", async () => phone("DELETE", "/phone/me", two));
  await accept(await invite(), "three");
  await notify();
  await step("revokeAllDevices", async () => local("POST", "/phone/devices/revoke-all", {}));
  now += 16 * MINUTE;
  await pairing.expireDueInvites();
  await step("forgetUser", async () => local("POST", "/admin/forget", { user_id: "ada" }));
  code = await invite();
  now += MINUTE;
  twilio.answer(`+1415555${3000 + numbers - 1}`, "hang");
  const asked = twilio.asked.length;
  let resending: Promise<Answer> | undefined;
  const newest = async () => (await server.local("GET", "/admin/overview")).body.invites[0];
  await step("resendInvite", async () => {
    resending = server.local("POST", `/phone/pairing/resend-sms/${code}`);
    await expect.poll(newest, { timeout: 30_000 }).toHaveProperty("sending_since");
  });
  await step("the provider is gone before it answered", async () => {
    await expect.poll(() => twilio.asked.length, { timeout: 30_000 }).toBe(asked + 1);
    await twilio.close();
    await resending;
  });
  await step("a provider fails again and again", async () => {
    for (let failed = 0; failed < 6; failed += 1) await send();
  });
  await step("the clock jumps", async () => {
    jump = 2 * DAY;
    await expect.poll(() => server.audit().some(({ event }) => event === "clock_changed"), { timeout: 30_000 }).toBe(true);
    await pairing.expireDueInvites();
  });
  await expect.poll(() => stream.received, { timeout: 30_000 }).toEqual(stream.emitted);
  expect(stream.received.length).toBeGreaterThan(100);
}

/** Settings, tunnel, broker and tokens. */
async function settings(): Promise<void> {
  const { server, step } = await world({
    PAIRING_CLOUDFLARED: "/nowhere/cloudflared",
    // What the environment sets, nobody can change.
    SMS_PROVIDER: "",
    ADMIN_TOKEN: "",
    PAIRING_USER_NAME: "",
    PAIRING_COUNTRY: "",
    PAIRING_RATE_LIMIT_SCALE: "",
    PAIRING_MQTT_USERNAME: "topdog",
    PAIRING_MQTT_PASSWORD: "password-for-no-broker",
  });
  const save = async (target: string, body: object) => ok(await server.local("PATCH", target, { body }));
  const overview = async () => (await server.local("GET", "/admin/overview")).body;
  await server.invite();
  await step("saveWelcome", async () => save("/admin/welcome", { shown: !(await overview()).welcome }));
  for (const values of [
    { PAIRING_INVITE_EXPIRY_MINUTES: "20" },
    { PAIRING_USER_NAME: "Bob", PAIRING_USER_ID: "bob" },
    { PAIRING_ANSWERS_AT_COMPUTER: "never" },
    { PAIRING_COUNTRY: "FR", PAIRING_ALLOWED_COUNTRIES: "FR" },
  ])
    await step("saveHostSettings", async () => save("/admin/settings", { values }));
  const account = { twilio_account_sid: TWILIO.sid, twilio_auth_token: TWILIO.token, twilio_phone_number: "+15005550006" };
  await step("saveSmsSettings", async () => save("/admin/sms", { provider: "twilio", ...account }));
  await step("saveReachability", async () => save("/admin/reachability", { base_url: "https://phones.example.test" }));
  await step("startTunnel", async () => {
    await server.local("POST", "/admin/tunnel/start");
    await expect.poll(async () => (await server.local("GET", "/admin/reachability")).body.tunnel.state, { timeout: 30_000 }).toBe("failed");
  });
  await step("stopTunnel", async () => server.local("POST", "/admin/tunnel/stop"));
  // Nothing listens there.
  await step("the broker goes away", async () => {
    await save("/admin/settings", { values: { PAIRING_MQTT_BROKER: "mqtt://127.0.0.1:9" } });
    await expect.poll(async () => (await overview()).broker?.state, { timeout: 30_000 }).toBe("away");
  });
  await step("saveAdminToken", async () => ok(await server.local("POST", "/admin/admin-token", { body: { admin_token: "b".repeat(43) } })));
  await step("removeAdminToken", async () => ok(await server.local("DELETE", "/admin/admin-token")));
}

async function gate(): Promise<void> {
  const token = "a token that is long enough";
  const { server, step, headers } = await world({ ADMIN_TOKEN: token }, {}, { "x-admin-token": token });
  const save = async (PHONE_DEVICES_REQUIRE_ADMIN: string) =>
    server.local("PATCH", "/admin/settings", { headers, body: { values: { PHONE_DEVICES_REQUIRE_ADMIN } } });
  await step("saveHostSettings", async () => save("1"));
  await step("somebody has no admin token", async () => server.local("GET", "/phone/devices", { headers: { "x-window-key": "" } }));
}

async function access(): Promise<void> {
  const { server, step } = await world({});
  // The start makes the signing key meanwhile.
  const state = async () => (await server.local("GET", "/admin/overview")).body.secrets.state;
  await expect.poll(state, { timeout: 30_000 }).toBe("ready");
  await step("openWindow", async () => ok(await server.local("POST", "/admin/session", { body: { open: server.openSecret } })));
  const { windows } = (await server.local("GET", "/admin/windows")).body;
  await step("endWindow", async () => ok(await server.local("DELETE", `/admin/windows/${windows.at(-1).window_id}`)));
  const invite = await server.local("POST", "/phone/pairing/send-sms", {
    headers: { "x-window-key": "" },
    body: { phone_number: "+14155550177", user_id: "user123" },
  });
  ok(await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(invite.body.invite_code, "waiting") }));
  await step("a link is used again from another phone", async () =>
    server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(invite.body.invite_code, "another") }),
  );
  await step("confirmDevice", async () => ok(await server.local("POST", "/phone/devices/waiting/confirm", { body: {} })));
  ok(await server.local("PATCH", "/admin/settings", { body: { values: { PAIRING_CONFIRM: "always" } } }));
  const code = await server.invite();
  let claim: any;
  const type = async (digits: string) => server.local("POST", "/admin/claims/confirm", { body: { digits } });
  const accept = async () => (claim = ok(await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code, "shown") })));
  await step("acceptInvite", accept);
  await step("confirmClaim", async () => type(claim.digits === "00" ? "11" : "00"));
  await step("acceptInvite", accept);
  await step("confirmClaim", async () => ok(await type(claim.digits)));
  await step("readClaim", async () =>
    ok(await server.phone("POST", `/phone/pairing/claims/${claim.claim_id}`, { body: { claim_secret: claim.claim_secret } })),
  );
  await step("rotateLocalKey", async () => ok(await server.local("POST", "/admin/local-key/rotate")));
}

async function secrets(): Promise<void> {
  const first = await startServer();
  await first.close();
  const key = path.join(first.folder, "signing_key.pem");
  const aside = path.join(first.folder, "..", `${path.basename(first.folder)}.pem`);
  copyFileSync(key, aside);
  writeFileSync(key, "no key");
  const { server, step } = await world({ PAIRING_STORAGE_PATH: first.folder });
  const state = async () => (await server.local("GET", "/admin/overview")).body.secrets.state;
  await expect.poll(state, { timeout: 30_000 }).toBe("key_damaged");
  await step("checkSecrets", async () => {
    renameSync(aside, key);
    await server.local("POST", "/admin/secrets/check");
  });
  if (noKeyring !== undefined) return;
  const session = await startSession({});
  onTestFinished(async () => session.close());
  await session.start("unlocked");
  const desktop = await world({}, { startKeychain: session.startProcess });
  await expect
    .poll(async () => (await desktop.server.local("GET", "/admin/overview")).body.secrets.state, { timeout: 40_000 })
    .toBe("ready");
  await desktop.step("moveSecrets", async () => ok(await desktop.server.local("POST", "/admin/secrets/move", { body: { to: "file" } })));
}

/** The facts of an answer, as `kindOf` calls them. */
function factsIn(kind: string, body: { readonly shape: object }, list?: string): readonly string[] {
  return Object.keys(body.shape)
    .filter((field) => field !== list)
    .map((field) => `${kind}.${field}`);
}

it("every change on the settings page is announced, by any cause", { timeout: 240_000 }, async () => {
  await phonesAndMessages();
  await reportsByPath();
  await settings();
  await gate();
  await access();
  await secrets();
  expect([...new Set(missing)]).toEqual([]);

  // Nothing is left out: each operation, audit event, news item and fact on the page has had its turn, or is named above.
  const changing = Object.entries(OPERATIONS).flatMap(([name, { method }]) => (method === "GET" ? [] : [name]));
  const keychain = noKeyring === undefined ? [] : ["moveSecrets"];
  expect(changing.filter((name) => !done.has(name) && ![...SHOW_NOTHING, ...keychain].includes(name))).toEqual([]);
  const notMoved = noKeyring === undefined ? [] : ["secrets_moved"];
  expect(AUDIT_EVENTS.filter((event) => !written.has(event) && ![...WRITTEN_ELSEWHERE, ...notMoved].includes(event))).toEqual([]);
  expect(NEWS_ITEMS.filter((item) => !emitted.has(item))).toEqual([]);
  const { overview, findDevices, listApprovals, listNotifications } = OPERATIONS;
  const facts = [
    ...factsIn("overview", overview.answer, "invites"),
    ...factsIn("invite", overview.answer.shape.invites.element),
    ...factsIn("device", findDevices.answer.shape.devices.element),
    ...factsIn("approval", listApprovals.answer.shape.approvals.element),
    ...factsIn("notification", listNotifications.answer.shape.notifications.element),
  ];
  expect(facts.filter((fact) => !changed.has(fact) && !NEVER_CHANGES.includes(fact))).toEqual([]);
});
