import { randomUUID } from "node:crypto";
import { present } from "../base/present.ts";
import type { OperationName } from "../contract/operations.ts";
import { type PhoneMessage, PhoneMessageBody } from "../contract/remote.ts";
import { type Caller, type Device, isoSeconds, type Log, type Pairing, PairingError } from "../core/index.ts";
import { approvalAnswer, decisionOf } from "../operations/approvals.ts";
import { checkOperationLevel } from "../operations/check-operation-level.ts";
import { FieldErrors, replyProblem } from "../operations/problem.ts";
import { voiceBody } from "../operations/voice.ts";
import type { Drain } from "./drain.ts";
import type { FromPhone, ToPhone } from "./topics.ts";

/** One message as it came. */
export interface ChannelMessage {
  readonly type: FromPhone;
  readonly payload: Uint8Array;
}

/** The phone that a message came from, and how to reply. */
export interface PhoneSession {
  /** The phone as it is now. Rejects when it has no access any more. */
  readonly device: () => Promise<Device>;
  readonly caller: Caller;
  readonly drain: Drain;
  readonly onHeartbeat?: () => void;
  /** Throws `rate_limited`. */
  readonly admit: (bucket: "voice" | "other") => void;
}

/** `invalid`: it was not a message at all, or its sender has no access. */
export type Handled = "handled" | "invalid";

type Deps = {
  readonly pairing: Pick<Pairing, "handleCommand" | "decideApproval" | "acknowledge" | "now">;
  readonly log: Pick<Log, "error">;
};

/** Does what a phone asks, by the use cases of the HTTP API, and replies on the phone's topics. Never rejects. */
export type HandleMessage = (message: ChannelMessage, phoneSession: PhoneSession) => Promise<Handled>;

export function createMessageHandler(deps: Deps): HandleMessage {
  return async ({ type, payload }, phoneSession) => {
    let phone: Device;
    try {
      phone = await phoneSession.device();
    } catch {
      return "invalid";
    }
    let handled: Handled = "invalid";
    let messageId: string | undefined;
    const reply: Reply = (replyType, body) =>
      phoneSession.drain.reply({
        type: replyType,
        payload: body,
        timestamp: isoSeconds(deps.pairing.now()),
        message_id: randomUUID(),
        user_id: phone.userId,
        device_id: phone.deviceId,
        ...present({ in_reply_to: messageId }),
      });
    try {
      const json = parsed(payload);
      messageId = messageIdOf(json);
      const message = messageOfTopic(json, type);
      handled = "handled";
      checkSender(message, phone);
      checkOperationLevel(OPERATION_OF[message.type], phone);
      await act(deps.pairing, message, phone, phoneSession, reply);
    } catch (thrown) {
      const { problem, unexpected } = replyProblem(thrown);
      if (unexpected) deps.log.error("a phone's message failed", { type, reason: thrown instanceof Error ? thrown.stack : "not an error" });
      reply("problem", problem);
    }
    return handled;
  };
}

/** The operation that does the same over HTTP. It has the level that a phone needs. */
const OPERATION_OF: Readonly<Record<FromPhone, OperationName>> = {
  voice_command: "voiceCommand",
  approval_decision: "decideApproval",
  acknowledgment: "acknowledgeMessages",
  heartbeat: "ownDevice",
};

type Reply = (type: ToPhone, payload: object) => void;

async function act(
  pairing: Deps["pairing"],
  message: PhoneMessage,
  phone: Device,
  phoneSession: PhoneSession,
  reply: Reply,
): Promise<void> {
  const { caller, drain, admit, onHeartbeat } = phoneSession;
  switch (message.type) {
    case "heartbeat":
      onHeartbeat?.();
      return;
    case "acknowledgment": {
      const { isKnown } = await pairing.acknowledge(phone, message.payload);
      if (isKnown && message.payload.seq !== undefined) drain.acknowledged(message.payload.seq);
      return;
    }
    case "voice_command": {
      admit("voice");
      const { command_text: text, confidence, confirms } = message.payload;
      reply("command_result", voiceBody(await pairing.handleCommand(phone, { text, confidence, confirms }, caller)));
      return;
    }
    case "approval_decision":
      admit("other");
      reply("approval_settled", approvalAnswer(await pairing.decideApproval(decisionOf(message.payload), phone, caller)));
      return;
    default:
      message satisfies never;
  }
}

function checkSender(message: PhoneMessage, phone: Device): void {
  const inPayload = message.type === "voice_command" ? message.payload.device_id : undefined;
  const { device_id = phone.deviceId, user_id = phone.userId } = message;
  if (device_id !== phone.deviceId || (inPayload ?? phone.deviceId) !== phone.deviceId || user_id !== phone.userId)
    throw new PairingError("device_mismatch");
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    throw new PairingError("invalid_request", { params: { reason: "message_not_json" } });
  }
}

function messageOfTopic(json: unknown, type: FromPhone): PhoneMessage {
  const read = PhoneMessageBody.safeParse(json);
  if (!read.success) throw new FieldErrors(read.error.issues.map(({ path, message }) => ({ field: path.map(String).join("."), message })));
  if (read.data.type !== type)
    throw new PairingError("invalid_request", { params: { reason: "wrong_topic", type: read.data.type, topic: type } });
  return read.data;
}

/** The message's id, which may be readable even when the rest of the message is not. */
function messageIdOf(json: unknown): string | undefined {
  const read = PhoneMessageBody.options[1].shape.message_id.safeParse((json as { message_id?: unknown } | null)?.message_id);
  return read.success ? read.data : undefined;
}
