import { present } from "../base/present.ts";
import { isAtLeast } from "../contract/operations/operation.ts";
import type { AnswerOf, InputOf } from "../contract/operations.ts";
import { type Approval, type Decision, isoSeconds, PairingError, SECOND } from "../core/index.ts";
import { say } from "../words/say.ts";
import { asking, type Handlers } from "./handlers.ts";
import { readPage } from "./lists.ts";
import { choiceOf, deliveriesBody, withDeviceNames } from "./notifications.ts";

const DEFAULT_LIST_PAGE = 200;

/** The operations on approvals and notifications that only the settings page uses. */
export type RemoteAdminOperation = "listApprovals" | "decideAtComputer" | "listNotifications";

/** Questions that an IDE asks a person, and the decisions. */
export const APPROVAL_HANDLERS: Handlers<
  "requestApproval" | "approvalStatus" | "cancelApproval" | "decideApproval" | "decideAtComputer" | "listApprovals"
> = {
  async requestApproval({ pairing }, asked, { caller }) {
    const { approvalId, contentSha256, matchNumber } = await pairing.requestApproval(
      choiceOf(asked),
      {
        requestedBy: asked.requested_by,
        buildId: asked.build_id,
        projectName: asked.project_name,
        plan: asked.plan,
        affectedFiles: asked.affected_files,
        estimatedDuration: asked.estimated_duration,
        risk: asked.risk,
        expiresAt: Date.parse(asked.requires_approval_by),
      },
      caller,
    );
    return {
      message: say("server.approvalSent"),
      approval_id: approvalId,
      content_sha256: contentSha256,
      status: "pending",
      ...present({ match_number: matchNumber }),
    };
  },

  async approvalStatus({ pairing, polls }, { approval_id, wait }, { signal }) {
    const { expiresAt } = await pairing.findApproval(approval_id);
    const approval = await polls.wait<Approval>({
      read: () => pairing.findApproval(approval_id),
      enough: (read) => read.status !== "pending",
      // It expires by the clock alone, without a change event.
      milliseconds: Math.min(wait * SECOND, expiresAt - pairing.now()),
      listen: (listener) => pairing.listen((item) => item === "approvals" && listener()),
      signal,
    });
    return approvalAnswer(approval);
  },

  cancelApproval: async ({ pairing }, { approval_id }, { caller }) => approvalAnswer(await pairing.cancelApproval(approval_id, caller)),

  decideApproval: async ({ pairing }, decision, context) =>
    approvalAnswer(await pairing.decideApproval(decisionOf(decision), asking(context), context.caller)),

  async decideAtComputer({ pairing, settings }, decision, { caller, callerClass }) {
    if (settings.inUse().answersAtComputer === "never") throw new PairingError("answers_on_phones_only");
    return approvalAnswer(await pairing.decideApproval(decisionOf(decision), callerClass === "admin" ? "admin" : "computer", caller));
  },

  async listApprovals({ pairing }, { limit = DEFAULT_LIST_PAGE, after, q, status, user_id }, { callerClass }) {
    // A program learns the number of what it asks, and of nothing else.
    const isShown = isAtLeast(callerClass, "window");
    const filter = { text: q, statuses: status, userId: user_id };
    const { items, next } = await readPage("approvals", { limit, after }, async (part) => pairing.pageOfApprovals({ ...part, filter }));
    const approvals = await Promise.all(
      items.map(async (approval) => {
        const [found, texts] = await Promise.all([pairing.findMessage(approval.messageId), pairing.listApprovalTexts(approval.approvalId)]);
        return {
          ...approvalBody(approval),
          ...present({ match_number: isShown ? approval.match?.number : undefined }),
          requested_at: isoSeconds(approval.requestedAt),
          user_ids: [...approval.userIds],
          deliveries: await withDeviceNames(pairing, deliveriesBody(found?.deliveries ?? [], texts)),
        };
      }),
    );
    return { approvals, ...next };
  },
};

export function decisionOf(asked: InputOf<"decideApproval">): Decision {
  return {
    approvalId: asked.approval_id,
    decision: asked.decision,
    comment: asked.comment,
    contentSha256: asked.content_sha256,
    number: asked.number,
  };
}

/** How an approval stands, without what it asks. */
export function approvalAnswer(approval: Approval): AnswerOf<"approvalStatus"> {
  const { approvalId, status, contentSha256, decidedBy, settledAt, comment } = approval;
  return {
    approval_id: approvalId,
    status,
    content_sha256: contentSha256,
    ...(decidedBy === undefined
      ? {}
      : { decided_by: decidedBy.kind === "phone" ? decidedBy.deviceId : "desk", decided_via: decidedBy.kind }),
    ...(decidedBy?.kind === "phone" ? { decided_by_name: decidedBy.deviceName } : {}),
    ...(decidedBy === undefined || settledAt === undefined ? {} : { decided_at: isoSeconds(settledAt) }),
    ...present({ comment }),
  };
}

export function approvalBody(
  approval: Approval,
): Extract<AnswerOf<"readInbox">["messages"][number], { type: "approval_request" }>["payload"] {
  return {
    ...approvalAnswer(approval),
    ...present({ requested_by: approval.requestedBy }),
    build_id: approval.buildId,
    project_name: approval.projectName,
    plan: approval.plan,
    affected_files: [...approval.affectedFiles],
    estimated_duration: approval.estimatedDuration,
    requires_approval_by: isoSeconds(approval.expiresAt),
    risk: approval.risk ?? "normal",
    ...(approval.match ? { numbers: [...approval.match.choices] } : {}),
  };
}
