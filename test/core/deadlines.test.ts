import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOneServer } from "../../src/adapters/shared/one-server.ts";
import { createMockSms } from "../../src/adapters/sms/mock.ts";
import { createMemoryStore } from "../../src/adapters/stores/memory/memory-store.ts";
import { createChangeEvents } from "../../src/adapters/system/change-events.ts";
import { systemDigest } from "../../src/adapters/system/digest.ts";
import { createInboxSignals } from "../../src/adapters/system/inbox-signals.ts";
import { systemRandom } from "../../src/adapters/system/random.ts";
import { createPairing, type Device, MINUTE, type Pairing, PairingError, type PairingStore, type Ports } from "../../src/core/index.ts";
import { deviceOf, NOON, sessionOf } from "../contracts/pairing-store.ts";
import { EVERY_CASE } from "../sampled.ts";

const END = NOON + 10 * MINUTE;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const phone = deviceOf("phone", "jti", { pairedAt: NOON, expiresAt: NOON + 1000 * MINUTE });

interface World {
  readonly pairing: Pairing;
  readonly clock: { now: number };
  readonly disk: { full: boolean };
}

/** The product over a store in memory; `wait` decides when its changes and answers come. */
async function world(wait: (what: string) => Promise<unknown>): Promise<World> {
  const clock = { now: NOON };
  const disk = { full: false };
  const store = createMemoryStore();
  await store.addInvite({ session: sessionOf("1"), at: NOON, audit: [] });
  await store.acceptInvite({ codeHash: "code-1", device: phone, at: () => NOON, audit: [] });
  const slow = new Proxy(store, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== "function" || name === "noteSeen") return method;
      const changes = !/^(find|list|read)/.test(String(name));
      return async (...input: unknown[]) => {
        await wait(`before ${String(name)}`);
        if (disk.full && changes) throw new PairingError("storage_unavailable");
        const answer = await (method as (...input: unknown[]) => unknown)(...input);
        await wait(`after ${String(name)}`);
        return answer;
      };
    },
  }) as PairingStore;
  const ports = {
    clock: { now: () => clock.now, steady: () => 0, pause: async () => undefined },
    clockWatch: { retentionNow: () => clock.now },
    random: systemRandom,
    digest: systemDigest,
    store: slow,
    sms: createMockSms(() => undefined),
    phoneNumbers: { read: async (typed: string) => ({ e164: typed, possible: true, costly: false, landline: false }) },
    tokens: { issue: async () => "token", ensureSigning: async () => undefined, signingProblem: () => undefined },
    tunnel: { state: () => ({ kind: "off" }) },
    presence: { idleFor: () => undefined },
    changeEvents: createChangeEvents(),
    inboxSignals: createInboxSignals(),
    ...createOneServer({ now: () => clock.now, steady: () => 0 }),
    log: quiet,
  } as unknown as Ports;
  const pairing = createPairing(ports, {
    baseUrl: () => "https://pair.example.com",
    userId: "ada",
    inviteMinutes: 10,
    tokenDays: 30,
    confirm: "never",
    qr: { minutes: 10, otpRequired: true, otpEmbedded: false },
    push: { urgentInQuietHours: true, notAtKeyboard: false },
    smsBudget: { perNumberPerTenMinutes: 100, perNumberPerDay: 100, perDay: 100 },
  });
  return { pairing, clock, disk };
}

const REFUSED: Readonly<Record<string, string>> = {
  approval_expired: "expired",
  approval_cancelled: "cancelled",
  invite_expired: "expired",
  invite_cancelled: "cancelled",
  invite_already_used: "accepted",
};

/** What a caller was answered: a status, or nothing where no answer came. */
async function outcomeOf(answer: Promise<string | undefined>): Promise<string | undefined> {
  return answer.catch((cause: unknown) => {
    if (!(cause instanceof PairingError)) throw cause;
    if (cause.code === "already_decided") return /^This was (\w+) already/.exec(cause.message)?.[1];
    return REFUSED[cause.code];
  });
}

/** Times around the deadline, also in the past: clocks are set back. */
const moment = fc.constantFrom(END - 1000, END - 1, END, END + 1, END + 5000);
const deed = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("clock" as const), to: moment }) },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constantFrom("yes" as const, "no" as const, "cancel" as const, "sweep" as const, "read" as const, "list" as const),
    }),
  },
);
const deeds = fc.array(deed, { minLength: 3, maxLength: 10 });
interface Deed {
  readonly kind: string;
  readonly to?: number;
}

const question = {
  buildId: "build",
  projectName: "Top Dog",
  plan: "deploy",
  affectedFiles: [],
  estimatedDuration: 5,
  expiresAt: END,
};

