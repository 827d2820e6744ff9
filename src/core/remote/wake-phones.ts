import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import type { Pushes } from "./push-messages.ts";
import { textApproval } from "./text-approval.ts";

type Needs = Parameters<typeof textApproval>[0] & Pick<Ports, "store" | "log">;

/**
 * Every road on which a phone hears of a message whose inbox it does not look at: first push, then, for approvals, a text message.
 * Nobody waits for it, and nothing of it fails the message.
 */
export function createWaking(needs: Needs, settings: PairingSettings, pushes: Pick<Pushes, "wake">): (messageId: string) => void {
  const wake = async (messageId: string): Promise<void> => {
    const message = (await needs.store.findMessage(messageId))?.message;
    if (!message) return;
    const woken = await pushes.wake(message);
    await textApproval(needs, settings, message, woken);
  };
  return (messageId) => {
    wake(messageId).catch((cause: unknown) =>
      needs.log.warn("phones could not be woken", { reason: cause instanceof Error ? cause.message : "unknown" }),
    );
  };
}
