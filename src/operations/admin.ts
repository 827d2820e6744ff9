import { present } from "../base/present.ts";
import type { ADMIN_OPERATIONS } from "../contract/operations/admin.ts";
import { type AnswerOf, type CallerClass, isAtLeast } from "../contract/operations.ts";
import {
  type AuditLine,
  isoSeconds,
  MINUTE,
  maskPhoneNumber,
  type Pairing,
  type PairingSession,
  type PhoneReading,
  pairingLink,
  type SecretsStatus,
  type TextMessage,
} from "../core/index.ts";
import { languageOfTag } from "../words/languages.ts";
import { say, sayError } from "../words/say.ts";
import type { RemoteAdminOperation } from "./approvals.ts";
import { deliveryBody } from "./delivery.ts";
import type { HandlerDeps, Handlers } from "./handlers.ts";
import { sessionBody, sessionFilter } from "./invites.ts";
import { readPage } from "./lists.ts";

const AUDIT_PAGE = 50;
/** How long the overview shows an invite that has ended. */
const SHOWN_AFTER_END_MS = 60 * MINUTE;
const MAX_SHOWN = 50;
/** Enough to contain the newest invites, and few enough that a busy server reads them at once. */
const MAX_RECENT = 1000;

/** What the settings page shows beside its settings and lists. */
export const ADMIN_HANDLERS: Handlers<Exclude<keyof typeof ADMIN_OPERATIONS, RemoteAdminOperation>> = {
  async overview(deps, _input, { callerClass }) {
    const { pairing, settings, brokerStatus } = deps;
    const now = pairing.now();
    const recent = await pairing.listRecentSessions(now - SHOWN_AFTER_END_MS, MAX_RECENT);
    const test = await pairing.lastTestText(now - SHOWN_AFTER_END_MS);
    const pausedUntil = pairing.smsPausedUntil();
    const broker = brokerStatus();
    const { adminRequired, userId, userName, country, answersAtComputer } = settings.inUse();
    return {
      sms_provider: pairing.smsProvider(),
      sms_month: { month: isoSeconds(now).slice(0, 7), messages: await pairing.countMessages() },
      ...(pausedUntil === undefined ? {} : { sms_paused_until: isoSeconds(pausedUntil) }),
      ...(test ? { sms_test: testBody(test) } : {}),
      base_url: pairing.settings.baseUrl(),
      invite_minutes: pairing.settings.inviteMinutes,
      admin_required: adminRequired,
      user: { user_id: userId, user_name: userName },
      country,
      answers_at_computer: answersAtComputer,
      secrets: secretsBody(pairing.readSecrets()),
      welcome: await pairing.isWelcomeShown(),
      alerts: pairing.recentAlerts().map(({ id, kind, at, sentence, deviceId }) => ({
        alert_id: id,
        kind,
        at: isoSeconds(at),
        sentence,
        ...present({ device_id: deviceId }),
      })),
      ...present({ broker }),
      now: isoSeconds(now),
      invites: await Promise.all(recent.slice(0, MAX_SHOWN).map((session) => inviteBody(deps, session, callerClass))),
    };
  },

  async findInvites(deps, asked, { callerClass }) {
    const { items, next } = await readPage("sessions", asked, async (part) =>
      deps.pairing.pageOfSessions({ ...part, filter: sessionFilter(asked) }),
    );
    return { invites: await Promise.all(items.map((session) => inviteBody(deps, session, callerClass))), ...next };
  },

  async cancelSession({ pairing }, { session_id }, { caller }) {
    await pairing.cancelSession(session_id, caller);
    return { session_id, status: "cancelled" };
  },

  checkSecrets: async ({ pairing }) => secretsBody(await pairing.retrySecrets()),

  moveSecrets: async ({ pairing }, { to }, { caller }) => secretsBody(await pairing.moveSecrets(to, caller)),

  async listAudit({ pairing }, { before, limit, events, text }) {
    const { lines, next, unreadable, missing } = await pairing.readAudit({
      most: limit ?? AUDIT_PAGE,
      ...present({ before }),
      ...(events === undefined ? {} : { events: events.split(",") }),
      ...present({ text }),
    });
    return { lines: [...lines], ...present({ next }), unreadable, missing, phones: await phonesIn(pairing, lines) };
  },

  async readPhoneNumber({ pairing, settings }, { typed, country, user_name, language }) {
    const { inUse } = settings;
    const reading = await pairing.readPhoneNumber(typed, country?.toUpperCase() ?? inUse().country);
    if (!reading) return { sendable: false, problem: say("server.notANumber") };
    const { e164 } = reading;
    const where = reading.country === undefined ? {} : { country: reading.country };
    if (!reading.possible) return { e164, sendable: false, problem: say("server.wrongLength") };
    if (reading.costly) return { e164, sendable: false, problem: say("server.notTextable") };
    if (!pairing.isCountryAllowed(reading)) return { e164, ...where, sendable: false, problem: sayError("country_not_allowed") };
    return {
      e164,
      ...where,
      sendable: true,
      message: previewBody(pairing.previewSms(user_name ?? inUse().userName, reading.country, languageOfTag(language))),
      ...warningOf(reading),
    };
  },
};

