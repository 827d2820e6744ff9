import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterEach, expect, it, vi } from "vitest";
import { type CallerClass, isAtLeast, OPERATIONS, type Operation, type OperationName } from "../../src/contract/operations.ts";
import { phoneBody, startServer, type TestServer } from "./server.ts";

afterEach(() => vi.useRealTimers());

const ADMIN = "an admin token that nobody could guess";
const CALLERS = [
  "another account",
  "own account",
  "local key",
  "window",
  "phone A",
  "phone B",
  "revoked",
  "expired",
  "suspended",
  "forged",
  "admin",
  "wrong admin",
  "admin and phone A",
] as const;
type Caller = (typeof CALLERS)[number];
type Door = "local" | "phone";

/** What a caller may be answered: what was asked for, an error, or, at this door, that there is no such thing. */
type Expected = "in" | "hidden" | { readonly status: number; readonly code: string };

const GATES: ReadonlySet<string> = new Set([
  "not_found",
  "local_key_required",
  "window_required",
  "admin_token_required",
  "admin_token_invalid",
  "token_missing",
  "token_invalid",
  "token_expired",
  "token_revoked",
  "device_suspended",
]);
const OPEN_TO_PROBES: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/.well-known/jwks.json"]);

/** What a caller proves at the local door. Phones run on this computer here, under the server's own account. */
const CLASS_OF: Partial<Record<Caller, CallerClass>> = {
  "another account": "anonymous",
  window: "window",
  admin: "admin",
  "admin and phone A": "admin",
};

interface LocalDoor {
  readonly gated: boolean;
  readonly onNetwork: boolean;
}

/** The rules, in the words of the table: at which door, and what is asked of the caller. No operation has a rule of its own. */
function expectedOf({ caller: least, gated, door: served, path }: Operation, door: Door, caller: Caller, at: LocalDoor): Expected {
  if (door === "phone" && served === "local") return "hidden";
  if (door === "local" && !OPEN_TO_PROBES.has(path) && (least !== "phone" || at.onNetwork)) {
    if (caller === "wrong admin") return { status: 403, code: "admin_token_invalid" };
    const open = least === "anonymous" || least === "phone";
    const needed = gated && at.gated ? "window" : open ? (at.onNetwork ? "local" : "anonymous") : least;
    if (!isAtLeast(CLASS_OF[caller] ?? "local", needed)) {
      if (at.onNetwork || (at.gated && (gated || least === "window"))) return { status: 401, code: "admin_token_required" };
      return needed === "window" ? { status: 403, code: "window_required" } : { status: 401, code: "local_key_required" };
    }
  }
  if (least !== "phone") return "in";
  switch (caller) {
    case "phone A":
    case "phone B":
    case "admin and phone A":
      return "in";
    case "revoked":
      return { status: 401, code: "token_revoked" };
    case "expired":
      return { status: 401, code: "token_expired" };
    case "suspended":
      return { status: 403, code: "device_suspended" };
    case "forged":
      return { status: 401, code: "token_invalid" };
    // No other proof is a phone's.
    case "another account":
    case "own account":
    case "local key":
    case "window":
    case "admin":
    case "wrong admin":
      return { status: 401, code: "token_missing" };
    default:
      return caller satisfies never;
  }
}

const { privateKey: KEY } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const numbers = (function* (): Generator<string, string> {
  for (let number = 1000; ; number += 1) yield `+1415555${number}`;
})();

/** A server with a phone in every state that a phone can be in, and something of somebody else's to ask for. */
async function populated(env: Record<string, string>) {
  let late = 0;
  const server = await startServer(
    {
      ADMIN_TOKEN: ADMIN,
      PAIRING_JWT_PRIVATE_KEY: KEY,
      PAIRING_TOKEN_EXPIRY_DAYS: "1",
      PAIRING_RATE_LIMIT_SCALE: "10000",
      PAIRING_SMS_PER_DAY: "100000",
      // Nothing ends by itself while the clock is moved on.
      PAIRING_INVITE_EXPIRY_MINUTES: "1440",
      PAIRING_QR_EXPIRY_MINUTES: "60",
      ...env,
    },
    { clock: { now: () => Date.now() + late, steady: () => performance.now() + late } },
  );
  /** Each wrong token comes late enough to be checked: more than five a minute are not. */
  const wrongAdmin = (): Record<string, string> => {
    late += 20_000;
    return { "x-admin-token": `${ADMIN}.` };
  };
  const asAdmin = { "x-admin-token": ADMIN, host: "localhost" };
  const invite = async (user_id: string): Promise<string> =>
    (await server.local("POST", "/phone/pairing/send-sms", { headers: asAdmin, body: { phone_number: numbers.next().value, user_id } }))
      .body.invite_code;
  const pair = async (deviceId: string): Promise<string> =>
    (await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(await invite(deviceId), deviceId) })).body.jwt_token;

  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now: now - 2 * 24 * 60 * 60_000 });
  const expired = await pair("expired");
  vi.useRealTimers();
  const tokens: Partial<Record<Caller, string>> = { expired };
  for (const caller of ["phone A", "phone B", "revoked", "suspended"] as const) tokens[caller] = await pair(caller);
  await server.local("DELETE", "/phone/devices/revoked", { headers: asAdmin });
  await server.local("POST", "/phone/devices/suspended/suspend", { headers: asAdmin });
  tokens.forged = `${tokens["phone A"]?.slice(0, -10)}AAAAAAAAAA`;

  const localKey = readFileSync(path.join(server.folder, "local_key"), "utf8");
  return {
    server,
    async headersOf(caller: Caller): Promise<Record<string, string>> {
      const token = tokens[caller === "admin and phone A" ? "phone A" : caller];
      return {
        host: "localhost",
        // A page that a browser opened from its address bar speaks for nobody: so is a program of another account seen.
        ...(caller === "another account" || caller === "local key" || caller === "window" ? { "sec-fetch-site": "none" } : {}),
        ...(caller === "local key" ? { "x-local-key": localKey } : {}),
        // Without the key that the server's tests send otherwise.
        ...(caller === "own account" ? { "x-window-key": "" } : {}),
        ...(caller === "window" ? { "x-window-key": await server.windowKey() } : {}),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(caller === "admin" || caller === "admin and phone A" ? { "x-admin-token": ADMIN } : {}),
        ...(caller === "wrong admin" ? wrongAdmin() : {}),
      };
    },
    /** Things to ask for: those that a question may have ended are made anew. */
    async things(ended?: Operation): Promise<Record<string, string>> {
      if (ended?.caller === "phone") for (const phone of ["phone A", "phone B"] as const) tokens[phone] = await pair(phone);
      if (!ended || ended.path.includes("{device_id}")) await pair("somebody's");
      const invite_code = await invite("somebody");
      const [session] = await server.pairing.listSessions();
      const about = { build_id: "b", project_name: "p", user_id: "somebody's" };
      const { notification_id } = (
        await server.local("POST", "/phone/notifications/send", { headers: asAdmin, body: { ...about, status: "success", message: "m" } })
      ).body;
      const { approval_id } = (
        await server.local("POST", "/phone/approvals/request", {
          headers: asAdmin,
          body: {
            ...about,
            plan: "p",
            affected_files: [],
            estimated_duration: "1 m",
            requires_approval_by: new Date(Date.now() + 86_400_000),
          },
        })
      ).body;
      return {
        notification_id,
        approval_id,
        invite_code,
        pairing_token: invite_code,
        device_id: "somebody's",
        session_id: session?.sessionId ?? "",
      };
    },
  };
}

