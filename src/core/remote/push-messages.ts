import type { Caller } from "../audit.ts";
import type { Device } from "../devices/device.ts";
import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { type Instant, SECOND } from "../time.ts";
import type { Approval } from "./approval.ts";
import { isHeldBack } from "./hold-back.ts";
import type { OutboxMessage, Recipient } from "./outbox.ts";
import {
  type PushFailure,
  type PushMessage,
  type PushOutcome,
  type PushSubscription,
  type PushTried,
  pushFailure,
  pushTried,
} from "./push.ts";
import { activePhone } from "./recipients.ts";

type Deps = Pick<Ports, "clock" | "clockWatch" | "digest" | "store" | "push" | "presence" | "tunnel">;

/** The status of notifications on a phone. */
export interface PushStatus {
  /** Absent if something prevents push. */
  readonly publicKey?: string;
  readonly failure?: PushFailure;
  readonly subscribed: boolean;
}

export interface Pushes {
  status(phone: Device): Promise<PushStatus>;
  subscribe(phone: Device, subscription: PushSubscription, caller: Caller): Promise<void>;
  unsubscribe(phone: Device, caller: Caller): Promise<void>;
  /**
   * Pushes a message to its recipients, if it deserves a push and is not held back. `withIt`: approvals that the same push
   * announces. Returns the phones whose push service accepted it.
   */
  wake(message: OutboxMessage, withIt?: readonly OutboxMessage[]): Promise<readonly Recipient[]>;
  /** Pushes to one phone at any hour, and returns the outcome. */
  test(phone: Pick<Device, "userId" | "deviceId">): Promise<PushTried>;
  /** Removes subscriptions of pairings that have ended. Returns the number of phones. */
  dropEnded(): Promise<number>;
}

/** The user of a test watches the phone. */
const TEST_SECONDS = 60;

/** The content of a push. It has no text of a plan or message, since push services and lock screens can show it. */
type Woken = Omit<PushMessage, "subscription">;

/** Notifications that are pushed. The inbox contains all of them. */
export function createPushes(deps: Deps, settings: Pick<PairingSettings, "baseUrl" | "push">): Pushes {
  const failure = (): PushFailure | undefined => {
    const lent = deps.tunnel.state();
    return pushFailure(settings.baseUrl(), lent.kind === "online" ? lent.address : undefined);
  };

  const drop = async ({ userId, deviceId, jti, push }: Device, reason: string): Promise<boolean> =>
    push !== undefined &&
    deps.store.keepSubscription({
      userId,
      deviceId,
      jti,
      insteadOf: push.endpoint,
      at: deps.clock.now(),
      audit: [{ event: "push_unsubscribed", user_id: userId, device_id: deviceId, reason }],
    });

  const wakeOne = async (recipient: Pick<Recipient, "userId" | "deviceId">, woken: Woken): Promise<PushOutcome | undefined> => {
    const phone = await activePhone(deps, recipient);
    return phone?.push && send(phone, phone.push, woken);
  };

  const send = async (phone: Device, subscription: PushSubscription, woken: Woken): Promise<PushOutcome> => {
    const outcome = await deps.push.send({ subscription, ...woken });
    if (outcome.kind === "gone") await drop(phone, "gone");
    return outcome;
  };

  return {
    async status({ push }) {
      const inTheWay = failure();
      if (inTheWay) return { failure: inTheWay, subscribed: push !== undefined };
      return { publicKey: await deps.push.publicKey(), subscribed: push !== undefined };
    },

    async subscribe({ userId, deviceId, jti, push }, subscription, caller) {
      const inTheWay = failure();
      if (inTheWay) throw new PairingError("push_unavailable", { params: { reason: inTheWay } });
      const fault = deps.push.examine(subscription);
      if (fault === "service") throw new PairingError("push_service_not_allowed");
      if (fault === "keys") {
        throw new PairingError("invalid_request", { fields: [{ field: "keys.p256dh", message: "must be a point of the curve P-256" }] });
      }
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
    },

    async unsubscribe({ userId, deviceId, jti, push }, caller) {
      if (!push) return;
      await deps.store.keepSubscription({
        userId,
        deviceId,
        jti,
        at: deps.clock.now(),
        audit: [{ event: "push_unsubscribed", user_id: userId, device_id: deviceId, ...caller }],
      });
    },

    async wake(message, withIt = []) {
      const woken = withIt.length === 0 ? await wakingWords(deps, message) : await burstWords(deps, [message, ...withIt]);
      if (!woken || isHeldBack(deps, settings.push, woken.urgency === "high")) return [];
      const outcomes = await Promise.all(message.to.map(async (recipient) => wakeOne(recipient, woken)));
      return message.to.filter((_, index) => outcomes[index]?.kind === "accepted");
    },

    async test(phone) {
      const woken = {
        body: JSON.stringify({ kind: "test" }),
        validSeconds: TEST_SECONDS,
        urgency: "high",
        topic: topicOf(deps, "test"),
      } as const;
      return pushTried(await wakeOne(phone, woken), failure());
    },

    async dropEnded() {
      const now = deps.clockWatch.retentionNow();
      const ended = await deps.store.listEndedSubscriptions(now);
      const dropped = await Promise.all(ended.map(async (phone) => drop(phone, "expired")));
      return dropped.filter(Boolean).length;
    },
  };
}

