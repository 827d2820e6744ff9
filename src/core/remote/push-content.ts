import type { Ports } from "../ports.ts";
import { type Instant, SECOND } from "../time.ts";
import type { Approval } from "./approval.ts";
import type { OutboxMessage } from "./outbox.ts";
import type { PushMessage } from "./push.ts";

type Deps = Pick<Ports, "clock" | "digest" | "store">;

/** The content of a push. It has no text of a plan or message, since push services and lock screens can show it. */
export type PushContent = Omit<PushMessage, "subscription">;

/** The user of a test watches the phone. */
const TEST_SECONDS = 60;

export function testContent(deps: Pick<Ports, "digest">): PushContent {
  return { body: JSON.stringify({ kind: "test" }), validSeconds: TEST_SECONDS, urgency: "high", topic: topicOf(deps, "test") };
}

/** For several approvals: how many are still pending. A single one is announced by itself. */
export async function burstContent(deps: Deps, messages: readonly OutboxMessage[]): Promise<PushContent | undefined> {
  const now = deps.clock.now();
  const waiting: { readonly message: OutboxMessage; readonly approval: Approval }[] = [];
  for (const message of messages) {
    const approval = message.content.type === "approval_request" ? await deps.store.findApproval(message.content.approvalId) : undefined;
    if (approval?.status === "pending") waiting.push({ message, approval });
  }
  const [first, another] = waiting;
  if (!first || !another) return first && messageContent(deps, first.message);
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
export async function messageContent(deps: Deps, { messageId, content, expiresAt }: OutboxMessage): Promise<PushContent | undefined> {
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
  const { priority, projectName: project, status, buildId, alert } = content.build;
  if (priority !== "high" && priority !== "critical") return undefined;
  return {
    body: JSON.stringify({ kind: alert ? "alert" : `build_${status}`, id: messageId, project }),
    validSeconds: secondsUntil(expiresAt, now),
    urgency: priority === "critical" ? "high" : "normal",
    // Notifications of the same build replace unseen ones.
    topic: topicOf(deps, `${project} ${buildId} ${alert ?? ""}`),
  };
}

function secondsUntil(end: Instant, now: Instant): number {
  return Math.max(0, Math.floor((end - now) / SECOND));
}

function topicOf({ digest }: Pick<Ports, "digest">, text: string): string {
  return digest.sha256(text).slice(0, 32);
}
