import { type AnswerOf, OPERATIONS } from "../contract/operations.ts";
import {
  type AcceptInvite,
  type AuditLine,
  type DeviceFilter,
  type Instant,
  type Invited,
  isoSeconds,
  maskPhoneNumber,
  type Pairing,
  type PairingSession,
  type PairingSessionFilter,
  type PhoneReading,
  pairingLink,
} from "../core/index.ts";
import { limitKey } from "../http/client-address.ts";
import type { DoorSettings } from "../http/door-settings.ts";
import type { BrokerStatus } from "../mqtt/broker-status.ts";
import { errors } from "../words/en/errors.ts";
import { asking, type Handlers, type Input, type RequestContext } from "./handlers.ts";
import { asksForPage, nextLink, type PartAsked, readPage, slicesOf, WholeList } from "./lists.ts";
import { reachabilityBody, reachabilityChange } from "./reachability-wire.ts";
import type { RemoteHandlers } from "./remote-routes.ts";
import { detailsBody, previewBody, smsSettingsBody, smsSettingsChange, testBody } from "./sms-wire.ts";
import { adminTokenBody, deviceBody, mqttBroker, pairedBody, secretsBody, sessionBody } from "./wire.ts";

const AUDIT_PAGE = 50;

const SHOWN_AFTER_END = 60 * 60_000;
const MAX_SHOWN = 50;
/** So many that the newest are among them, and so few that a page of a busy server is read at once. */
const MAX_RECENT = 1000;
const CODES_KEPT = 1000;