/** The ways to read and answer an approval. */
async function approvals({ pairing }: World): Promise<(kind: string) => Promise<readonly (string | undefined)[]>> {
  const { approvalId: id } = await pairing.requestApproval({ userId: "ada" }, question, {});
  const decide = async (decision: "approve" | "reject", by: Device | "computer" = "computer") =>
    (await pairing.decideApproval({ approvalId: id, decision }, by, {})).status;
  return async (kind) => {
    if (kind === "yes") return [await outcomeOf(decide("approve", phone))];
    if (kind === "no") return [await outcomeOf(decide("reject"))];
    if (kind === "cancel") return [await outcomeOf(pairing.cancelApproval(id, {}).then(({ status }) => status))];
    if (kind === "sweep") return [await outcomeOf(pairing.expireApprovals().then(() => undefined))];
    if (kind === "read") return [await outcomeOf(pairing.findApproval(id).then(({ status }) => status))];
    const listed = (await pairing.listApprovals()).map(({ status }) => status);
    const { messages } = await pairing.readInbox(phone, 0);
    return [...listed, ...messages.map((message) => ("approval" in message ? message.approval.status : undefined))];
  };
}

async function invites({ pairing }: World): Promise<(kind: string) => Promise<readonly (string | undefined)[]>> {
  const { token: code, otp = "" } = await pairing.openQr({ userId: "ada", userName: "" }, {});
  const accept = async (deviceId: string): Promise<string> => {
    await pairing.acceptInvite(
      { code, method: "qr", otp, deviceId, deviceName: deviceId, deviceType: "ios", osVersion: "", appVersion: "" },
      {},
    );
    return "accepted";
  };
  return async (kind) => {
    if (kind === "yes") return [await outcomeOf(accept("one"))];
    if (kind === "no") return [await outcomeOf(accept("two"))];
    if (kind === "cancel") return [await outcomeOf(pairing.declineInvite(code, {}).then(({ status }) => status))];
    if (kind === "sweep") return [await outcomeOf(pairing.expireDueInvites().then(() => undefined))];
    if (kind === "read")
      return [await outcomeOf(pairing.noteOpened(code)), await outcomeOf(pairing.findInvite(code).then(({ status }) => status))];
    return (await pairing.listSessions()).filter(({ method }) => method === "qr").map(({ status }) => status);
  };
}

describe.each([
  ["an approval", approvals],
  ["an invite", invites],
] as const)("the deadline of %s", (_, begin) => {
  it.each([false, true])("has one answer for every caller, in any order and with any clock (disk full: %s)", async (full) => {
    await fc.assert(
      fc.asyncProperty(deeds, fc.scheduler(), async (script, scheduler) => {
        let holding = false;
        const made = await world(async (what) => (holding ? scheduler.schedule(Promise.resolve(), what) : undefined));
        const attempt = await begin(made);
        const over = new Set<string>();
        const note = (statuses: readonly (string | undefined)[]): void => {
          for (const status of statuses) if (status !== undefined && status !== "pending") over.add(status);
        };
        holding = true;
        made.disk.full = full;
        const perform = async (one: Deed): Promise<void> => {
          await scheduler.schedule(Promise.resolve(), one.kind);
          if (one.to !== undefined) made.clock.now = one.to;
          else note(await attempt(one.kind));
        };
        await scheduler.waitFor(Promise.all(script.map(perform)));
        holding = false;
        // The disk takes changes again, and the clock was set back: earlier answers hold.
        made.disk.full = false;
        for (const kind of ["read", "list", "yes", "no", "read"]) note(await attempt(kind));
        expect([...over]).toHaveLength(1);
      }),
      { numRuns: EVERY_CASE ? 500 : 150 },
    );
  });

  it("is over at the very moment that it names, and not before", async () => {
    for (const [at, answer] of [
      [END - 1, "pending"],
      [END, "expired"],
    ] as const) {
      const made = await world(async () => undefined);
      const attempt = await begin(made);
      made.clock.now = at;
      expect(new Set((await attempt("read")).concat(await attempt("list")))).toEqual(new Set([answer]));
      expect(await attempt("yes")).not.toEqual([at < END ? "expired" : "approved"]);
    }
  });
});

it("a resend makes an invite pending again that was reported expired", async () => {
  const { pairing, clock } = await world(async () => undefined);
  const { code } = await pairing.sendInvite({ phoneNumber: "+14155552671", userId: "ada", userName: "" }, {});
  clock.now = END;
  expect((await pairing.findInvite(code)).status).toBe("expired");
  clock.now = NOON;
  expect((await pairing.findInvite(code)).status).toBe("expired");
  await pairing.resendInvite(code, {});
  expect((await pairing.findInvite(code)).status).toBe("pending");
});
