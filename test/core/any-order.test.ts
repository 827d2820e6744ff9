import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOneServer } from "../../src/adapters/shared/one-server.ts";
import { createMockSms } from "../../src/adapters/sms/mock.ts";
import { createMemoryStore } from "../../src/adapters/stores/memory/memory-store.ts";
import { createChangeEvents } from "../../src/adapters/system/change-events.ts";
import { systemDigest } from "../../src/adapters/system/digest.ts";
import { createInboxSignals } from "../../src/adapters/system/inbox-signals.ts";
import { systemRandom } from "../../src/adapters/system/random.ts";
import { createReach } from "../../src/adapters/system/reach.ts";
import { createPairing, statusOf as inviteStatusOf, MINUTE, type Pairing, PairingError, type Ports } from "../../src/core/index.ts";
import { paired } from "../paired.ts";
import { BEGINNING, type Deed, type Outcome, orderOf, PASSES, type Seen, seenIn, someDeeds, step, TRIED_BEFORE } from "../pairing-model.ts";
import { createPlainTokens } from "../plain-tokens.ts";
import { EVERY_CASE } from "../sampled.ts";

const NOON = Date.UTC(2026, 0, 15, 12);
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

const unasked = (): never => {
  throw new Error("nobody asks how text messages are set up here");
};

interface World {
  readonly begin: () => Promise<void>;
  readonly attempt: (deed: Deed) => Promise<Outcome>;
  readonly inspect: () => Promise<Seen>;
  readonly audit: () => readonly { readonly event: string; readonly seq: number }[];
}

/** The product over a store in memory; `wait` decides when it continues after each answer of a port. */
function world(wait: (what: string) => Promise<unknown>): World {
  let now = NOON;
  let holding = false;
  const held = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name, receiver) {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== "function" || name === "noteSeen") return method;
        return async (...input: unknown[]) => {
          // As with a disk: the decision is made, and the answer comes later.
          const answer = await (method as (...input: unknown[]) => unknown)(...input);
          if (holding) await wait(String(name));
          return answer;
        };
      },
    });
  const store = createMemoryStore();
  const sms = createMockSms(() => undefined);
  const ports: Ports = {
    clock: { now: () => now, steady: () => now, pause: async () => undefined },
    clockWatch: { retentionNow: () => now },
    random: systemRandom,
    digest: systemDigest,
    store: held(store),
    sms,
    smsSetup: { read: unasked, save: unasked, tryConnection: unasked },
    hostSettings: { list: unasked, save: unasked, check: unasked },
    adminToken: { status: unasked, read: unasked, keep: unasked, drop: unasked },
    pageMemory: { welcome: unasked, keepWelcome: unasked },
    reach: createReach(),
    reachabilitySetup: { read: unasked, save: unasked },
    tunnel: { state: unasked, start: unasked, stop: unasked },
    phoneNumbers: { read: async (typed) => ({ e164: typed, possible: true, costly: false, landline: false, mayBeIn: ["US"] }) },
    tokens: held(createPlainTokens()),
    presence: { idleFor: unasked },
    push: { publicKey: unasked, examine: unasked, send: unasked },
    secretPlace: { status: unasked, retry: unasked, moveTo: unasked },
    changeEvents: createChangeEvents(),
    inboxSignals: createInboxSignals(),
    ...createOneServer({ now: () => now, steady: () => now }),
    log: quiet,
  };
  const pairing: Pairing = createPairing(
    // Calls without a provider are answered at once.
    { ...ports, sms: { ...sms, send: held(sms).send } },
    {
      baseUrl: () => "https://pair.example.com",
      userId: "ada",
      inviteMinutes: 15,
      tokenDays: 30,
      confirm: "never",
      qr: { minutes: 5, otpRequired: true, otpEmbedded: false },
      push: { urgentInQuietHours: true, notAtKeyboard: false },
      smsBudget: { perNumberPerTenMinutes: 100, perNumberPerDay: 100, perDay: 100 },
    },
  );
  const codes: string[] = [];
  const tokens: (Set<string> | undefined)[] = [undefined, undefined, undefined];
  let otp = "";

  const accept = async (invite: number, deviceId: string, more: object): Promise<undefined> => {
    const answer = await pairing.acceptInvite(
      {
        code: codes[invite]!,
        method: invite === 2 ? "qr" : "sms",
        deviceId,
        deviceName: deviceId,
        deviceType: "ios",
        osVersion: "",
        appVersion: "",
        ...more,
      },
      {},
    );
    tokens[invite] = (tokens[invite] ?? new Set()).add(paired(answer).token.replace(/^\{"kid":\d+/, ""));
  };
  const invited = async (): Promise<string> =>
    (await pairing.sendInvite({ phoneNumber: "+14155552671", userId: "ada", userName: "" }, {})).code;
  const wrongOtp = (): string => (otp === "000000" ? "111111" : "000000");

  const perform = async (deed: Deed): Promise<Outcome | undefined> => {
    switch (deed.kind) {
      case "accept":
        return accept(deed.invite, deed.device, deed.key === undefined ? {} : { idempotencyKey: deed.key });
      case "pair":
        return accept(2, deed.device, { otp: deed.otp === "right" ? otp : wrongOtp() });
      case "decline":
        await pairing.declineInvite(codes[deed.invite]!, {});
        return undefined;
      case "cancel":
        await pairing.cancelInvite(codes[deed.invite]!, {});
        return undefined;
      case "resend":
        await pairing.resendInvite(codes[deed.invite]!, {});
        return undefined;
      case "revoke":
        await pairing.revokeDevice({ deviceId: deed.device }, {});
        return undefined;
      case "suspend":
        await pairing.suspendDevice({ deviceId: deed.device }, {});
        return undefined;
      case "reactivate":
        await pairing.reactivateDevice({ deviceId: deed.device }, {});
        return undefined;
      case "expire":
        now += PASSES * MINUTE;
        await wait("the sweep");
        await pairing.expireDueInvites();
        return undefined;
      case "revoke-all":
        return String(await pairing.revokeAllDevices({}, {}));
      case "rotate":
        await pairing.rotateKey({});
        return undefined;
      default:
        return deed satisfies never;
    }
  };
  const outcomeOf = async (work: Promise<Outcome | undefined>): Promise<Outcome> =>
    work.then(
      (outcome) => outcome ?? "ok",
      (thrown: unknown) => {
        if (thrown instanceof PairingError) return thrown.code;
        throw thrown;
      },
    );

  return {
    async begin() {
      codes.push(await invited());
      await accept(0, "a", {});
      codes[0] = await invited();
      tokens[0] = undefined;
      codes.push(await invited());
      const qr = await pairing.openQr({ userId: "ada", userName: "" }, {});
      codes.push(qr.token);
      otp = qr.otp ?? "";
      for (let tried = 0; tried < TRIED_BEFORE; tried += 1) await outcomeOf(perform({ kind: "pair", otp: "wrong", device: "b" }));
      holding = true;
    },
    attempt: async (deed) => {
      await wait(deed.kind);
      return outcomeOf(perform(deed));
    },
    async inspect() {
      holding = false;
      const devices = await pairing.listDevices();
      const statusOf = (name: string): string => devices.find(({ deviceId }) => deviceId === name)?.status ?? "none";
      return {
        invites: await Promise.all(codes.map(async (code) => inviteStatusOf(await pairing.findInvite(code), now))),
        devices: { a: statusOf("a"), b: statusOf("b") },
        tokens: await Promise.all(
          tokens.map(async (brought) => {
            if (!brought) return undefined;
            // One winner: all who got a token by this invite got the same one.
            const [token, ...others] = brought;
            expect(others).toEqual([]);
            return outcomeOf(pairing.authenticateDevice(`{"kid":0${token}`).then(() => undefined));
          }),
        ),
      };
    },
    audit: () => store.auditLines() as readonly { readonly event: string; readonly seq: number }[],
  };
}

