import type { AnswerOf, InputOf } from "../contract/operations.ts";
import {
  type Approval,
  type BuildNews,
  type Decision,
  type Device,
  isoSeconds,
  type MessageDelivery,
  type PairingSession,
  type VoiceAnswer,
  type WholeMessage,
} from "../core/index.ts";
import { deliveryBody } from "./wire.ts";

type Envelope = AnswerOf<"readInbox">["messages"][number];

/** What goes between an IDE and its phones: the core's words → the wire's. */
export function envelope(message: WholeMessage, { userId, deviceId }: Pick<Device, "userId" | "deviceId">): Envelope {
  const about = {
    seq: message.seq,
    timestamp: isoSeconds(message.sentAt),
    message_id: message.messageId,
    user_id: userId,
    device_id: deviceId,
  };
  switch (message.type) {
    case "notification":
      return { ...about, type: message.type, payload: notificationBody(message.messageId, message.build) };
    case "approval_request":
      return { ...about, type: message.type, payload: approvalBody(message.approval) };
    case "approval_settled":
      return { ...about, type: message.type, payload: approvalAnswer(message.approval) };
    case "command_result": {
      const { commandId, status, message: said } = message.result;
      return { ...about, type: message.type, payload: { command_id: commandId, status, message: said } };
    }
    default:
      return message satisfies never;
  }
}

export function voiceBody({ commandId, status, message, command, choices, confirmBy, approvalId }: VoiceAnswer): AnswerOf<"voiceCommand"> {
  const details = {
    ...(command === undefined ? {} : { command }),
    ...(choices === undefined ? {} : { choices: [...choices] }),
    ...(confirmBy === undefined ? {} : { confirm_by: isoSeconds(confirmBy) }),
    ...(approvalId === undefined ? {} : { approval_id: approvalId }),
  };
  return { command_id: commandId, status, message, ...(Object.keys(details).length === 0 ? {} : { details }) };
}

export function notificationBody(
  notificationId: string,
  { buildId, projectName, status, message, priority, actionRequired }: BuildNews,
): AnswerOf<"listNotifications">["notifications"][number]["payload"] {
  return {
    notification_id: notificationId,
    build_id: buildId,
    project_name: projectName,
    status,
    message,
    priority,
    action_required: actionRequired,
  };
}

/** `texts`: the text messages that told of it. */
export function deliveriesBody(
  deliveries: readonly MessageDelivery[],
  texts: readonly PairingSession[] = [],
): AnswerOf<"notificationStatus">["deliveries"] {
  return deliveries.map(({ deviceId, userId, state, at }) => {
    const text = texts.find((sent) => sent.deviceId === deviceId && sent.userId === userId)?.delivery;
    return {
      device_id: deviceId,
      user_id: userId,
      state,
      ...(at === undefined ? {} : { at: isoSeconds(at) }),
      ...(text === undefined ? {} : { sms: deliveryBody(text) }),
    };
  });
}

export function approvalAnswer(approval: Approval): AnswerOf<"approvalStatus"> {
  const { approvalId, status, contentSha256, decidedBy, settledAt, comment } = approval;
  return {
    approval_id: approvalId,
    status,
    content_sha256: contentSha256,
    ...(decidedBy === undefined ? {} : { decided_by: decidedBy.kind === "desk" ? "desk" : decidedBy.deviceId }),
    ...(decidedBy?.kind === "phone" ? { decided_by_name: decidedBy.deviceName } : {}),
    ...(decidedBy === undefined || settledAt === undefined ? {} : { decided_at: isoSeconds(settledAt) }),
    ...(comment === undefined ? {} : { comment }),
  };
}

export function decisionOf(asked: InputOf<"decideApproval">): Decision {
  return { approvalId: asked.approval_id, decision: asked.decision, comment: asked.comment, contentSha256: asked.content_sha256 };
}

export function approvalBody(approval: Approval): Extract<Envelope, { type: "approval_request" }>["payload"] {
  return {
    ...approvalAnswer(approval),
    ...(approval.requestedBy === undefined ? {} : { requested_by: approval.requestedBy }),
    build_id: approval.buildId,
    project_name: approval.projectName,
    plan: approval.plan,
    affected_files: [...approval.affectedFiles],
    estimated_duration: approval.estimatedDuration,
    requires_approval_by: isoSeconds(approval.expiresAt),
  };
}