/** An invite as the settings page shows it. Its link pairs a phone, so only a person at the computer gets it. */
async function inviteBody(
  { pairing, links }: HandlerDeps,
  session: PairingSession,
  callerClass: CallerClass,
): Promise<AnswerOf<"findInvites">["invites"][number]> {
  const { deviceId, userId } = session;
  const name = deviceId === undefined ? undefined : await pairing.nameOfDevice({ userId, deviceId });
  const body = await sessionBody(pairing, session);
  const since = links.sendingSince(session);
  const isShown = isAtLeast(callerClass, "window") && (body.status === "pending" || body.status === "expired");
  const code = isShown ? links.codeOf(session) : undefined;
  return {
    ...body,
    phone_number: maskPhoneNumber(session.phoneNumber),
    ...(code === undefined ? {} : { invite_code: code, link: pairingLink(session.baseUrl, code, session.method) }),
    stale: session.baseUrl !== pairing.settings.baseUrl(),
    ...present({ device_name: name }),
    ...(since === undefined ? {} : { sending_since: isoSeconds(since) }),
  };
}

function testBody({ id, to, delivery }: TextMessage): NonNullable<AnswerOf<"overview">["sms_test"]> {
  return {
    session_id: id,
    phone_number: maskPhoneNumber(to),
    ...(delivery === undefined ? {} : { delivery: deliveryBody(delivery) }),
  };
}

function previewBody({
  text,
  segments,
  characterSet,
  cost,
}: ReturnType<Pairing["previewSms"]>): NonNullable<AnswerOf<"readPhoneNumber">["message"]> {
  return { text, segments, character_set: characterSet, ...(cost ? { cost: { currency: "USD", ...cost } } : {}) };
}

/** The names of the phones in these lines. */
async function phonesIn(pairing: Pairing, lines: readonly AuditLine[]): Promise<AnswerOf<"listAudit">["phones"]> {
  const phones = new Map<string, AnswerOf<"listAudit">["phones"][number]>();
  for (const { user_id, device_id } of lines) {
    if (user_id === undefined || device_id === undefined) continue;
    const key = JSON.stringify([user_id, device_id]);
    if (phones.has(key)) continue;
    const name = await pairing.nameOfDevice({ userId: user_id, deviceId: device_id });
    if (name !== undefined) phones.set(key, { user_id, device_id, device_name: name });
  }
  return [...phones.values()];
}

function secretsBody({ kind, state, sentence, ways, newKey, canPair }: SecretsStatus): AnswerOf<"checkSecrets"> {
  return { kind, state, ...present({ sentence }), ways: [...ways], new_key: newKey, can_pair: canPair };
}

function warningOf({ landline, otherReading }: PhoneReading): { other_reading?: string; warning?: string } {
  if (otherReading !== undefined) {
    const warning = say("server.otherReading", { number: otherReading });
    return { other_reading: otherReading, warning };
  }
  return landline ? { warning: say("server.landline") } : {};
}