/** For several approvals: how many are still pending. A single one is announced by itself. */
async function burstWords(deps: Deps, messages: readonly OutboxMessage[]): Promise<Woken | undefined> {
  const now = deps.clock.now();
  const waiting: { readonly message: OutboxMessage; readonly approval: Approval }[] = [];
  for (const message of messages) {
    const approval = message.content.type === "approval_request" ? await deps.store.findApproval(message.content.approvalId) : undefined;
    if (approval?.status === "pending") waiting.push({ message, approval });
  }
  const [first, another] = waiting;
  if (!first || !another) return first && wakingWords(deps, first.message);
  const projects = new Set(waiting.map(({ approval }) => approval.projectName));
  const [project = ""] = projects.size === 1 ? projects : [];
  return {
    body: JSON.stringify({ kind: "approvals_pending", count: waiting.length, project }),
    validSeconds: secondsUntil(Math.max(...waiting.map(({ approval }) => approval.expiresAt)), now),
    urgency: "high",
    topic: topicOf(deps, "approvals"),
  };
}

/** `undefined`: it is not pushed. */
async function wakingWords(deps: Deps, { messageId, content, expiresAt }: OutboxMessage): Promise<Woken | undefined> {
  const now = deps.clock.now();
  if (content.type === "approval_request") {
    const approval = await deps.store.findApproval(content.approvalId);
    if (approval?.status !== "pending") return undefined;
    const { approvalId: id, projectName: project } = approval;
    return {
      body: JSON.stringify({ kind: "approval_pending", id, project }),
      validSeconds: secondsUntil(approval.expiresAt, now),
      urgency: "high",
      topic: topicOf(deps, id),
    };
  }
  if (content.type !== "notification") return undefined;
  const { priority, projectName: project, status, buildId } = content.build;
  if (priority !== "high" && priority !== "critical") return undefined;
  return {
    body: JSON.stringify({ kind: `build_${status}`, id: messageId, project }),
    validSeconds: secondsUntil(expiresAt, now),
    urgency: priority === "critical" ? "high" : "normal",
    // Notifications of the same build replace unseen ones.
    topic: topicOf(deps, `${project} ${buildId}`),
  };
}

function secondsUntil(end: Instant, now: Instant): number {
  return Math.max(0, Math.floor((end - now) / SECOND));
}

function topicOf({ digest }: Pick<Ports, "digest">, text: string): string {
  return digest.sha256(text).slice(0, 32);
}
