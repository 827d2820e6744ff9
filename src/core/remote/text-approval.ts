import { languageOfTag } from "../../words/languages.ts";
import { say } from "../../words/say.ts";
import type { Device } from "../devices/device.ts";
import { PairingError } from "../errors.ts";
import { deliver } from "../messages/deliver.ts";
import { aboutText, type TextMessage } from "../messages/text-message.ts";
import { cleanName } from "../names.ts";
import { noRoomError, textableNumber } from "../pairing/send-invite.ts";
import { approvalText } from "../pairing/sms-text.ts";
import type { Ports, SmsBudget } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { MINUTE } from "../time.ts";
import type { Approval } from "./approval.ts";
import { isHeldBack } from "./hold-back.ts";
import type { OutboxMessage, Recipient } from "./outbox.ts";
import { activePhone } from "./recipients.ts";

type Deps = Pick<
  Ports,
  | "clock"
  | "random"
  | "digest"
  | "store"
  | "sms"
  | "phoneNumbers"
  | "presence"
  | "tokens"
  | "inboxSignals"
  | "phoneConnections"
  | "changeEvents"
  | "log"
>;

/** A phone with a request this recent is in use, or polls by itself. */
const RECENT_CONTACT = 2 * MINUTE;

/**
 * The last channel for approvals: used if none of the recipients' phones is connected, was in contact recently, or was reached
 * by push (`woken`). One text message per phone number, for all pending approvals.
 */
export async function textApprovals(
  deps: Deps,
  settings: PairingSettings,
  messages: readonly OutboxMessage[],
  woken: readonly Recipient[],
): Promise<void> {
  const budget = settings.approvalTexts;
  if (!budget || isHeldBack(deps, settings.push, true)) return;
  const waiting = await waitingApprovals(deps, messages);
  const approval = waiting.at(-1);
  if (!approval) return;
  const to = messages.at(-1)?.to ?? [];
  // Several approvals are announced without a project name.
  const projectName = new Set(waiting.map((one) => one.projectName)).size === 1 ? approval.projectName : "";
  try {
    // The link opens the inbox, which needs the phone's token.
    await deps.tokens.ensureSigning();
  } catch (cause) {
    if (!(cause instanceof PairingError)) throw cause;
    deps.log.warn("no text message told of an approval", { code: cause.code, approval_id: approval.approvalId });
    return;
  }
  const reached = new Set(woken.map(({ userId }) => userId));
  const phones: Device[] = [];
  for (const recipient of to) {
    const phone = await activePhone(deps, recipient, "answer");
    if (!phone) continue;
    phones.push(phone);
    if (await isInContact(deps, phone)) reached.add(phone.userId);
  }
  const texted = new Set<string>();
  for (const phone of phones) {
    const phoneNumber = reached.has(phone.userId) ? undefined : await numberOf(deps, phone);
    if (phoneNumber === undefined || texted.has(phoneNumber)) continue;
    texted.add(phoneNumber);
    await textOne(deps, settings, budget, { ...approval, projectName }, phone, phoneNumber);
  }
}

async function isInContact({ clock, inboxSignals, phoneConnections }: Deps, phone: Device): Promise<boolean> {
  if (inboxSignals.isConnected(phone) || Math.abs(clock.now() - phone.lastSeen) < RECENT_CONTACT) return true;
  // At another server.
  return phoneConnections.isOpen(phone);
}

/** The pending ones, the oldest first. */
async function waitingApprovals({ store }: Pick<Ports, "store">, messages: readonly OutboxMessage[]): Promise<readonly Approval[]> {
  const found = await Promise.all(
    messages.map(async ({ content }) => (content.type === "approval_request" ? store.findApproval(content.approvalId) : undefined)),
  );
  return found.filter((approval) => approval !== undefined).filter(({ status }) => status === "pending");
}

const STATUS_SENTENCES = { ready: "server.textReady", off: "server.textOff", no_number: "server.textNoNumber" } as const;

/** Whether a phone can get text messages about approvals. */
export interface TextStatus {
  readonly kind: keyof typeof STATUS_SENTENCES;
  readonly sentence: string;
}

/** The status of this channel for one phone. Sends nothing. */
export async function textStatus(
  deps: Pick<Ports, "clock" | "store">,
  settings: Pick<PairingSettings, "approvalTexts">,
  recipient: Pick<Recipient, "userId" | "deviceId">,
): Promise<TextStatus> {
  const phone = await activePhone(deps, recipient, "answer");
  const phoneNumber = phone && (await numberOf(deps, phone));
  const kind = settings.approvalTexts === undefined ? "off" : phoneNumber === undefined ? "no_number" : "ready";
  return { kind, sentence: say(STATUS_SENTENCES[kind]) };
}

/** `undefined`: it was paired by QR code, or its session is no longer stored. */
async function numberOf({ store }: Pick<Ports, "store">, { pairedVia, sessionId }: Device): Promise<string | undefined> {
  const session = pairedVia === "sms" ? await store.findSession(sessionId) : undefined;
  return session?.phoneNumber;
}

/** It has a budget of its own, and its delivery can be followed. Never rejects for what a provider refuses. */
async function textOne(
  deps: Deps,
  settings: PairingSettings,
  budget: SmsBudget,
  { approvalId, projectName, expiresAt }: Approval,
  { userId, deviceId, language: tag }: Device,
  phoneNumber: string,
): Promise<void> {
  const now = deps.clock.now();
  const baseUrl = settings.baseUrl();
  const text: TextMessage = {
    id: deps.random.token(12),
    purpose: "approval",
    to: phoneNumber,
    baseUrl,
    sends: [now],
    approvalId,
    userId,
    deviceId,
  };
  const about = { ...aboutText(text), via: deps.sms.name };
  try {
    await textableNumber(deps, settings, phoneNumber);
    const added = await deps.store.addText({ text, budget, at: now, audit: [{ event: "send_sms_approval", ...about }] });
    if (added.kind !== "added") throw noRoomError(added, now);
    const language = languageOfTag(tag) ?? settings.language;
    const body = approvalText({ project: cleanName(projectName), link: `${baseUrl}/inbox`, language });
    await deliver(deps, text, { body, expiresAt, about }).finally(() => deps.changeEvents.emit("approvals"));
  } catch (cause) {
    if (!(cause instanceof PairingError)) throw cause;
    deps.log.warn("no text message told of an approval", { code: cause.code, ...about });
  }
}
