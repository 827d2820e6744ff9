import { present } from "../../base/present.ts";
import type { Caller } from "../audit.ts";
import type { Device } from "../devices/device.ts";
import type { Level } from "../devices/level.ts";
import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { isHeldBack } from "./hold-back.ts";
import { levelOfMessage, type OutboxMessage, type Recipient } from "./outbox.ts";
import { type PushFailure, type PushOutcome, type PushSubscription, type PushTried, pushFailure, pushTried } from "./push.ts";
import { burstContent, messageContent, type PushContent, testContent } from "./push-content.ts";
import { activePhone } from "./recipients.ts";

type Deps = Pick<Ports, "clock" | "clockWatch" | "digest" | "store" | "push" | "presence" | "tunnel">;

/** The status of notifications on a phone. */
export interface PushStatus {
  /** Absent if something prevents push. */
  readonly publicKey?: string;
  readonly failure?: PushFailure;
  readonly subscribed: boolean;
}

/** Notifications that are pushed. The inbox contains all of them. */
export function createPushes(deps: Deps, settings: Pick<PairingSettings, "baseUrl" | "push">) {
  const failure = (): PushFailure | undefined => {
    const lent = deps.tunnel.state();
    return pushFailure(settings.baseUrl(), lent.kind === "online" ? lent.address : undefined);
  };

  return {
    async status({ push }: Device): Promise<PushStatus> {
      const inTheWay = failure();
      if (inTheWay) return { failure: inTheWay, subscribed: push !== undefined };
      return { publicKey: await deps.push.publicKey(), subscribed: push !== undefined };
    },

    async subscribe(phone: Device, subscription: PushSubscription, caller: Caller): Promise<void> {
      const inTheWay = failure();
      if (inTheWay) throw new PairingError("push_unavailable", { params: { reason: inTheWay } });
      await subscribe(deps, phone, subscription, caller);
    },

    async unsubscribe(phone: Device, caller: Caller): Promise<void> {
      if (phone.push) await dropSubscription(deps, phone, caller);
    },

    /**
     * Pushes a message to its recipients, if it deserves a push and is not held back. `withIt`: approvals that the same push
     * announces. Returns the phones whose push service accepted it.
     */
    async wake(message: OutboxMessage, withIt: readonly OutboxMessage[] = []): Promise<readonly Recipient[]> {
      const content = withIt.length === 0 ? await messageContent(deps, message) : await burstContent(deps, [message, ...withIt]);
      if (!content || isHeldBack(deps, settings.push, content.urgency === "high")) return [];
      const least = levelOfMessage(message.content);
      const outcomes = await Promise.all(message.to.map(async (recipient) => wakeOne(deps, recipient, content, least)));
      return message.to.filter((_, index) => outcomes[index]?.kind === "accepted");
    },

    /** Pushes to one phone at any hour, and returns the outcome. */
    async test(phone: Pick<Device, "userId" | "deviceId">): Promise<PushTried> {
      return pushTried(await wakeOne(deps, phone, testContent(deps), "view"), failure());
    },

    /** Removes subscriptions of pairings that have ended. Returns the number of phones. */
    async dropEnded(): Promise<number> {
      const now = deps.clockWatch.retentionNow();
      const ended = await deps.store.listEndedSubscriptions(now);
      const dropped = await Promise.all(ended.map(async (phone) => dropEndpoint(deps, phone, "expired")));
      return dropped.filter(Boolean).length;
    },
  };
}

export type Pushes = ReturnType<typeof createPushes>;

async function wakeOne(
  deps: Deps,
  to: Pick<Recipient, "userId" | "deviceId">,
  content: PushContent,
  least: Level,
): Promise<PushOutcome | undefined> {
  const phone = await activePhone(deps, to, least);
  if (!phone?.push) return undefined;
  const outcome = await deps.push.send({ subscription: phone.push, ...content });
  if (outcome.kind === "gone") await dropEndpoint(deps, phone, "gone");
  return outcome;
}

async function subscribe(deps: Deps, phone: Device, subscription: PushSubscription, caller: Caller): Promise<void> {
  const fault = deps.push.examine(subscription);
  if (fault === "service") throw new PairingError("push_service_not_allowed");
  if (fault === "keys") {
    throw new PairingError("invalid_request", { fields: [{ field: "keys.p256dh", message: "must be a point of the curve P-256" }] });
  }
  const { userId, deviceId, jti, push } = phone;
  const saved = await deps.store.keepSubscription({
    userId,
    deviceId,
    jti,
    subscription,
    at: deps.clock.now(),
    // Browsers repeat their subscription at each visit, and can change its address by themselves.
    audit: push ? [] : [{ event: "push_subscribed", user_id: userId, device_id: deviceId, ...caller }],
  });
  if (!saved) throw new PairingError("token_revoked");
}

/** Drops what the push service ended, unless the phone has subscribed anew since. */
async function dropEndpoint(deps: Deps, phone: Device, reason: string): Promise<boolean> {
  return phone.push !== undefined && dropSubscription(deps, phone, { reason }, phone.push.endpoint);
}

async function dropSubscription(
  { store, clock }: Deps,
  { userId, deviceId, jti }: Device,
  why: Caller | { readonly reason: string },
  insteadOf?: string,
): Promise<boolean> {
  const audit = [{ event: "push_unsubscribed" as const, user_id: userId, device_id: deviceId, ...why }];
  return store.keepSubscription({ userId, deviceId, jti, at: clock.now(), audit, ...present({ insteadOf }) });
}
