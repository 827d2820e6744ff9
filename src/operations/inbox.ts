import type { AnswerOf } from "../contract/operations.ts";
import { type Device, isoSeconds, levelOf, SECOND, type WholeMessage } from "../core/index.ts";
import { approvalAnswer, approvalBody } from "./approvals.ts";
import { asking, type HandlerDeps, type Handlers } from "./handlers.ts";
import { notificationBody } from "./notifications.ts";

type Envelope = AnswerOf<"readInbox">["messages"][number];

/** The messages that wait for a phone. */
export const INBOX_HANDLERS: Handlers<"readInbox" | "acknowledgeMessages"> = {
  async readInbox(deps, { since, wait }, context) {
    const { pairing, polls } = deps;
    const phone = asking(context);
    const { messages, next, level } = await polls.wait({
      async read() {
        const current = await pairing.checkStillActive(phone);
        return { ...(await pairing.readInbox(current, since)), level: levelOf(current) };
      },
      // After a change of its level the phone asks for everything again, as it may have other messages now.
      enough: (page) => page.level !== levelOf(phone) || page.messages.length > 0 || page.next !== since,
      milliseconds: Math.min(wait * SECOND, phone.expiresAt - pairing.now()),
      listen: (listener) => listenForPhone(deps, phone, listener),
      signal: context.signal,
    });
    return { messages: messages.map((message) => envelope(message, phone)), next, level };
  },

  async acknowledgeMessages({ pairing }, { seq, read }, context) {
    await pairing.acknowledge(asking(context), { seq, read });
    return undefined;
  },
};

/** Calls the listener when there may be something for the phone, or when it may have lost its access. */
function listenForPhone({ pairing, connections }: HandlerDeps, phone: Device, listener: () => void): () => void {
  const stop = pairing.listenForMessages(phone, listener);
  const release = connections.hold(phone, listener);
  return () => {
    stop();
    release();
  };
}

/** A message as a phone reads it, from its inbox or over MQTT. */
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
      const { commandId, status, message: text } = message.result;
      return { ...about, type: message.type, payload: { command_id: commandId, status, message: text } };
    }
    default:
      return message satisfies never;
  }
}
