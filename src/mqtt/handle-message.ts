import { type PhoneMessage, PhoneMessageBody } from "../contract/remote.ts";
import { type Caller, type Device, isoSeconds, type Log, type Pairing, PairingError } from "../core/index.ts";
import { approvalAnswer, decisionOf } from "../operations/approvals.ts";
import { FieldErrors, replyProblem } from "../operations/problem.ts";
import { voiceBody } from "../operations/voice.ts";
import type { Drain, Sendable } from "./drain.ts";
import type { FromPhone, ToPhone } from "./topics.ts";

/** One message as it came. */
export interface ChannelMessage {
  readonly type: FromPhone;
  readonly payload: Uint8Array;
}

/** Whom it came from, and the way back. */
export interface PhoneSession {
  /** The phone as it is now. Rejects when it has no access any more. */
  readonly device: () => Promise<Device>;
  readonly caller: Caller;
  readonly drain: Drain;
  /** The phone is there, and listens. */
  readonly isHere?: () => void;
  /** Throws `rate_limited`. */
  readonly admit: (bucket: "voice" | "other") => void;
}

/** `junk`: it was no message at all, or came from who has no access. */
export type Handled = "handled" | "invalid";

export interface MessageHandler {
  /** Does what a phone asks, by the use cases of the HTTP API. What comes of it is said on the phone's topics. Never rejects. */
  handle(message: ChannelMessage, phoneSession: PhoneSession): Promise<Handled>;
}

type Deps = Pick<Pairing, "handleCommand" | "decideApproval" | "acknowledge" | "now"> & {
  readonly randomId: () => string;
  readonly log: Pick<Log, "error">;
};

export function createMessageHandler(deps: Deps): MessageHandler {
  const answer = (phone: Device, type: ToPhone, payload: object, inReplyTo: string | undefined): Sendable => ({
    type,
    payload,
    timestamp: isoSeconds(deps.now()),
    message_id: deps.randomId(),
    user_id: phone.userId,
    device_id: phone.deviceId,
    ...(inReplyTo === undefined ? {} : { in_reply_to: inReplyTo }),
  });

  const act = async (message: PhoneMessage, phone: Device, { caller, drain, admit, isHere }: PhoneSession): Promise<void> => {
    for (const { device_id, user_id } of [message, { device_id: namedInPayload(message), user_id: undefined }])
      if ((device_id ?? phone.deviceId) !== phone.deviceId || (user_id ?? phone.userId) !== phone.userId)
        throw new PairingError("device_mismatch");
    switch (message.type) {
      case "heartbeat":
        isHere?.();
        return;
      case "acknowledgment": {
        const { isKnown } = await deps.acknowledge(phone, message.payload);
        if (isKnown && message.payload.seq !== undefined) drain.acknowledged(message.payload.seq);
        return;
      }
      case "voice_command": {
        admit("voice");
        const { command_text: text, confidence, confirms } = message.payload;
        const handled = await deps.handleCommand(phone, { text, confidence, confirms }, caller);
        drain.say(answer(phone, "command_result", voiceBody(handled), message.message_id));
        return;
      }
      case "approval_decision": {
        admit("other");
        const decided = await deps.decideApproval(decisionOf(message.payload), phone, caller);
        drain.say(answer(phone, "approval_settled", approvalAnswer(decided), message.message_id));
        return;
      }
      default:
        message satisfies never;
    }
  };

  return {
    async handle({ type, payload }, phoneSession) {
      let phone: Device;
      try {
        phone = await phoneSession.device();
      } catch {
        return "invalid";
      }
      let handled: Handled = "invalid";
      let asked: string | undefined;
      try {
        const json = parsed(payload);
        asked = nameOf(json);
        const read = PhoneMessageBody.safeParse(json);
        if (!read.success)
          throw new FieldErrors(read.error.issues.map(({ path, message }) => ({ field: path.map(String).join("."), message })));
        if (read.data.type !== type)
          throw new PairingError("invalid_request", { params: { reason: "wrong_topic", type: read.data.type, topic: type } });
        handled = "handled";
        await act(read.data, phone, phoneSession);
      } catch (thrown) {
        const { problem, unexpected } = replyProblem(thrown);
        if (unexpected)
          deps.log.error("a phone's message failed", { type, reason: thrown instanceof Error ? thrown.stack : "not an error" });
        phoneSession.drain.say(answer(phone, "problem", problem, asked));
      }
      return handled;
    },
  };
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    throw new PairingError("invalid_request", { params: { reason: "message_not_json" } });
  }
}

/** What the phone calls its message, where that can be said of one that was not understood. */
function nameOf(json: unknown): string | undefined {
  const read = PhoneMessageBody.options[1].shape.message_id.safeParse((json as { message_id?: unknown } | null)?.message_id);
  return read.success ? read.data : undefined;
}

function namedInPayload(message: PhoneMessage): string | undefined {
  return message.type === "voice_command" ? message.payload.device_id : undefined;
}
