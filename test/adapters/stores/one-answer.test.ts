import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../../../src/adapters/stores/memory/memory-store.ts";
import { MINUTE, type PairingStore } from "../../../src/core/index.ts";
import { deliveryOf, deviceOf, entry, inviteOf, NOON, sessionOf } from "../../contracts/pairing-store.ts";
import { EVERY_CASE } from "../../sampled.ts";
import { auditLines, crashCopy, everything, freshFolder, openIn } from "./folder.ts";

interface Move {
  readonly name:
    | "add"
    | "accept"
    | "cancel"
    | "renew"
    | "failed"
    | "restore"
    | "expire"
    | "rename"
    | "suspend"
    | "revoke"
    | "forget"
    | "audit";
  readonly invite: number;
  readonly user: number;
  readonly phone: number;
}

const small = fc.nat({ max: 3 });
const move = fc.record<Move>({
  name: fc.constantFrom(
    "add",
    "add",
    "accept",
    "accept",
    "cancel",
    "renew",
    "failed",
    "restore",
    "expire",
    "rename",
    "suspend",
    "revoke",
    "forget",
    "audit",
  ),
  invite: fc.nat({ max: 5 }),
  user: fc.nat({ max: 1 }),
  phone: fc.nat({ max: 2 }),
});
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("at once" as const), moves: fc.array(move, { minLength: 1, maxLength: 6 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("seen" as const), phone: small, token: fc.nat({ max: 60 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("stop" as const, "crash" as const) }) },
  ),
  { minLength: 1, maxLength: 25 },
);
const budget = { perNumberPerTenMinutes: 3, perNumberPerDay: 6, perDay: 9 };

/** `tick` numbers the moves, so that two stores with the same moves get the same changes. */
async function make(store: PairingStore, { name, invite, user, phone }: Move, tick: number): Promise<unknown> {
  const at = NOON + tick * MINUTE;
  const codeHash = `code-${invite}`;
  const userId = `user-${user}`;
  const deviceId = `phone-${phone}`;
  const audit = [entry("admin_denied", { reason: `${name} ${tick}` })];
  const session = sessionOf(String(invite), {
    userId,
    createdAt: at,
    expiresAt: at + 15 * MINUTE,
    phoneNumber: `+1415555010${invite % 2}`,
  });
  switch (name) {
    case "add":
      return store.addInvite({ ...inviteOf(session), budget, at, audit });
    case "accept":
      return store.acceptInvite({
        codeHash,
        device: deviceOf(deviceId, `jti-${tick}`, { userId, sessionId: `session-${invite}`, pairedAt: at, lastSeen: at }),
        at: () => at,
        audit,
      });
    case "cancel":
      return store.cancelInvite({ codeHash, at: () => at, audit });
    case "renew":
      return store.renewInvite({
        codeHash,
        expiresAt: at + 15 * MINUTE,
        budget,
        waits: [],
        baseUrl: `https://${tick}.example.com`,
        at,
        audit,
      });
    case "failed":
      return store.noteDelivery({
        textId: session.textId ?? "",
        send: 1,
        delivery: deliveryOf("failed"),
        outcome: { kind: "cancel" },
        at,
        audit,
      });
    case "restore":
      return store.noteDelivery({
        textId: session.textId ?? "",
        send: 1,
        delivery: deliveryOf("failed"),
        outcome: { kind: "restore", before: session },
        at,
        audit,
      });
    case "expire":
      return store.expireDue(at);
    case "rename":
      return store.updateDevice({ userId, deviceId, set: { deviceName: `Phone ${tick}` }, at, audit });
    case "suspend":
      return store.updateDevice({ userId, deviceId, set: { status: tick % 2 === 0 ? "suspended" : "active" }, at, audit });
    case "revoke":
      return store.revokeDevice({ userId, deviceId, at, audit });
    case "forget":
      return store.forget({ devices: [{ userId, deviceId }], sessions: [{ codeHash }], retentionNow: at, at, audit });
    case "audit":
      return store.appendAudit(at, entry("voice_command", { reason: String(tick) }));
  }
}

describe("memory and files", () => {
  it("give the same answers to any changes, also over stops and crashes", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const memory = createMemoryStore();
        let folder = freshFolder();
        let files = await openIn(folder);
        let tick = 0;
        const tokenIds: string[] = [];
        for (const step of script) {
          if (step.kind === "seen") {
            // Only a clean stop is certain to store this, so it is followed by one.
            const device = (await memory.listDevices())[step.phone];
            if (!device) continue;
            for (const store of [memory, files]) store.noteSeen({ ...device, jti: `jti-${step.token}` }, NOON + 1000 * MINUTE + step.token);
          }
          if (step.kind === "at once") {
            const first = tick;
            const answers = await Promise.all(
              [memory, files].map(async (store) =>
                Promise.allSettled(step.moves.map(async (one, index) => make(store, one, first + index))),
              ),
            );
            const [expected, actual] = answers.map((all) => all.map((one) => (one.status === "fulfilled" ? one.value : "refused")));
            expect(actual).toEqual(expected);
            for (tick = first; tick < first + step.moves.length; tick += 1) tokenIds.push(`jti-${tick}`);
          }
          if (step.kind === "stop" || step.kind === "seen") {
            await files.close();
            files = await openIn(folder);
          }
          if (step.kind === "crash") {
            const copy = crashCopy(folder);
            await files.close();
            folder = copy;
            files = await openIn(folder);
          }
          expect(await everything(files, tokenIds)).toEqual(await everything(memory, tokenIds));
        }
        await files.close();
        expect(auditLines(folder)).toEqual(memory.auditLines());
      }),
      { numRuns: EVERY_CASE ? 60 : 20, seed: 20260115 },
    );
  });
});
