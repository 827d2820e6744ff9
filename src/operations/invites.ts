import { present } from "../base/present.ts";
import type { INVITES } from "../contract/operations/invites.ts";
import { type AnswerOf, isAtLeast } from "../contract/operations.ts";
import { type AcceptInvite, isoSeconds, levelOf, type PairingSession, type PairingSessionFilter } from "../core/index.ts";
import { languageOfTag } from "../words/languages.ts";
import { say } from "../words/say.ts";
import { pairedAnswer } from "./claims.ts";
import { deliveryBody } from "./delivery.ts";
import { mqttHost } from "./devices.ts";
import type { HandlerDeps, Handlers, Input, RequestContext } from "./handlers.ts";
import { asksForPage, type PartAsked, readPage, slicesOf, WholeList } from "./lists.ts";

/** Invites by text message and by QR code, and what phones answer to them. */
export const INVITE_HANDLERS: Handlers<keyof typeof INVITES> = {
  async sendInvite({ pairing, links }, { phone_number, user_id, user_name, level, language }, { caller, callerClass }) {
    const mustConfirm = !isAtLeast(callerClass, "window");
    const who = { phoneNumber: phone_number, userId: user_id, userName: user_name ?? "" };
    const input = { ...who, level, mustConfirm, language: languageOfTag(language) };
    const { code, session } = await links.whileSending((begun) => pairing.sendInvite(input, caller, begun));
    return {
      invite_code: code,
      phone_number: session.phoneNumber,
      expires_at: isoSeconds(session.expiresAt),
      status: "pending",
      message: say("server.inviteSent", { minutes: pairing.settings.inviteMinutes }),
    };
  },

  async inviteStatus({ pairing }, { invite_code }) {
    const { status, expiresAt } = await pairing.findInvite(invite_code);
    return {
      invite_code,
      status,
      expires_at: isoSeconds(expiresAt),
      is_expired: status === "expired",
      is_valid: status === "pending",
    };
  },

  async generateQr({ pairing, settings, links }, { user_id, user_name, level }, { caller, callerClass }) {
    const mustConfirm = !isAtLeast(callerClass, "window");
    const [{ qrPng }, { token, session, link, otp }] = await Promise.all([
      import("./qr-png.ts"),
      pairing.openQr({ userId: user_id, userName: user_name ?? "", level, mustConfirm }, caller),
    ]);
    links.remember(session, token);
    return {
      pairing_token: token,
      expires_at: isoSeconds(session.expiresAt),
      qr_code_base64: (await qrPng(link)).toString("base64"),
      pairing_link: link,
      otp_required: otp !== undefined,
      ...present({ otp_code: otp }),
      mqtt_broker: mqttHost(pairing.settings.baseUrl(), settings.inUse().mqttBroker),
    };
  },

  acceptInvite: async (deps, { invite_code, ...phone }, context) => pair(deps, { code: invite_code, method: "sms" }, phone, context),

  pairByQr: async (deps, { pairing_token, otp_code, ...phone }, context) =>
    pair(deps, { code: pairing_token, method: "qr", ...present({ otp: otp_code }) }, phone, context),

  async declineInvite({ pairing }, { invite_code }, { caller }) {
    await pairing.declineInvite(invite_code, caller);
    return { invite_code, status: "cancelled" };
  },

  async resendInvite({ pairing, links }, { invite_code }, { caller }) {
    await links.whileSending((begun) => pairing.resendInvite(invite_code, caller, begun));
    return { message: say("server.inviteResent") };
  },

  noteOpened: async ({ pairing }, { code }) => ({ status: await pairing.noteOpened(code) }),

  async noteDelivery({ pairing }, { opaque }, context) {
    await pairing.noteDelivery({ path: "/phone/sms/status/", name: opaque, ...signedRequest(context) });
    return undefined;
  },

  async noteProviderDelivery({ pairing }, { provider, opaque }, context) {
    await pairing.noteDelivery({ path: `/phone/sms/status/${provider}/`, name: opaque, ...signedRequest(context) });
    return undefined;
  },

  answerReach: async ({ pairing }, { nonce }) => ({ proof: pairing.proveReach(nonce) }),

  async cancelInvite({ pairing }, { invite_code }, { caller }) {
    await pairing.cancelInvite(invite_code, caller);
    return { invite_code, status: "cancelled" };
  },

  async listSessions({ pairing }, asked) {
    const read = async (part: PartAsked) => pairing.pageOfSessions({ ...part, filter: sessionFilter(asked) });
    const body = async (session: PairingSession) => sessionBody(pairing, session);
    if (!asksForPage(asked)) return new WholeList("sessions", () => slicesOf(read, body));
    const { items, next } = await readPage("sessions", asked, read);
    return { sessions: await Promise.all(items.map(body)), ...next };
  },
};

async function pair(
  deps: HandlerDeps,
  invite: Pick<AcceptInvite, "code" | "method" | "otp">,
  phone: Omit<Input<"acceptInvite">, "invite_code">,
  context: RequestContext,
): Promise<ReturnType<typeof pairedAnswer>> {
  const result = await deps.pairing.acceptInvite(
    {
      ...invite,
      deviceId: phone.device_id,
      deviceName: phone.device_name,
      deviceType: phone.device_type,
      osVersion: phone.os_version ?? "",
      appVersion: phone.app_version ?? "",
      ...present({ pushToken: phone.push_token, idempotencyKey: context.idempotencyKey }),
      ...present({ language: languageOfTag(phone.language) ?? context.language }),
    },
    context.caller,
  );
  return pairedAnswer(deps, result, context);
}

function signedRequest({ signed }: RequestContext): NonNullable<RequestContext["signed"]> {
  if (!signed) throw new Error("a report was dispatched without its signature");
  return signed;
}

export function sessionFilter({ q, status, method, user_id }: Input<"findInvites">): PairingSessionFilter {
  return { text: q, statuses: status, methods: method, userId: user_id };
}

export async function sessionBody(
  pairing: HandlerDeps["pairing"],
  session: PairingSession,
): Promise<AnswerOf<"listSessions">["sessions"][number]> {
  const text = await pairing.findText(session.textId);
  const resendAfter = await pairing.resendAfter(session);
  return {
    session_id: session.sessionId,
    method: session.method,
    status: session.status,
    user_id: session.userId,
    user_name: session.userName,
    phone_number: session.phoneNumber,
    created_at: isoSeconds(session.createdAt),
    expires_at: isoSeconds(session.expiresAt),
    level: levelOf(session),
    ...present({ cancel_reason: session.cancelReason }),
    ...(session.acceptedAt === undefined ? {} : { accepted_at: isoSeconds(session.acceptedAt) }),
    ...present({ device_id: session.deviceId }),
    ...(session.revokedAt === undefined ? {} : { revoked_at: isoSeconds(session.revokedAt) }),
    sends: text?.sends.length ?? 0,
    ...(resendAfter === undefined ? {} : { resend_after: isoSeconds(resendAfter) }),
    ...(text?.delivery === undefined ? {} : { delivery: deliveryBody(text.delivery) }),
    ...(session.openedAt === undefined ? {} : { opened_at: isoSeconds(session.openedAt) }),
  };
}
