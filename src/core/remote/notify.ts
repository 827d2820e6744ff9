import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { DAY } from "../time.ts";
import { type BuildNews, MESSAGE_DAYS, type Recipient } from "./outbox.ts";
import { chosenPhones, type PhoneChoice } from "./recipients.ts";
import { shownText } from "./words.ts";

type Deps = Pick<Ports, "clock" | "random" | "store" | "changeEvents" | "inboxSignals">;

export interface Notified {
  readonly notificationId: string;
  readonly to: readonly Recipient[];
}

/** Sends a build notification to the addressed phones. */
export async function notify(deps: Deps, choice: PhoneChoice, build: BuildNews): Promise<Notified> {
  const phones = await chosenPhones(deps, choice);
  const now = deps.clock.now();
  const notificationId = deps.random.token(16);
  const to = await deps.store.sendMessage({
    message: {
      messageId: notificationId,
      content: { type: "notification", build: { ...build, projectName: shownText(build.projectName), message: shownText(build.message) } },
      sentAt: now,
      expiresAt: now + MESSAGE_DAYS * DAY,
    },
    to: phones,
    at: now,
    audit: [],
  });
  // Revoked meanwhile.
  if (choice.deviceId !== undefined && to.length === 0) throw new PairingError("device_not_found");
  deps.inboxSignals.emit(to);
  deps.changeEvents.emit("messages");
  return { notificationId, to };
}
