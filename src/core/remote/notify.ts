import { say } from "../../words/say.ts";
import type { Device } from "../devices/device.ts";
import { PairingError } from "../errors.ts";
import { shownText } from "../names.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { DAY } from "../time.ts";
import { type BuildNews, MESSAGE_DAYS, type MessageDelivery, type Recipient } from "./outbox.ts";
import type { PushTried } from "./push.ts";
import type { Pushes } from "./push-messages.ts";
import { chosenPhones, type PhoneChoice } from "./recipients.ts";
import { type TextStatus, textStatus } from "./text-approval.ts";

type Deps = Pick<Ports, "clock" | "random" | "store" | "changeEvents" | "inboxSignals">;

/** The outcome of a test on each channel. Delivery to the inbox is known a moment later: read the message again. */
export interface TestedPhone {
  readonly notificationId: string;
  readonly inbox: MessageDelivery;
  readonly push: PushTried;
  readonly sms: TextStatus;
}

/** Sends a message that is marked as a test to one phone: to its inbox, and by push at any hour. */
export async function sendTestNotification(
  deps: Deps,
  settings: Pick<PairingSettings, "userId" | "approvalTexts">,
  pushes: Pick<Pushes, "test">,
  choice: PhoneChoice & { readonly deviceId: string },
): Promise<TestedPhone> {
  const { notificationId, to } = await notify(deps, settings, choice, {
    buildId: "test",
    projectName: "Top Dog",
    status: "success",
    message: say("server.test"),
    priority: "normal",
    actionRequired: false,
  });
  const [recipient] = to;
  if (!recipient) throw new Error("a test was sent to nobody");
  const push = await pushes.test(recipient);
  const sms = await textStatus(deps, settings, recipient);
  const way = await deps.store.findMessage(notificationId);
  return { notificationId, inbox: way?.deliveries[0] ?? { ...recipient, state: "gone" }, push, sms };
}

export interface Notified {
  readonly notificationId: string;
  readonly to: readonly Recipient[];
}

/** Sends a build notification to the addressed phones. */
export async function notify(
  deps: Deps,
  settings: Pick<PairingSettings, "userId">,
  choice: PhoneChoice,
  build: BuildNews,
): Promise<Notified> {
  const { notificationId, to } = await sendNews(deps, await chosenPhones(deps, settings, choice, "view"), build);
  // Revoked meanwhile.
  if (choice.deviceId !== undefined && to.length === 0) throw new PairingError("device_not_found");
  return { notificationId, to };
}

/** Sends it to those of the phones that are still active. */
export async function sendNews(deps: Deps, phones: readonly Pick<Device, "userId" | "deviceId">[], build: BuildNews): Promise<Notified> {
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
  deps.inboxSignals.emit(to);
  deps.changeEvents.emit("messages");
  return { notificationId, to };
}
