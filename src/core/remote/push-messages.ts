import type { Caller } from "../audit.ts";
import type { Device } from "../devices/device.ts";
import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { type Instant, SECOND } from "../time.ts";
import { approvalStatus } from "./approval.ts";
import { isHeldBack } from "./hold-back.ts";
import type { OutboxMessage, Recipient } from "./outbox.ts";
import {
  PUSH_TROUBLES,
  type PushMessage,
  type PushOutcome,
  type PushSubscription,
  type PushTried,
  type PushTrouble,
  pushTried,
  pushTrouble,
} from "./push.ts";
import { activePhone } from "./recipients.ts";

type Needs = Pick<Ports, "clock" | "digest" | "store" | "push" | "presence" | "tunnel">;

/** How notifications stand on a phone. */
export interface PushStanding {
  /** Absent where something is in the way. */
  readonly publicKey?: string;
  readonly trouble?: PushTrouble;
  readonly subscribed: boolean;
}

export interface Pushes {
  standing(phone: Device): Promise<PushStanding>;
  subscribe(phone: Device, subscription: PushSubscription, caller: Caller): Promise<void>;
  unsubscribe(phone: Device, caller: Caller): Promise<void>;
  /** Wakes the phones that a message was sent to, where it is worth it and not held back. Answers those whose push service has taken it. */
  wake(message: OutboxMessage): Promise<readonly Recipient[]>;
  /** Wakes one phone whatever the hour, and says what came of it. */
  test(phone: Pick<Device, "userId" | "deviceId">): Promise<PushTried>;
  /** Takes away what belongs to pairings that have ended. Answers of how many phones. */
  dropEnded(): Promise<number>;
}

/** Who waits for a test looks at the phone. */
const TEST_SECONDS = 60;

/** What wakes a phone: no word of a plan or a message, since it lies with a push service and on a lock screen. */
type Woken = Omit<PushMessage, "subscription">;

/** Notifications that wake a phone whose inbox is closed. The inbox has everything all the same. */
export function createPushes(needs: Needs, settings: Pick<PairingSettings, "baseUrl" | "push">): Pushes {
  const trouble = (): PushTrouble | undefined => {
    const lent = needs.tunnel.state();
    return pushTrouble(settings.baseUrl(), lent.kind === "online" ? lent.address : undefined);
  };

  const drop = async ({ userId, deviceId, jti, push }: Device, reason: string): Promise<boolean> =>
    push !== undefined &&
    needs.store.keepSubscription({
      userId,
      deviceId,
      jti,
      insteadOf: push.endpoint,
      at: needs.clock.now(),
      audit: [{ event: "push_unsubscribed", user_id: userId, device_id: deviceId, reason }],
    });

  const wakeOne = async (recipient: Pick<Recipient, "userId" | "deviceId">, woken: Woken): Promise<PushOutcome | undefined> => {
    const phone = await activePhone(needs, recipient);
    return phone?.push && send(phone, phone.push, woken);
  };

  const send = async (phone: Device, subscription: PushSubscription, woken: Woken): Promise<PushOutcome> => {
    const outcome = await needs.push.send({ subscription, ...woken });
    if (outcome.kind === "gone") await drop(phone, "gone");
    return outcome;
  };

  return {
    async standing({ push }) {
      const inTheWay = trouble();
      if (inTheWay) return { trouble: inTheWay, subscribed: push !== undefined };
      return { publicKey: await needs.push.publicKey(), subscribed: push !== undefined };
    },

    async subscribe({ userId, deviceId, jti, push }, subscription, caller) {
      const inTheWay = trouble();
      if (inTheWay) throw new PairingError("push_unavailable", { sentence: PUSH_TROUBLES[inTheWay] });
      const fault = needs.push.examine(subscription);
      if (fault === "service") throw new PairingError("push_service_not_allowed");
      if (fault === "keys") {
        throw new PairingError("invalid_request", { fields: [{ field: "keys.p256dh", message: "must be a point of the curve P-256" }] });
      }
      const kept = await needs.store.keepSubscription({
        userId,
        deviceId,
        jti,
        subscription,
        at: needs.clock.now(),
        // A browser says the same again at each visit, and may change its address by itself.
        audit: push ? [] : [{ event: "push_subscribed", user_id: userId, device_id: deviceId, ...caller }],
      });
      if (!kept) throw new PairingError("token_revoked");
    },

    async unsubscribe({ userId, deviceId, jti, push }, caller) {
      if (!push) return;
      await needs.store.keepSubscription({
        userId,
        deviceId,
        jti,
        at: needs.clock.now(),
        audit: [{ event: "push_unsubscribed", user_id: userId, device_id: deviceId, ...caller }],
      });
    },

    async wake(message) {
      const woken = await wakingWords(needs, message);
      if (!woken || isHeldBack(needs, settings.push, woken.urgency === "high")) return [];
      const outcomes = await Promise.all(message.to.map(async (recipient) => wakeOne(recipient, woken)));
      return message.to.filter((_, index) => outcomes[index]?.kind === "accepted");
    },

    async test(phone) {
      const woken = {
        body: JSON.stringify({ kind: "test" }),
        validSeconds: TEST_SECONDS,
        urgency: "high",
        topic: topicOf(needs, "test"),
      } as const;
      return pushTried(await wakeOne(phone, woken), trouble());
    },

    async dropEnded() {
      const now = needs.clock.now();
      const ended = await needs.store.listEndedSubscriptions(now);
      const dropped = await Promise.all(ended.map(async (phone) => drop(phone, "expired")));
      return dropped.filter(Boolean).length;
    },
  };
}

/** `undefined`: it wakes nobody. */
async function wakingWords(needs: Needs, { messageId, content, expiresAt }: OutboxMessage): Promise<Woken | undefined> {
  const now = needs.clock.now();
  if (content.type === "approval_request") {
    const approval = await needs.store.findApproval(content.approvalId);
    if (!approval || approvalStatus(approval, now) !== "pending") return undefined;
    const { approvalId: id, projectName: project } = approval;
    return {
      body: JSON.stringify({ kind: "approval_pending", id, project }),
      validSeconds: secondsUntil(approval.expiresAt, now),
      urgency: "high",
      topic: topicOf(needs, id),
    };
  }
  if (content.type !== "notification") return undefined;
  const { priority, projectName: project, status, buildId } = content.build;
  if (priority !== "high" && priority !== "critical") return undefined;
  return {
    body: JSON.stringify({ kind: `build_${status}`, id: messageId, project }),
    validSeconds: secondsUntil(expiresAt, now),
    urgency: priority === "critical" ? "high" : "normal",
    // News of the same build takes the place of what nobody has seen yet.
    topic: topicOf(needs, `${project} ${buildId}`),
  };
}

function secondsUntil(end: Instant, now: Instant): number {
  return Math.max(0, Math.floor((end - now) / SECOND));
}

function topicOf({ digest }: Pick<Ports, "digest">, text: string): string {
  return digest.sha256(text).slice(0, 32);
}
