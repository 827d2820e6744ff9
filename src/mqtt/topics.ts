import type { Device } from "../core/index.ts";

/** The message types on topics `topdog/{user_id}/{device_id}/{message_type}` (docs/CLOUD_MESSAGE_BROKER.md). */
export const TO_PHONE = [
  "notification",
  "build_status",
  "approval_request",
  "approval_settled",
  "command_result",
  "pairing_response",
  "problem",
] as const;
export type ToPhone = (typeof TO_PHONE)[number];

export const FROM_PHONE = ["voice_command", "heartbeat", "acknowledgment", "approval_decision"] as const;
export type FromPhone = (typeof FROM_PHONE)[number];

/** `topdog/{user_id}/{device_id}/`. The percent sign is encoded too, or two ids could share a topic. */
export function topicTree({ userId, deviceId }: Pick<Device, "userId" | "deviceId">): string {
  return `topdog/${encoded(userId)}/${encoded(deviceId)}/`;
}

/** The phone and the type of message of a topic that a phone publishes to; `undefined` for any other topic. */
export function fromPhoneTopic(topic: string): (Pick<Device, "userId" | "deviceId"> & { readonly type: FromPhone }) | undefined {
  const [root, user, device, last, more] = topic.split("/");
  const type = FROM_PHONE.find((one) => one === last);
  if (root !== "topdog" || !user || !device || type === undefined || more !== undefined) return undefined;
  try {
    const phone = { userId: decodeURIComponent(user), deviceId: decodeURIComponent(device) };
    // One phone, one spelling.
    return topicTree(phone) + type === topic ? { ...phone, type } : undefined;
  } catch {
    return undefined;
  }
}

/** The types of messages that a topic filter matches; `undefined`: it reaches beyond the phone's own topics. */
export function subscribedTypes(filter: string, tree: string): readonly ToPhone[] | undefined {
  if (!filter.startsWith(tree)) return undefined;
  const rest = filter.slice(tree.length);
  if (rest === "+" || rest === "#") return TO_PHONE;
  const type = TO_PHONE.find((one) => one === rest);
  return type === undefined ? undefined : [type];
}

export type Qos = 0 | 1 | 2;

/** The QoS of a message (docs/CLOUD_MESSAGE_BROKER.md). */
export function qosOf(type: ToPhone, payload: object): Qos {
  if (type === "approval_request" || type === "approval_settled") return 2;
  if (type === "command_result" || type === "problem") return 1;
  return "priority" in payload && (payload.priority === "high" || payload.priority === "critical") ? 1 : 0;
}

function encoded(id: string): string {
  return id.replace(/[%/+#]/g, encodeURIComponent);
}
