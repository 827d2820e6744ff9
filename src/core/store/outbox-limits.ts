import type { OutboxMessage } from "../remote/outbox.ts";

/** How much one phone may have waiting: one that is away for long takes nobody else's place. */
export const MAX_FOR_ONE = 10_000;
export const MAX_BYTES_FOR_ONE = 16 * 1024 * 1024;
/** How much may wait for all of them. */
export const MAX_MESSAGES = 50_000;
export const MAX_BYTES = 192 * 1024 * 1024;
/** Numbers of lost messages that are kept for one phone. */
export const MAX_LOST = 1000;

/** What gives way first where there is too much. An approval request that waits for its answer never does. */
export const MESSAGE_CLASSES = ["low", "normal", "asked", "high", "critical"] as const;
export type MessageClass = (typeof MESSAGE_CLASSES)[number];

export function messageClass({ content }: OutboxMessage): MessageClass {
  if (content.type === "approval_request") return "asked";
  return content.type === "notification" ? content.build.priority : "normal";
}

/** Roughly what it takes in memory. */
export function messageBytes({ content, to }: OutboxMessage): number {
  const fixed = 200 + 100 * to.length;
  if (content.type === "command_result") return fixed + 2 * content.result.message.length;
  if (content.type !== "notification") return fixed;
  const { message, projectName, buildId } = content.build;
  return fixed + 2 * (message.length + projectName.length + buildId.length);
}

/** Of one phone's messages, the first of the lowest class, but for those that must stay. */
export function leastImportant<Item extends { readonly message: OutboxMessage }>(
  queue: readonly Item[],
  mustStay: (message: OutboxMessage) => boolean,
): Item | undefined {
  let least: Item | undefined;
  let lowest: number = MESSAGE_CLASSES.length;
  for (const item of queue) {
    const rank = MESSAGE_CLASSES.indexOf(messageClass(item.message));
    if (rank >= lowest || mustStay(item.message)) continue;
    least = item;
    lowest = rank;
    if (lowest === 0) break;
  }
  return least;
}
