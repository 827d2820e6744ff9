import { present } from "../../base/present.ts";
import type { Language } from "../../words/languages.ts";
import type { Caller } from "../audit.ts";
import { DEFAULT_LEVEL, type Level } from "../devices/level.ts";
import { PairingError } from "../errors.ts";
import { deliver } from "../messages/deliver.ts";
import { aboutText, type TextMessage } from "../messages/text-message.ts";
import { cleanName } from "../names.ts";
import type { NoRoom, PhoneReading, Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { type Instant, MINUTE, SECOND } from "../time.ts";
import { ensureSigning } from "./ensure-signing.ts";
import type { PairingMethod, PairingSession } from "./session.ts";
import { inviteText } from "./sms-text.ts";

export interface SendInvite {
  readonly phoneNumber: string;
  readonly userId: string;
  readonly userName: string;
  /** No person at the computer asks: the phone waits for a confirmation. */
  readonly mustConfirm?: boolean;
  /** What the phone will be allowed to do. Absent: everything. */
  readonly level?: Level;
  /** Of the text message. Absent: the settings' language. */
  readonly language?: Language | undefined;
}

export interface Invited {
  readonly code: string;
  readonly session: PairingSession;
}

type Deps = Pick<Ports, "clock" | "random" | "digest" | "store" | "sms" | "phoneNumbers" | "tokens" | "changeEvents" | "log">;

/**
 * Stores a pending invite for a phone number and sends its text message. Rejects with what the person can do. `begun` is called
 * with the invite before the provider is asked, which may take time.
 */
export async function sendInvite(
  deps: Deps,
  settings: PairingSettings,
  input: SendInvite,
  caller: Caller,
  begun?: (invited: Invited) => void,
): Promise<Invited> {
  const phoneNumber = await textableNumber(deps, settings, input.phoneNumber);
  await ensureSigning(deps);
  const now = deps.clock.now();
  const code = deps.random.token(32);
  const userName = cleanName(input.userName);
  const session: PairingSession = {
    sessionId: deps.random.token(12),
    method: "sms",
    codeHash: deps.digest.sha256(code),
    status: "pending",
    userId: input.userId,
    userName,
    phoneNumber,
    baseUrl: settings.baseUrl(),
    level: input.level ?? DEFAULT_LEVEL,
    createdAt: now,
    expiresAt: expiryFrom(now, settings.inviteMinutes),
    textId: deps.random.token(12),
    ...(input.mustConfirm ? { mustConfirm: true } : {}),
    ...present({ language: input.language }),
  };
  const text = inviteTextMessage(session, now);
  const about = { ...aboutText(text), ...caller };
  const added = await deps.store.addInvite({
    session,
    text,
    budget: settings.smsBudget,
    at: now,
    audit: [{ event: "send_sms_invite", via: deps.sms.name, ...about }],
  });
  if (added.kind !== "added") throw noRoomError(added, now);
  begun?.({ code, session });
  deps.changeEvents.emit("invites");

  const language = input.language ?? settings.language;
  const body = inviteText({ userName, link: pairingLink(session.baseUrl, code), minutes: settings.inviteMinutes, language });
  const { expiresAt } = session;
  await deliver(deps, text, { body, expiresAt, refused: { kind: "cancel" }, about: { via: deps.sms.name, ...about } });
  return { code, session };
}

/** The message that carries a session's link. */
function inviteTextMessage({ textId = "", phoneNumber, baseUrl, sessionId, userId }: PairingSession, now: Instant): TextMessage {
  return { id: textId, purpose: "invite", to: phoneNumber, baseUrl, sends: [now], sessionId, userId };
}

/** Whole seconds, so that the shown and the stored time are equal. */
export function expiryFrom(now: Instant, minutes: number): Instant {
  return Math.floor(now / SECOND) * SECOND + minutes * MINUTE;
}

export function pairingLink(baseUrl: string, code: string, method: PairingMethod = "sms"): string {
  return `${baseUrl}/pair?${method === "qr" ? "token" : "code"}=${code}`;
}

export function noRoomError({ kind, retryAt }: NoRoom, now: Instant): PairingError {
  const retryAfter = Math.max(1, Math.ceil((retryAt - now) / SECOND));
  if (kind === "too-soon") {
    return new PairingError("rate_limited", {
      params: { reason: "just_sent" },
      retryAfter,
    });
  }
  return new PairingError(kind === "too-many" ? "too_many_invites" : "sms_budget_exceeded", { retryAfter });
}

/** A number in strict E.164 that can receive a text message. Rejects with the reason otherwise. */
export async function textableNumber(deps: Pick<Ports, "phoneNumbers">, settings: PairingSettings, typed: string): Promise<string> {
  // Over HTTP the number is strict E.164 already; the page normalises before it asks.
  if (!/^\+[1-9]\d{6,14}$/.test(typed)) throw new PairingError("invalid_phone_number");
  const reading = await deps.phoneNumbers.read(typed);
  if (!reading?.possible || reading.e164 !== typed) throw new PairingError("invalid_phone_number");
  if (reading.costly) {
    throw new PairingError("invalid_phone_number", { params: { reason: "costly" } });
  }
  if (!isCountryAllowed(settings, reading)) throw new PairingError("country_not_allowed");
  return reading.e164;
}

/** A number that several countries share is allowed if one of them is. A number of no country is rejected while countries are named. */
export function isCountryAllowed({ allowedCountries }: PairingSettings, { mayBeIn }: Pick<PhoneReading, "mayBeIn">): boolean {
  return allowedCountries === undefined || mayBeIn.some((country) => allowedCountries.includes(country));
}
