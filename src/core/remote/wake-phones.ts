import { messageOf } from "../../base/message-of.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import type { OutboxMessage } from "./outbox.ts";
import type { Pushes } from "./push-messages.ts";
import { textApprovals } from "./text-approval.ts";

type Deps = Parameters<typeof textApprovals>[0] & Pick<Ports, "store" | "log">;

/** Approvals for the same phones within this many milliseconds share one push. */
const GATHER_MS = 300;
/** The minimum time between two of these pushes. */
const BETWEEN_PUSHES_MS = 5000;

/**
 * Wakes phones for a new message: first by push, then, for approvals, by text message. A burst of approvals wakes a phone once.
 * Runs in the background, and its failures do not fail the message.
 */
export function createWaking(deps: Deps, settings: PairingSettings, pushes: Pick<Pushes, "wake">): (messageId: string) => void {
  /** By recipients: the approvals for the next push. */
  const bursts = new Map<string, OutboxMessage[]>();

  const wakeAll = async (messages: readonly OutboxMessage[]): Promise<void> => {
    const [latest, ...others] = [...messages].reverse();
    if (!latest) return;
    const woken = await pushes.wake(latest, others);
    await textApprovals(deps, settings, messages, woken);
  };

  const wakeInBursts = async (message: OutboxMessage): Promise<void> => {
    const key = JSON.stringify(message.to.map(({ userId, deviceId }) => [userId, deviceId]));
    const burst = bursts.get(key);
    if (burst) {
      burst.push(message);
      return;
    }
    let gathered = [message];
    bursts.set(key, gathered);
    try {
      for (let pause = GATHER_MS; ; pause = BETWEEN_PUSHES_MS) {
        await deps.clock.pause(pause);
        if (gathered.length === 0) return;
        const messages = gathered;
        gathered = [];
        bursts.set(key, gathered);
        await wakeAll(messages);
      }
    } finally {
      bursts.delete(key);
    }
  };

  const wake = async (messageId: string): Promise<void> => {
    const message = (await deps.store.findMessage(messageId))?.message;
    if (!message) return;
    await (message.content.type === "approval_request" ? wakeInBursts(message) : wakeAll([message]));
  };
  return (messageId) => {
    wake(messageId).catch((cause: unknown) => deps.log.warn("phones could not be woken", { reason: messageOf(cause, "unknown") }));
  };
}