function isOfAnother(part: { readonly device_id?: string }, caller: Caller): boolean {
  return part.device_id !== undefined && !String(caller).includes(part.device_id);
}

async function stateOf({ pairing }: TestServer): Promise<string> {
  const devices = (await pairing.listDevices()).map((device) => ({ ...device, lastSeen: 0 }));
  return JSON.stringify([
    devices,
    await pairing.listSessions(),
    (await pairing.listApprovals()).filter(({ status }) => status !== "pending"),
    (await pairing.pageOfNotifications({ most: 1000 })).items,
  ]);
}

it.each([
  ["the local door", "local", {}, { gated: false, onNetwork: false }],
  ["the local door with the gate on", "local", { PHONE_DEVICES_REQUIRE_ADMIN: "1" }, { gated: true, onNetwork: false }],
  ["a local door on the network", "local", { PHONE_DEVICES_REQUIRE_ADMIN: "1", PAIRING_HOST: "0.0.0.0" }, { gated: true, onNetwork: true }],
  ["the phone door", "phone", { PHONE_DEVICES_REQUIRE_ADMIN: "1" }, { gated: true, onNetwork: false }],
] as const)("every operation asks of every caller what the table says, at %s", async (_where, door, env, at) => {
  const { server, headersOf, things } = await populated(env);
  const deviations: unknown[] = [];
  let letIn = 0;
  let ids = await things();
  const ask = async (operation: Operation, caller: Caller): ReturnType<TestServer["local"]> =>
    server[door](
      operation.method,
      operation.path.replace(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(ids[field] ?? field)),
      {
        headers: await headersOf(caller),
        // All that any of them may ask for.
        ...(operation.body
          ? {
              body: {
                ...phoneBody("", "new"),
                ...ids,
                phone_number: numbers.next().value,
                typed: "+14155552671",
                user_id: "nobody",
                decision: "approve",
                seq: 1,
              },
            }
          : {}),
      },
    );
  for (const [name, operation] of Object.entries(OPERATIONS) as [OperationName, Operation][]) {
    const expectations = CALLERS.map((caller) => ({ caller, expected: expectedOf(operation, door, caller, at) }));
    const before = await stateOf(server);
    const refused = expectations.filter(({ expected }) => expected !== "in");
    for (const { caller, expected } of refused) {
      const { status, body } = await ask(operation, caller);
      const wanted = expected === "hidden" ? { status: 404, code: "not_found" } : expected;
      if (!isDeepStrictEqual({ status, code: body?.code }, wanted))
        deviations.push({ name, door, caller, expected, status, code: body?.code });
    }
    // Who is refused changes nothing.
    if ((await stateOf(server)) !== before) deviations.push({ name, door, callers: refused.map(({ caller }) => caller), changed: true });
    for (const { caller } of expectations.filter(({ expected }) => expected === "in")) {
      const { status, body } = await ask(operation, caller);
      if (GATES.has(String(body?.code))) deviations.push({ name, door, caller, expected: "in", status, code: body?.code });
      // A phone sees nobody but itself.
      if (operation.caller === "phone" && status === 200 && [body, ...(body.messages ?? [])].some((part) => isOfAnother(part, caller)))
        deviations.push({ name, door, caller, body });
      letIn += 1;
      if (operation.method !== "GET") ids = await things(operation);
    }
  }
  expect(deviations).toEqual([]);
  expect(letIn).toBeGreaterThan(door === "local" ? Object.keys(OPERATIONS).length : 50);
});