/** What each operation does: the table of `src/contract/operations.ts` bound to the product. */
export function createHandlers(
  pairing: Pairing,
  settings: DoorSettings,
  remote: RemoteHandlers,
  broker: () => BrokerStatus | undefined,
): Handlers {
  const { baseUrl } = pairing.settings;
  // Codes are nowhere at rest; while this process lives the desk may still copy or open the link it just made.
  const codes = new Map<string, string>();

  const remember = (session: PairingSession, code: string): void => {
    if (codes.size >= CODES_KEPT) codes.delete(codes.keys().next().value ?? "");
    codes.set(session.sessionId, code);
  };

  /** Session id → since when its provider has been asked for an answer. */
  const sending = new Map<string, Instant>();

  /** The link is known, and that it is on its way, from the moment it is on disk: a provider may be slow to answer. */
  const following = async <T>(send: (begun: (invited: Invited) => void) => Promise<T>): Promise<T> => {
    let id: string | undefined;
    try {
      return await send(({ code, session }) => {
        id = session.sessionId;
        remember(session, code);
        sending.set(id, pairing.now());
      });
    } finally {
      if (id !== undefined) {
        sending.delete(id);
        pairing.emitInviteChange();
      }
    }
  };

  const phonesOf = async (lines: readonly AuditLine[]): Promise<AnswerOf<"listAudit">["phones"]> => {
    const phones = new Map<string, AnswerOf<"listAudit">["phones"][number]>();
    for (const { user_id, device_id } of lines) {
      if (user_id === undefined || device_id === undefined) continue;
      const key = JSON.stringify([user_id, device_id]);
      if (phones.has(key)) continue;
      const name = await pairing.nameOfDevice({ userId: user_id, deviceId: device_id });
      if (name !== undefined) phones.set(key, { user_id, device_id, device_name: name });
    }
    return [...phones.values()];
  };

  const bodyOf = async (session: PairingSession) => sessionBody(session, await pairing.resendAfter(session));

  /** As the settings page shows it. */
  const inviteBody = async (session: PairingSession): Promise<AnswerOf<"findInvites">["invites"][number]> => {
    const { deviceId } = session;
    const name = deviceId === undefined ? undefined : await pairing.nameOfDevice({ userId: session.userId, deviceId });
    const body = await bodyOf(session);
    const since = sending.get(session.sessionId);
    const code = body.status === "pending" || body.status === "expired" ? codes.get(session.sessionId) : undefined;
    return {
      ...body,
      phone_number: maskPhoneNumber(session.phoneNumber),
      ...(code === undefined ? {} : { invite_code: code, link: pairingLink(session.baseUrl, code, session.method) }),
      stale: session.baseUrl !== baseUrl(),
      ...(name === undefined ? {} : { device_name: name }),
      ...(since === undefined ? {} : { sending_since: isoSeconds(since) }),
    };
  };

  const pair = async (
    invite: Pick<AcceptInvite, "code" | "method" | "otp">,
    phone: Omit<Input<"acceptInvite">, "invite_code">,
    { caller, headers, idempotencyKey }: RequestContext,
  ): Promise<AnswerOf<"acceptInvite">> => {
    const paired = await pairing.acceptInvite(
      {
        ...invite,
        deviceId: phone.device_id,
        deviceName: phone.device_name,
        deviceType: phone.device_type,
        osVersion: phone.os_version ?? "",
        appVersion: phone.app_version ?? "",
        ...(phone.push_token === undefined ? {} : { pushToken: phone.push_token }),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      },
      caller,
    );
    headers["Set-Cookie"] = settings.deviceCookies(paired.token, paired.expiresAt);
    return pairedBody(paired, baseUrl(), settings.inUse().mqttBroker);
  };

  return {
    ...remote,

    async sendInvite({ phone_number, user_id, user_name }, { caller }) {
      const input = { phoneNumber: phone_number, userId: user_id, userName: user_name ?? "" };
      const { code, session } = await following((begun) => pairing.sendInvite(input, caller, begun));
      return {
        invite_code: code,
        phone_number: session.phoneNumber,
        expires_at: isoSeconds(session.expiresAt),
        status: "pending",
        message: `SMS sent! Link expires in ${pairing.settings.inviteMinutes} minutes.`,
      };
    },

    async inviteStatus({ invite_code }) {
      const session = await pairing.findInvite(invite_code);
      const { status } = session;
      return {
        invite_code,
        status,
        expires_at: isoSeconds(session.expiresAt),
        is_expired: status === "expired",
        is_valid: status === "pending",
      };
    },

    async generateQr({ user_id, user_name }, { caller }) {
      const [{ qrPicture }, { token, session, link, otp }] = await Promise.all([
        import("./qr-picture.ts"),
        pairing.openQr({ userId: user_id, userName: user_name ?? "" }, caller),
      ]);
      remember(session, token);
      return {
        pairing_token: token,
        expires_at: isoSeconds(session.expiresAt),
        qr_code_base64: (await qrPicture(link)).toString("base64"),
        pairing_link: link,
        otp_required: otp !== undefined,
        ...(otp === undefined ? {} : { otp_code: otp }),
        mqtt_broker: mqttBroker(baseUrl(), settings.inUse().mqttBroker),
      };
    },

    acceptInvite: async ({ invite_code, ...phone }, context) => pair({ code: invite_code, method: "sms" }, phone, context),

    pairByQr: async ({ pairing_token, otp_code, ...phone }, context) =>
      pair({ code: pairing_token, method: "qr", ...(otp_code === undefined ? {} : { otp: otp_code }) }, phone, context),

    async declineInvite({ invite_code }, { caller }) {
      await pairing.declineInvite(invite_code, caller);
      return { invite_code, status: "cancelled" };
    },

    async resendInvite({ invite_code }, { caller }) {
      await following((begun) => pairing.resendInvite(invite_code, caller, begun));
      return { message: "SMS resent successfully" };
    },

    noteOpened: async ({ code }) => ({ status: await pairing.noteOpened(code) }),

    async noteDelivery({ opaque }, { signed }) {
      if (!signed) throw new Error("a report was dispatched without its signature");
      await pairing.noteDelivery({ path: "/phone/sms/status/", name: opaque, ...signed });
      return undefined;
    },

    async noteProviderDelivery({ provider, opaque }, { signed }) {
      if (!signed) throw new Error("a report was dispatched without its signature");
      await pairing.noteDelivery({ path: `/phone/sms/status/${provider}/`, name: opaque, ...signed });
      return undefined;
    },

    answerReach: async ({ nonce }) => ({ proof: pairing.proveReach(nonce) }),

    async smsSettings() {
      return smsSettingsBody(pairing.smsSettings(), pairing.settings);
    },

    async saveSmsSettings(change) {
      return smsSettingsBody(await pairing.saveSmsSettings(smsSettingsChange(change)), pairing.settings);
    },

    async hostSettings() {
      return { settings: pairing.hostSettings().map((setting) => ({ ...setting })) };
    },

    async saveHostSettings({ values, check_only }) {
      if (check_only === true) pairing.checkHostSettings(values);
      else await pairing.saveHostSettings(values);
      return { settings: pairing.hostSettings().map((setting) => ({ ...setting })) };
    },

    adminToken: async () => adminTokenBody(pairing.adminToken()),

    saveAdminToken: async ({ admin_token }, { caller }) => adminTokenBody(await pairing.changeAdminToken(admin_token, caller)),

    removeAdminToken: async (_, { caller }) => adminTokenBody(await pairing.changeAdminToken(undefined, caller)),

    async saveWelcome({ shown }) {
      await pairing.showWelcome(shown);
      return { shown };
    },

    async testSmsConnection() {
      const { details, ...tried } = await pairing.trySms();
      return { ...tried, ...detailsBody(details) };
    },

    async sendTestSms({ phone_number }, { caller }) {
      const session = await pairing.sendTest(phone_number, caller);
      return { session_id: session.sessionId, message: "Test message sent. Look at the phone." };
    },

    async checkReach() {
      const { baseUrl: asked, ...verdict } = await pairing.checkReach();
      return { ...verdict, base_url: asked };
    },

    reachability: async () => reachabilityBody(await pairing.reachability()),

    saveReachability: async (change) => reachabilityBody(await pairing.saveReachability(reachabilityChange(change))),

    startTunnel: async () => reachabilityBody(await pairing.startTunnel()),

    stopTunnel: async () => reachabilityBody(await pairing.stopTunnel()),

    async cancelInvite({ invite_code }, { caller }) {
      await pairing.cancelInvite(invite_code, caller);
      return { invite_code, status: "cancelled" };
    },

    async cancelSession({ session_id }, { caller }) {
      await pairing.cancelSession(session_id, caller);
      return { session_id, status: "cancelled" };
    },

    async listSessions(asked) {
      const read = async (part: PartAsked) => pairing.pageOfSessions({ ...part, filter: sessionFilter(asked) });
      if (!asksForPage(asked)) return new WholeList("sessions", () => slicesOf(read, bodyOf));
      const { items, next } = await readPage("sessions", asked, read);
      return { sessions: await Promise.all(items.map(bodyOf)), ...next };
    },

    async listDevices(asked, { headers }) {
      const read = async (part: PartAsked) => pairing.pageOfDevices({ ...part, filter: deviceFilter(asked) });
      if (!asksForPage(asked)) return new WholeList(undefined, () => slicesOf(read, deviceBody));
      const { items, next } = await readPage("devices", asked, read);
      if (next.next !== undefined) headers["Link"] = nextLink(OPERATIONS.listDevices.path, { ...asked, ...next });
      return items.map(deviceBody);
    },

    async findDevices(asked) {
      const filter = { ...deviceFilter(asked), deviceId: asked.device_id };
      const read = async (part: PartAsked) => pairing.pageOfDevices({ ...part, filter });
      const { items, next } = await readPage("devices", asked, read);
      return { devices: items.map(deviceBody), ...next, counts: await pairing.countDevices() };
    },

    async renameDevice({ device_id, user_id, device_name }, { caller }) {
      return deviceBody(await pairing.renameDevice(choice(device_id, user_id), device_name, caller));
    },

    async revokeDevice({ device_id, user_id }, { caller }) {
      await pairing.revokeDevice(choice(device_id, user_id), caller);
      return { message: "Device revoked successfully", device_id };
    },

    async suspendDevice({ device_id, user_id }, { caller }) {
      return deviceBody(await pairing.suspendDevice(choice(device_id, user_id), caller));
    },

    async reactivateDevice({ device_id, user_id }, { caller }) {
      return deviceBody(await pairing.reactivateDevice(choice(device_id, user_id), caller));
    },

    async revokeAllDevices({ user_id, except_device_id }, { caller }) {
      const revoked = await pairing.revokeAllDevices(
        {
          ...(user_id === undefined ? {} : { userId: user_id }),
          ...(except_device_id === undefined ? {} : { exceptDeviceId: except_device_id }),
        },
        caller,
      );
      return { revoked };
    },

    forgetUser: async ({ user_id }, { caller }) => pairing.forgetUser(user_id, caller),

    async ownDevice(_input, { device }) {
      return deviceBody(asking(device));
    },

    async renameOwnDevice({ device_name }, { caller, device }) {
      const { deviceId, userId } = asking(device);
      return deviceBody(await pairing.renameDevice({ deviceId, userId }, device_name, caller));
    },

    async unpairOwnDevice(_input, { caller, device, headers }) {
      const { deviceId, userId } = asking(device);
      await pairing.unpairDevice({ deviceId, userId }, caller);
      headers["Set-Cookie"] = settings.deviceCookies("", 0);
      return { message: "Device unpaired successfully", device_id: deviceId };
    },

    async openHandoff(_input, { caller, device }) {
      const { code, url, expiresAt } = await pairing.openHandoff(asking(device), caller);
      return { code, url, expires_at: isoSeconds(expiresAt) };
    },

    async redeemHandoff({ code }, { caller, headers, idempotencyKey }) {
      const address = limitKey(caller.ip ?? "");
      const paired = await pairing.redeemHandoff({ code, address, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) }, caller);
      headers["Set-Cookie"] = settings.deviceCookies(paired.token, paired.expiresAt);
      return pairedBody(paired, baseUrl(), settings.inUse().mqttBroker);
    },

    rotateKey: async (_input, { caller }) => pairing.rotateKey(caller),

    async publicKeys(_input, { headers }) {
      headers["Cache-Control"] = "public, max-age=300";
      const { keys } = await pairing.publicKeys();
      return { keys: keys.map((key) => ({ ...key })) };
    },

    async alive(_input, { door }) {
      return door === "local" ? { status: "ok", ...settings.ports() } : { status: "ok" };
    },

    async ready() {
      await pairing.checkWritable();
      await pairing.publicKeys();
      return { status: "ready" };
    },

    async overview() {
      const now = pairing.now();
      const address = baseUrl();
      const recent = await pairing.listRecentSessions(now - SHOWN_AFTER_END, MAX_RECENT);
      const shown = recent.filter((session) => session.test === undefined).slice(0, MAX_SHOWN);
      const test = recent.find((session) => session.test === true);
      const pausedUntil = pairing.smsPausedUntil();
      const brokerNow = broker();
      return {
        sms_provider: pairing.smsProvider(),
        sms_month: { month: isoSeconds(now).slice(0, 7), messages: await pairing.countMessages() },
        ...(pausedUntil === undefined ? {} : { sms_paused_until: isoSeconds(pausedUntil) }),
        ...(test ? { sms_test: testBody(test) } : {}),
        base_url: address,
        invite_minutes: pairing.settings.inviteMinutes,
        admin_required: settings.inUse().adminRequired,
        user: { user_id: settings.inUse().userId, user_name: settings.inUse().userName },
        country: settings.inUse().country,
        secrets: secretsBody(pairing.readSecrets()),
        welcome: await pairing.isWelcomeShown(),
        ...(brokerNow === undefined ? {} : { broker: brokerNow }),
        now: isoSeconds(now),
        invites: await Promise.all(shown.map(inviteBody)),
      };
    },

    async findInvites(asked) {
      const read = async (part: PartAsked) => pairing.pageOfSessions({ ...part, filter: sessionFilter(asked) });
      const { items, next } = await readPage("sessions", asked, read);
      const invites = items.filter(({ test, approvalId }) => test === undefined && approvalId === undefined);
      return { invites: await Promise.all(invites.map(inviteBody)), ...next };
    },

    checkSecrets: async () => secretsBody(await pairing.retrySecrets()),

    moveSecrets: async ({ to }, { caller }) => secretsBody(await pairing.moveSecrets(to, caller)),

    async listAudit({ before, limit, events, text }) {
      const { lines, next, unreadable, missing } = await pairing.readAudit({
        most: limit ?? AUDIT_PAGE,
        ...(before === undefined ? {} : { before }),
        ...(events === undefined ? {} : { events: events.split(",") }),
        ...(text === undefined ? {} : { text }),
      });
      return { lines: [...lines], ...(next === undefined ? {} : { next }), unreadable, missing, phones: await phonesOf(lines) };
    },

    async readPhoneNumber({ typed, country, user_name }) {
      const reading = await pairing.readPhoneNumber(typed, country?.toUpperCase() ?? settings.inUse().country);
      if (!reading) return { sendable: false, problem: "This is not a phone number. Type it with its country code, like +1 415 555 2671." };
      const where = reading.country === undefined ? {} : { country: reading.country };
      if (!reading.possible)
        return { e164: reading.e164, sendable: false, problem: "This number has too few or too many digits for its country. Check it." };
      if (reading.costly)
        return {
          e164: reading.e164,
          sendable: false,
          problem: "This number costs extra or cannot get text messages. Use a mobile number.",
        };
      if (!pairing.isCountryAllowed(reading)) {
        return { e164: reading.e164, ...where, sendable: false, problem: errors.country_not_allowed };
      }
      return {
        e164: reading.e164,
        ...where,
        sendable: true,
        message: previewBody(pairing.previewSms(user_name ?? settings.inUse().userName, reading.country)),
        ...warningOf(reading),
      };
    },
  };
}

function deviceFilter({ q, status, user_id }: Pick<Input<"listDevices">, "q" | "status" | "user_id">): DeviceFilter {
  return { text: q, statuses: status, userId: user_id };
}

function sessionFilter({ q, status, method, user_id }: Input<"findInvites">): PairingSessionFilter {
  return { text: q, statuses: status, methods: method, userId: user_id };
}

function warningOf({ landline, otherReading }: PhoneReading): { other_reading?: string; warning?: string } {
  if (otherReading !== undefined) {
    const warning = `This can also be read as ${otherReading}. Check the number, or type it with + and its country code.`;
    return { other_reading: otherReading, warning };
  }
  return landline ? { warning: "This looks like a landline, which may not get text messages." } : {};
}

function choice(deviceId: string, userId: string | undefined): { deviceId: string; userId?: string } {
  return userId === undefined ? { deviceId } : { deviceId, userId };
}