describe("what is done at the same time", () => {
  it("comes out as if it had been done one after the other", async () => {
    await fc.assert(
      fc.asyncProperty(someDeeds, fc.scheduler(), async (deeds, scheduler) => {
        const { audit, attempt, begin, inspect } = world((what) => scheduler.schedule(Promise.resolve(), what));
        await begin();
        const before = audit().length;
        const outcomes = await scheduler.waitFor(Promise.all(deeds.map(attempt)));
        const seen = await inspect();
        if (!orderOf(deeds, outcomes, seen)) expect({ outcomes, seen }).toBe(`those of ${JSON.stringify(deeds)} in some order`);
        // Every success has its audit line; failures have none, except a wrong password.
        const lines = audit().slice(before);
        const done = (...kinds: Deed["kind"][]): number =>
          deeds.filter(({ kind }, index) => kinds.includes(kind) && outcomes[index] === "ok").length;
        const written = (event: string): number => lines.filter((line) => line.event === event).length;
        expect(audit().map(({ seq }) => seq)).toEqual(audit().map((_, index) => index + 1));
        expect([written("decline_invite"), written("resend_sms_invite"), written("suspend_device"), written("otp_failed")]).toEqual([
          done("decline"),
          done("resend"),
          done("suspend"),
          outcomes.filter((outcome) => outcome === "otp_invalid").length,
        ]);
        // A second success of the same invite repeats the first one's answer.
        expect(written("accept_invite")).toBe(seen.tokens.slice(0, 2).filter(Boolean).length);
        expect(written("pair_device")).toBe(seen.tokens[2] === undefined ? 0 : 1);
      }),
      { numRuns: EVERY_CASE ? 2000 : 500 },
    );
  }, 600_000);

  it("would be noticed when it did not", () => {
    const deeds: Deed[] = [
      { kind: "accept", invite: 0, device: "b", key: undefined },
      { kind: "cancel", invite: 0 },
    ];
    const [accepted] = step(BEGINNING, deeds[0]!);
    const seen = seenIn(accepted);
    expect(orderOf(deeds, ["ok", "invite_already_used"], seen)).toEqual(deeds);
    for (const [outcomes, what] of [
      [["ok", "ok"], seen],
      [["invite_cancelled", "invite_already_used"], seen],
      [["ok", "invite_already_used"], { ...seen, invites: ["cancelled", "pending", "pending"] }],
      [["ok", "invite_already_used"], { ...seen, devices: { a: "active", b: "none" } }],
    ] as const)
      expect(orderOf(deeds, outcomes, what)).toBeUndefined();
  });
});
