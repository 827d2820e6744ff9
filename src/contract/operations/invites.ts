import * as z from "zod";
import { Code, Id, Name, NewDeviceId, PhoneNumberText, PushToken, Time } from "../fields.ts";
import type { Operation } from "./operation.ts";
import { GATE, listQuery, Next, SENDING, SessionBody, Status, someOf, TEXTING } from "./shared-parts.ts";

const Phone = {
  device_id: NewDeviceId,
  device_name: Name,
  device_type: z.string().max(40).describe("ios, android or web; anything else is kept as unknown."),
  os_version: z
    .union([z.string().max(80), z.number()])
    .transform(String)
    .optional()
    .describe("React Native's Platform.Version is a number on Android: both are taken."),
  app_version: z.string().max(80).optional(),
  push_token: PushToken.optional(),
};

export const PairedBody = z
  .object({
    device_id: Id,
    jwt_token: z.string(),
    expires_at: Time,
    mqtt_broker: z.string(),
    user_id: Id,
    mqtt_url: z.string(),
    inbox_url: z.string(),
  })
  .meta({ id: "Paired" });

const InviteCode = z.object({ invite_code: Code });

const Cancelled = z.object({ invite_code: z.string(), status: z.literal("cancelled") });

export const INVITES = {
  sendInvite: {
    method: "POST",
    path: "/phone/pairing/send-sms",
    door: "local",
    auth: "open",
    limit: "send-sms",
    summary: "Send a pairing link by text message",
    body: z.object({ phone_number: PhoneNumberText, user_id: Id, user_name: Name.optional() }),
    answer: z.object({ invite_code: Code, phone_number: z.string(), expires_at: Time, status: z.literal("pending"), message: z.string() }),
    refusals: [...TEXTING, "keys_unavailable"],
  },
  inviteStatus: {
    method: "GET",
    path: "/phone/pairing/invite/{invite_code}",
    door: "phone",
    auth: "open",
    limit: "other",
    summary: "How an invite stands",
    params: InviteCode,
    answer: z.object({ invite_code: z.string(), status: Status, expires_at: Time, is_expired: z.boolean(), is_valid: z.boolean() }),
    refusals: ["invite_not_found"],
  },
  acceptInvite: {
    method: "POST",
    path: "/phone/pairing/accept-invite",
    door: "phone",
    auth: "open",
    limit: "accept",
    summary: "Accept an invite: the phone is paired",
    body: z.object({ invite_code: Code, ...Phone }),
    idempotent: true,
    answer: PairedBody,
    refusals: [
      "invite_not_found",
      "invite_already_used",
      "invite_expired",
      "invite_cancelled",
      "idempotency_key_reused",
      "keys_unavailable",
      "rate_limited",
    ],
  },
  generateQr: {
    method: "POST",
    path: "/phone/pairing/generate-qr",
    door: "local",
    auth: "open",
    limit: "generate-qr",
    summary: "Show a QR code for a phone in the same room",
    body: z.object({ user_id: Id, user_name: Name.optional() }),
    answer: z.object({
      pairing_token: Code,
      expires_at: Time,
      qr_code_base64: z.string().describe("A PNG, plain base64. It holds pairing_link."),
      pairing_link: z.string(),
      otp_required: z.boolean(),
      otp_code: z.string().optional().describe("Show it beside the picture, never in it."),
      mqtt_broker: z.string(),
    }),
    refusals: ["keys_unavailable", "too_many_invites", "rate_limited"],
  },
  pairByQr: {
    method: "POST",
    path: "/phone/pairing/pair",
    door: "phone",
    auth: "open",
    limit: "pair",
    summary: "Pair by a scanned QR code",
    body: z.object({ pairing_token: Code, otp_code: z.string().max(20).optional(), ...Phone }),
    idempotent: true,
    answer: PairedBody,
    refusals: [
      "otp_required",
      "otp_invalid",
      "invite_not_found",
      "invite_already_used",
      "invite_expired",
      "invite_cancelled",
      "idempotency_key_reused",
      "keys_unavailable",
      "rate_limited",
    ],
  },
  declineInvite: {
    method: "POST",
    path: "/phone/pairing/decline-invite",
    door: "phone",
    auth: "open",
    limit: "accept",
    summary: "Decline an invite",
    body: z.object({ invite_code: Code }),
    answer: Cancelled,
    refusals: ["invite_not_found", "invite_already_used", "invite_expired", "invite_cancelled", "rate_limited"],
  },
  resendInvite: {
    method: "POST",
    path: "/phone/pairing/resend-sms/{invite_code}",
    door: "local",
    auth: "open",
    limit: "send-sms",
    summary: "Send the link again, with a fresh expiry",
    params: InviteCode,
    answer: z.object({ message: z.string() }),
    refusals: ["invite_not_found", "invite_already_used", "invite_cancelled", "keys_unavailable", ...SENDING],
  },
  noteOpened: {
    method: "POST",
    path: "/phone/pairing/opened",
    door: "phone",
    auth: "open",
    limit: "other",
    summary: "A person has touched the pairing page; asked by the page itself, never by opening a link",
    body: z.object({ code: Code.describe("The invite code or the pairing token.") }),
    answer: z.object({ status: Status }),
    refusals: ["invite_not_found", "rate_limited"],
  },
  noteDelivery: {
    method: "POST",
    path: "/phone/sms/status/{opaque}",
    door: "phone",
    auth: "open",
    limit: "other",
    summary: "Twilio reports what became of a text message (signed with X-Twilio-Signature over PAIRING_BASE_URL and the path)",
    params: z.object({ opaque: z.string().min(1).max(256) }),
    body: z
      .object({ MessageSid: z.string().optional(), MessageStatus: z.string().optional(), ErrorCode: z.string().optional() })
      .catchall(z.string()),
    encoding: "form",
    status: 204,
    answer: z.undefined(),
    refusals: ["bad_signature", "rate_limited", "secrets_unavailable"],
  },
  answerReach: {
    method: "GET",
    path: "/phone/reach/{nonce}",
    door: "phone",
    auth: "open",
    limit: "other",
    summary: "Proves that this server answers at the address: asked by itself, through the tunnel",
    params: z.object({ nonce: z.string().regex(/^[\w-]{16,64}$/) }),
    answer: z.object({ proof: z.string().describe("HMAC-SHA256 of the nonce under a key of this process.") }),
    refusals: ["rate_limited"],
  },
  cancelInvite: {
    method: "DELETE",
    path: "/phone/pairing/invite/{invite_code}",
    door: "local",
    auth: "open",
    limit: "other",
    summary: "Cancel an invite",
    params: InviteCode,
    answer: Cancelled,
    refusals: ["invite_not_found", "invite_already_used"],
  },
  listSessions: {
    method: "GET",
    path: "/phone/pairing/sessions",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Invites, finished ones included, newest first",
    query: listQuery(Status.options).extend({ method: someOf(["sms", "qr"]) }),
    answer: z.object({ sessions: z.array(SessionBody), next: Next }),
    pages: "next",
    refusals: GATE,
  },
} as const satisfies Record<string, Operation>;
