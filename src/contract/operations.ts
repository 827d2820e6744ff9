import * as z from "zod";
import type { SecretTrouble } from "../core/index.ts";
import { Code, Id, Name, PhoneNumberText, PushToken, Time, WebAddress } from "./fields.ts";
import {
  Acknowledgment,
  ApprovalAnswer,
  ApprovalCard,
  ApprovalRequest,
  Decision,
  InboxMessageBody,
  NotificationBody,
  NotificationRequest,
  NotificationWay,
  PushStandingBody,
  PushSubscriptionBody,
  TestedPhoneBody,
  VoiceAnswerBody,
  VoiceCommandRequest,
  VoiceOffer,
  VoiceResult,
  VoiceTask,
  WaitSeconds,
} from "./remote.ts";
import { DeliveryBody } from "./sms-delivery.ts";

/**
 * The whole API as data: one table makes routing, validation, the doors' allow-lists, OpenAPI, the desktop's IPC channels and
 * both clients. What an operation does is bound to it in `src/http/routes.ts`.
 */
export interface Operation {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Segments in braces are parameters: `/phone/pairing/invite/{invite_code}`. */
  readonly path: string;
  /** `phone`: served by the phone door too. Everything is served by the local door. */
  readonly door: "phone" | "local";
  /**
   * What it asks of the caller. `open`: nothing (a code in the request may be the proof). `gated`: the admin token when the gate
   * is on. `bearer`: a device token.
   */
  readonly auth: "open" | "gated" | "bearer";
  readonly limit: LimitBucket;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** How the body is written; without it, JSON. Every field of a form is a text and comes once. */
  readonly encoding?: "form";
  /** The answer's status; without it, 200. With 204 there is no body. */
  readonly status?: 204;
  /** Header `Idempotency-Key` is read and handed on. */
  readonly idempotent?: true;
  readonly answer: z.ZodType;
  readonly refusals: readonly string[];
}

/** Requests are counted in these buckets (CONTRACT section 2). `none`: what probes ask, which cost nothing and must not be refused. */
export type LimitBucket = "send-sms" | "accept" | "generate-qr" | "pair" | "devices" | "revoke" | "voice" | "other" | "none";

const DeviceBody = z
  .object({
    device_id: Id,
    device_name: z.string(),
    device_type: z.enum(["ios", "android", "web", "unknown"]),
    status: z.enum(["active", "suspended", "revoked"]),
    os_version: z.string(),
    app_version: z.string(),
    user_id: Id,
    paired_via: z.enum(["sms", "qr"]),
    paired_at: Time,
    last_seen: Time,
    expires_at: Time.describe("When its token ends."),
  })
  .meta({ id: "Device" });

/** The states in which something is wrong with secrets; the core has their sentences. */
const SECRET_STATES = [
  "no_library",
  "no_bus",
  "no_service",
  "locked",
  "waiting",
  "stopped",
  "missing",
  "other_item",
  "other_backend",
  "note_damaged",
  "file_unusable",
  "failed",
] as const satisfies readonly SecretTrouble[];

const Status = z.enum(["pending", "accepted", "expired", "cancelled"]);

const SessionBody = z
  .object({
    session_id: Id,
    method: z.enum(["sms", "qr"]),
    status: Status,
    user_id: Id,
    user_name: z.string(),
    phone_number: z.string(),
    created_at: Time,
    expires_at: Time,
    accepted_at: Time.optional(),
    device_id: Id.optional(),
    revoked_at: Time.optional(),
    sends: z.number().int(),
    delivery: DeliveryBody.optional().describe("Absent in mock mode, for QR codes, and until the provider has answered."),
    opened_at: Time.optional().describe(
      "When a person first touched the pairing page. Opening the link alone says nothing: scanners do it.",
    ),
    test: z.literal(true).optional().describe("A test message: its link was never good."),
    approval_id: Id.optional().describe("A text message about this approval, and no invite: it was cancelled from the start."),
  })
  .meta({ id: "Session" });

const Phone = {
  device_id: Id,
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

const PairedBody = z
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
const DeviceId = z.object({ device_id: Id });
const WhoseDevice = z.object({ user_id: Id.optional() });
const Cancelled = z.object({ invite_code: z.string(), status: z.literal("cancelled") });
const GATE = ["admin_token_required", "admin_token_invalid"] as const;
/** Whatever is texted may meet these. */
const SENDING = [
  "country_not_allowed",
  "sms_number_rejected",
  "sms_opted_out",
  "sms_region_blocked",
  "rate_limited",
  "sms_budget_exceeded",
  "sms_send_failed",
  "sms_outcome_unknown",
  "secrets_unavailable",
] as const;
/** And a number that is texted for the first time this, too. */
const TEXTING = ["invalid_phone_number", ...SENDING] as const;
const BEARER = ["token_missing", "token_invalid", "token_expired", "token_revoked", "device_suspended"] as const;

const ApprovalId = z.object({ approval_id: Id });
const SETTLED = ["approval_not_found", "already_decided", "approval_expired", "approval_cancelled"] as const;

const Provider = z.enum(["twilio", "sns", "mock"]);

/** A setting as the page shows it. `locked`: the environment rules, and the page cannot change it. */
const FieldBody = z.object({ value: z.string(), locked: z.boolean() });
/** A secret goes in and never comes out: only whether there is one. */
const SecretBody = z.object({ set: z.boolean(), locked: z.boolean() });

const SmsSettingsBody = z
  .object({
    provider: z.object({ value: z.enum(["auto", "twilio", "sns", "mock"]), locked: z.boolean() }).describe("What was chosen."),
    active: Provider.describe("Who sends now."),
    problem: z.string().optional().describe("Why what was chosen cannot send, and what to do."),
    twilio: z.object({
      account_sid: FieldBody,
      auth_token: SecretBody,
      api_key_sid: FieldBody,
      api_key_secret: SecretBody,
      phone_number: FieldBody,
      messaging_service_sid: FieldBody,
      missing: z.array(z.string()).describe("What is still needed, in words; empty when it can send."),
      delivery_reports: z.boolean().describe("Whether deliveries are reported: that needs the auth token and a public address."),
    }),
    sns: z.object({
      region: FieldBody,
      access_key_id: FieldBody,
      secret_access_key: SecretBody,
      sender_id: FieldBody,
      max_price: FieldBody.describe("US dollars for one message."),
      missing: z.array(z.string()).describe("As for twilio."),
      found: z
        .string()
        .optional()
        .describe("Where AWS credentials were found on this computer: the environment, or a profile. Never looked for on the network."),
      agreed: z.boolean().describe("Whether credentials that were found may be used. A server uses them; the desktop asks once."),
    }),
    allowed_countries: z.array(z.string()).optional().describe("ISO 3166 codes of PAIRING_ALLOWED_COUNTRIES; absent: every country."),
    secrets_in: z.enum(["environment", "file", "keychain", "memory"]).describe("Where secrets are kept."),
  })
  .meta({ id: "SmsSettings" });

const SID = (prefix: string, means: string) =>
  z
    .string()
    .trim()
    .regex(new RegExp(`^(|${prefix}[0-9a-fA-F]{32})$`), `must begin with ${prefix} and have 32 hexadecimal digits after it`)
    .optional()
    .describe(means);
const Secret = z
  .string()
  .trim()
  .max(512)
  .regex(/^[\x21-\x7e]*$/, "must be letters, digits and signs without spaces")
  .optional();

const HostSettingsBody = z
  .object({
    settings: z.array(
      z.object({
        name: z.string().describe("The environment variable."),
        group: z.string(),
        kind: z.enum(["flag", "number", "text", "list"]).describe("How it is typed; a list is separated by commas."),
        from: z.number().optional(),
        to: z.number().optional(),
        means: z.string(),
        default: z.string().optional().describe("What stands where nothing is said; in words where it depends."),
        value: z.string().optional().describe("What the environment says, or what was saved."),
        locked: z.boolean().describe("The environment rules, and the page cannot change it."),
        restart: z.boolean().describe("A change is used from the next start on; others at once."),
        waiting: z.boolean().describe("Saved, and not in use before a restart."),
      }),
    ),
  })
  .meta({ id: "HostSettings" });

const AdminTokenBody = z
  .object({
    set: z.boolean(),
    locked: z.boolean().describe("The environment rules, and the page cannot change it."),
    kept_in: z.enum(["environment", "file", "keychain", "memory"]),
  })
  .meta({ id: "AdminToken" });

const SettingName = z.string().max(64);
const SettingText = z.string().trim().max(4096);

const SmsTried = z.object({
  ok: z.boolean(),
  provider: Provider,
  sentence: z.string().describe("What was found, and what to do."),
  details: z.object({ provider: z.string(), code: z.string() }).optional(),
});
const SecretsBody = z
  .object({
    kind: z.enum(["environment", "file", "keychain", "memory"]),
    state: z
      .enum(["ready", "opening", ...SECRET_STATES])
      .describe("ready and opening are fine; anything else keeps the signing key from being used, or what was kept from being read."),
    sentence: z.string().optional().describe("What is wrong, and the way out."),
    ways: z.array(z.enum(["retry", "keychain", "file"])).describe("What may be done about it here."),
    new_key: z.boolean().describe("Keeping secrets elsewhere makes a new signing key: phones must be paired again."),
  })
  .meta({ id: "Secrets" });

const TunnelRunner = z.enum(["cloudflared", "ngrok"]);

const ReachabilityBody = z
  .object({
    base_url: FieldBody.describe("An address of your own. PAIRING_BASE_URL locks it."),
    runner: TunnelRunner.describe("Who runs the tunnel."),
    cloudflared: z.object({
      path: FieldBody.describe("Where it was said to be; empty: it is looked for. PAIRING_CLOUDFLARED locks it."),
      found: z.string().optional().describe("The file that is run."),
      problem: z.string().optional().describe("Why none would be run, and what to do."),
    }),
    ngrok: z.object({
      authtoken: z
        .object({ set: z.boolean(), locked: z.boolean() })
        .describe("Whether there is one; it is never shown. NGROK_AUTHTOKEN locks it."),
      problem: z.string().optional().describe("Why it would not start, and what to do. It is looked for only while it is the runner."),
    }),
    tunnel_at_start: z.boolean().describe("Whether the tunnel starts with Top Dog."),
    tunnel: z
      .discriminatedUnion("state", [
        z.object({ state: z.literal("off") }),
        z.object({ state: z.literal("starting"), since: Time }),
        z.object({ state: z.literal("online"), since: Time, address: z.string() }),
        z.object({
          state: z.literal("failed"),
          sentence: z.string().describe("Why, and what to do."),
          said: z.string().optional().describe("What the program itself said last."),
          again_at: Time.optional().describe("When it is tried again; absent when only a person can mend it."),
        }),
      ])
      .describe("The tunnel that Top Dog runs. Links point to it while it is online."),
    phone_door: z.string().describe("Where a tunnel on this computer finds the phone door."),
    local_network: z
      .array(z.string())
      .describe("Where phones on the same network find the phone door; empty while it listens on this computer only."),
  })
  .meta({ id: "Reachability" });

/** What the settings page shows beside the devices: the road to the phone, and the invites that still wait. */
const OverviewBody = z
  .object({
    sms_provider: Provider,
    sms_month: z.object({
      month: z.string().describe("2026-11, UTC."),
      messages: z.number().int().describe("Text messages that a provider took this month, resends and tests included; none in mock mode."),
    }),
    sms_paused_until: Time.optional().describe("The provider has failed again and again, so nothing is sent until then."),
    sms_test: z
      .object({ session_id: z.string(), phone_number: z.string().describe("Masked."), delivery: DeliveryBody.optional() })
      .optional()
      .describe("The last test message, for an hour."),
    base_url: z.string(),
    invite_minutes: z.number().int(),
    admin_required: z.boolean(),
    user: z.object({ user_id: z.string(), user_name: z.string() }).describe("Whose phones are paired from this page."),
    country: z.string().describe("ISO 3166 code that numbers without a country code belong to."),
    secrets: SecretsBody.describe("Where the signing key is kept, and how that stands."),
    welcome: z.boolean().describe("Whether the page begins with its first steps: nothing was set up yet, or somebody asked for them."),
    broker: z
      .object({ host: z.string(), state: z.enum(["connecting", "connected", "away"]), sentence: z.string().optional() })
      .optional()
      .describe("The MQTT broker that this server connects to, where one is set. While it is away phones still have their inbox."),
    now: Time.describe("The server's clock, so that a countdown is right on a machine whose clock is not."),
    invites: z.array(
      SessionBody.extend({
        phone_number: z.string().describe("Masked."),
        invite_code: z.string().optional().describe("Only while the server that made it still runs: it is nowhere on disk."),
        link: z.string().optional().describe("As invite_code."),
        stale: z.boolean().describe("The public address has changed since the link was sent."),
      }),
    ),
  })
  .meta({ id: "Overview" });

const PhoneNumberBody = z
  .object({
    e164: z.string().optional(),
    sendable: z.boolean(),
    country: z.string().optional().describe("ISO 3166 code."),
    message: z
      .object({
        text: z.string().describe("What will be sent; the link's code is shown as …"),
        segments: z.number().int().describe("How many text messages it is charged as."),
        character_set: z.enum(["GSM-7", "UCS-2"]),
        cost: z
          .object({ currency: z.literal("USD"), least: z.number(), most: z.number() })
          .optional()
          .describe("An estimate from list prices; absent in mock mode and where no price is known."),
      })
      .optional()
      .describe("There when the number is sendable."),
    warning: z.string().optional().describe("What to know before sending: a landline, for example."),
    problem: z.string().optional().describe("Why it cannot be sent to, and what to do."),
  })
  .meta({ id: "PhoneNumber" });

const AuditLineBody = z
  .object({
    ts: z.string().describe("ISO 8601, UTC."),
    seq: z.number().int(),
    event: z.string(),
    session_id: z.string().optional(),
    user_id: z.string().optional(),
    device_id: z.string().optional(),
    ip: z.string().optional(),
    ua: z.string().optional(),
    phone_number: z.string().optional().describe("Masked."),
    approval_id: z.string().optional(),
    reason: z.string().optional(),
    via: z.string().optional(),
    kid: z.string().optional(),
  })
  .meta({ id: "AuditLine" });

export const OPERATIONS = {
  sendInvite: {
    method: "POST",
    path: "/phone/pairing/send-sms",
    door: "local",
    auth: "open",
    limit: "send-sms",
    summary: "Send a pairing link by text message",
    body: z.object({ phone_number: PhoneNumberText, user_id: Id, user_name: Name.optional() }),
    answer: z.object({ invite_code: Code, phone_number: z.string(), expires_at: Time, status: z.literal("pending"), message: z.string() }),
    refusals: TEXTING,
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
    refusals: ["invite_not_found", "invite_already_used", "invite_expired", "invite_cancelled", "idempotency_key_reused", "rate_limited"],
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
    refusals: ["rate_limited"],
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
    refusals: ["invite_not_found", "invite_already_used", "invite_cancelled", ...SENDING],
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
    summary: "Every invite that was ever sent, newest first",
    answer: z.object({ sessions: z.array(SessionBody) }),
    refusals: GATE,
  },
  listDevices: {
    method: "GET",
    path: "/phone/devices",
    door: "local",
    auth: "gated",
    limit: "devices",
    summary: "Paired phones, revoked ones included",
    answer: z.array(DeviceBody),
    refusals: [...GATE, "rate_limited"],
  },
  renameDevice: {
    method: "PATCH",
    path: "/phone/devices/{device_id}",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Rename a phone",
    params: DeviceId,
    query: WhoseDevice,
    body: z.object({ device_name: Name.min(1) }),
    answer: DeviceBody,
    refusals: [...GATE, "device_not_found", "device_ambiguous"],
  },
  revokeDevice: {
    method: "DELETE",
    path: "/phone/devices/{device_id}",
    door: "local",
    auth: "gated",
    limit: "revoke",
    summary: "Revoke a phone: its token is refused from now on",
    params: DeviceId,
    query: WhoseDevice,
    answer: z.object({ message: z.string(), device_id: Id }),
    refusals: [...GATE, "device_not_found", "device_ambiguous", "rate_limited"],
  },
  suspendDevice: {
    method: "POST",
    path: "/phone/devices/{device_id}/suspend",
    door: "local",
    auth: "gated",
    limit: "revoke",
    summary: "Suspend a phone until it is reactivated",
    params: DeviceId,
    query: WhoseDevice,
    answer: DeviceBody,
    refusals: [...GATE, "device_not_found", "device_ambiguous", "rate_limited"],
  },
  reactivateDevice: {
    method: "POST",
    path: "/phone/devices/{device_id}/reactivate",
    door: "local",
    auth: "gated",
    limit: "revoke",
    summary: "Let a suspended phone in again",
    params: DeviceId,
    query: WhoseDevice,
    answer: DeviceBody,
    refusals: [...GATE, "device_not_found", "device_ambiguous", "rate_limited"],
  },
  testDevice: {
    method: "POST",
    path: "/phone/devices/{device_id}/test-notification",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Send a test notification to a phone, and say how it fared on each road",
    params: DeviceId,
    query: WhoseDevice,
    answer: TestedPhoneBody,
    refusals: [...GATE, "device_not_found", "device_ambiguous", "device_suspended", "storage_unavailable", "rate_limited"],
  },
  revokeAllDevices: {
    method: "POST",
    path: "/phone/devices/revoke-all",
    door: "local",
    auth: "gated",
    limit: "revoke",
    summary: "Revoke all phones, or all but one",
    body: z.object({ user_id: Id.optional(), except_device_id: Id.optional() }),
    answer: z.object({ revoked: z.number().int() }),
    refusals: [...GATE, "rate_limited"],
  },
  ownDevice: {
    method: "GET",
    path: "/phone/me",
    door: "phone",
    auth: "bearer",
    limit: "other",
    summary: "The phone that asks",
    answer: DeviceBody,
    refusals: BEARER,
  },
  renameOwnDevice: {
    method: "PATCH",
    path: "/phone/me",
    door: "phone",
    auth: "bearer",
    limit: "other",
    summary: "Rename the phone that asks",
    body: z.object({ device_name: Name.min(1) }),
    answer: DeviceBody,
    refusals: [...BEARER, "storage_unavailable", "rate_limited"],
  },
  unpairOwnDevice: {
    method: "DELETE",
    path: "/phone/me",
    door: "phone",
    auth: "bearer",
    limit: "other",
    summary: "Unpair the phone that asks",
    answer: z.object({ message: z.string(), device_id: Id }),
    refusals: BEARER,
  },
  sendNotification: {
    method: "POST",
    path: "/phone/notifications/send",
    door: "local",
    auth: "open",
    limit: "other",
    summary: "Send build news to a phone, to all of a user's, or to all; kept for those that are away",
    body: NotificationRequest,
    answer: z.object({
      message: z.string(),
      notification_id: Id,
      delivered_to: z.array(Id).describe("The phones in whose outbox it is. Without device_id there may be none."),
    }),
    refusals: ["device_not_found", "device_ambiguous", "device_suspended"],
  },
  notificationStatus: {
    method: "GET",
    path: "/phone/notifications/{notification_id}",
    door: "local",
    auth: "open",
    limit: "other",
    summary: "How a notification fared with each phone",
    params: z.object({ notification_id: Id }),
    answer: NotificationWay,
    refusals: ["notification_not_found"],
  },
  requestApproval: {
    method: "POST",
    path: "/phone/approvals/request",
    door: "local",
    auth: "open",
    limit: "other",
    summary: "Ask phones, and the desk, for an approval",
    body: ApprovalRequest,
    answer: z.object({ message: z.string(), approval_id: Id, status: z.literal("pending") }),
    refusals: ["device_not_found", "device_ambiguous", "device_suspended"],
  },
  approvalStatus: {
    method: "GET",
    path: "/phone/approvals/{approval_id}",
    door: "local",
    auth: "open",
    limit: "other",
    summary: "How an approval stands; waits, if asked to, until it is settled",
    params: ApprovalId,
    query: z.object({ wait: WaitSeconds(60) }),
    answer: ApprovalAnswer,
    refusals: ["approval_not_found"],
  },
  cancelApproval: {
    method: "DELETE",
    path: "/phone/approvals/{approval_id}",
    door: "local",
    auth: "open",
    limit: "other",
    summary: "Take an approval back; one that is over already stays as it is",
    params: ApprovalId,
    answer: ApprovalAnswer,
    refusals: ["approval_not_found", "already_decided"],
  },
  decideApproval: {
    method: "POST",
    path: "/phone/approvals/{approval_id}/decision",
    door: "phone",
    auth: "bearer",
    limit: "other",
    summary: "Approve or reject, on any active phone of the user; the first decision counts",
    params: ApprovalId,
    body: Decision,
    answer: ApprovalAnswer,
    refusals: [...BEARER, ...SETTLED, "rate_limited"],
  },
  readInbox: {
    method: "GET",
    path: "/phone/inbox",
    door: "phone",
    auth: "bearer",
    limit: "other",
    summary: "Messages to the phone that asks, in order; waits, if asked to, until there is one",
    query: z.object({
      since: z.coerce
        .number<number | string>()
        .int()
        .min(0)
        .default(0)
        .describe("The seq of the last message the phone has: it acknowledges all up to there. 0: everything that is kept."),
      wait: WaitSeconds(25),
    }),
    answer: z.object({
      messages: z.array(InboxMessageBody).describe("At most 100; ask on with next."),
      next: z.number().int().describe("What to send as since: the last seq, or since when there is nothing."),
    }),
    refusals: [...BEARER, "rate_limited"],
  },
  acknowledgeMessages: {
    method: "POST",
    path: "/phone/inbox/acknowledge",
    door: "phone",
    auth: "bearer",
    limit: "other",
    summary: "What the phone that asks has got, and what a person has read on it",
    body: Acknowledgment,
    status: 204,
    answer: z.undefined(),
    refusals: [...BEARER, "rate_limited"],
  },
  pushStanding: {
    method: "GET",
    path: "/phone/push",
    door: "phone",
    auth: "bearer",
    limit: "other",
    summary: "Whether the phone that asks can be woken by notifications, and whether it is",
    answer: PushStandingBody,
    refusals: [...BEARER, "keys_unavailable", "rate_limited"],
  },
  subscribeToPush: {
    method: "POST",
    path: "/phone/push/subscription",
    door: "phone",
    auth: "bearer",
    limit: "other",
    summary: "Wake this phone by Web Push from now on; one subscription per phone, and the last one counts",
    body: PushSubscriptionBody,
    status: 204,
    answer: z.undefined(),
    refusals: [...BEARER, "push_unavailable", "push_service_not_allowed", "storage_unavailable", "rate_limited"],
  },
  unsubscribeFromPush: {
    method: "DELETE",
    path: "/phone/push/subscription",
    door: "phone",
    auth: "bearer",
    limit: "other",
    summary: "Wake this phone no more",
    status: 204,
    answer: z.undefined(),
    refusals: [...BEARER, "storage_unavailable", "rate_limited"],
  },
  testOwnNotification: {
    method: "POST",
    path: "/phone/push/test",
    door: "phone",
    auth: "bearer",
    limit: "other",
    summary: "Send a test notification to the phone that asks",
    answer: TestedPhoneBody,
    refusals: [...BEARER, "storage_unavailable", "rate_limited"],
  },
  voiceCommand: {
    method: "POST",
    path: "/phone/voice-command",
    door: "phone",
    auth: "bearer",
    limit: "voice",
    summary: "A spoken or typed command of a closed grammar; whatever acts needs a tap",
    body: VoiceCommandRequest,
    answer: VoiceAnswerBody,
    refusals: [...BEARER, "device_mismatch", ...SETTLED, "rate_limited"],
  },
  offerVoiceCommands: {
    method: "POST",
    path: "/desk/voice/handlers",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "An IDE says what phones may ask of it; it counts while the IDE goes on asking for commands",
    body: VoiceOffer,
    answer: z.object({ handler_id: Id, expires_in: z.number().int().describe("Seconds without a question, after which it is forgotten.") }),
    refusals: GATE,
  },
  nextVoiceCommands: {
    method: "GET",
    path: "/desk/voice/handlers/{handler_id}/commands",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Commands that phones have confirmed, each handed out once; waits, if asked to, until there is one",
    params: z.object({ handler_id: Id }),
    query: z.object({ wait: WaitSeconds(60) }),
    answer: z.object({ commands: z.array(VoiceTask) }),
    refusals: [...GATE, "voice_handler_not_found"],
  },
  voiceResult: {
    method: "POST",
    path: "/desk/voice/commands/{command_id}/result",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "What came of a command; the phone that asked is told",
    params: z.object({ command_id: Id }),
    body: VoiceResult,
    status: 204,
    answer: z.undefined(),
    refusals: [...GATE, "voice_command_not_found"],
  },
  withdrawVoiceCommands: {
    method: "DELETE",
    path: "/desk/voice/handlers/{handler_id}",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "The IDE listens no more",
    params: z.object({ handler_id: Id }),
    status: 204,
    answer: z.undefined(),
    refusals: [...GATE, "voice_handler_not_found"],
  },
  rotateKey: {
    method: "POST",
    path: "/phone/keys/rotate",
    door: "local",
    auth: "gated",
    limit: "revoke",
    summary: "Sign with a new key; tokens of the former one stay good until they end",
    answer: z.object({ kid: z.string() }),
    refusals: [...GATE, "keys_elsewhere", "keys_unavailable", "rate_limited"],
  },
  publicKeys: {
    method: "GET",
    path: "/.well-known/jwks.json",
    door: "phone",
    auth: "open",
    limit: "other",
    summary: "The public keys that verify device tokens (RFC 7517)",
    answer: z.object({ keys: z.array(z.record(z.string(), z.string())) }),
    refusals: ["keys_unavailable"],
  },
  alive: {
    method: "GET",
    path: "/healthz",
    door: "phone",
    auth: "open",
    limit: "none",
    summary: "200 while the process lives",
    answer: z.object({ status: z.literal("ok"), local_port: z.number().int().optional(), phone_port: z.number().int().optional() }),
    refusals: [],
  },
  ready: {
    method: "GET",
    path: "/readyz",
    door: "phone",
    auth: "open",
    limit: "none",
    summary: "200 only when the store can be written",
    answer: z.object({ status: z.literal("ready") }),
    refusals: ["storage_unavailable", "keys_unavailable"],
  },
  overview: {
    method: "GET",
    path: "/desk/overview",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "What the settings page shows",
    answer: OverviewBody,
    refusals: GATE,
  },
  checkSecrets: {
    method: "POST",
    path: "/desk/secrets/check",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Ask the keychain again, now",
    answer: SecretsBody,
    refusals: GATE,
  },
  moveSecrets: {
    method: "POST",
    path: "/desk/secrets/move",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Keep secrets in the keychain, or in files of the storage folder: never chosen without asking",
    body: z.object({ to: z.enum(["keychain", "file"]) }),
    answer: SecretsBody,
    refusals: [...GATE, "keys_elsewhere", "keys_unavailable", "storage_unavailable"],
  },
  listAudit: {
    method: "GET",
    path: "/desk/audit",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "The audit trail, the newest line first, in pages",
    query: z.object({
      before: z.coerce
        .number<number | string>()
        .int()
        .min(1)
        .optional()
        .describe("Only lines with a smaller number: next of the page before."),
      limit: z.coerce.number<number | string>().int().min(1).max(1000).optional().describe("Lines in a page; 50 unless said."),
      events: z.string().max(1000).optional().describe("Only these events, separated by commas."),
      text: z.string().max(200).optional().describe("Only lines in which some word holds this."),
    }),
    answer: z.object({
      lines: z.array(AuditLineBody),
      next: z
        .number()
        .int()
        .optional()
        .describe("Ask again with this as before; absent when there is no more. A page may be short, or empty, and have a next."),
      unreadable: z.number().int().describe("Lines of this stretch that are no lines of ours: somebody has changed the file."),
      missing: z.number().int().describe("Numbers of this stretch that have no line."),
    }),
    refusals: [...GATE, "storage_unavailable"],
  },
  listApprovals: {
    method: "GET",
    path: "/desk/approvals",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Approvals with all that is asked, the newest first",
    answer: z.object({ approvals: z.array(ApprovalCard) }),
    refusals: GATE,
  },
  decideAtDesk: {
    method: "POST",
    path: "/desk/approvals/{approval_id}/decision",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Approve or reject at the desk; the first decision counts",
    params: ApprovalId,
    body: Decision,
    answer: ApprovalAnswer,
    refusals: [...GATE, ...SETTLED],
  },
  listNotifications: {
    method: "GET",
    path: "/desk/notifications",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "The last notifications, the newest first, and how each fared with each phone",
    answer: z.object({ notifications: z.array(NotificationWay.extend({ sent_at: Time, payload: NotificationBody })) }),
    refusals: GATE,
  },
  cancelSession: {
    method: "DELETE",
    path: "/desk/invites/{session_id}",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Cancel an invite whose code nobody remembers",
    params: z.object({ session_id: Id }),
    answer: z.object({ session_id: z.string(), status: z.literal("cancelled") }),
    refusals: [...GATE, "invite_not_found", "invite_already_used"],
  },
  readPhoneNumber: {
    method: "POST",
    path: "/desk/phone-number",
    door: "local",
    auth: "open",
    limit: "other",
    summary: "Any spelling of a number → E.164, or what is wrong with it",
    body: z.object({
      typed: z.string().max(200),
      country: z.string().length(2).optional(),
      user_name: Name.optional().describe("Whom the message will greet."),
    }),
    answer: PhoneNumberBody,
    refusals: [],
  },
  smsSettings: {
    method: "GET",
    path: "/desk/sms",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Who sends text messages, what is set, what is missing; secrets never",
    answer: SmsSettingsBody,
    refusals: GATE,
  },
  saveSmsSettings: {
    method: "PATCH",
    path: "/desk/sms",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Change who sends text messages; used from the next message on. An empty text removes what was saved, what is left out stays",
    body: z.object({
      provider: z.enum(["auto", "twilio", "sns", "mock"]).optional(),
      twilio_account_sid: SID("AC", "Twilio console, Account Info."),
      twilio_auth_token: Secret,
      twilio_api_key_sid: SID("SK", "Instead of the auth token."),
      twilio_api_key_secret: Secret,
      twilio_phone_number: z
        .string()
        .trim()
        .regex(/^(|\+[1-9]\d{6,14}|\d{4,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/, "must be like +15551234567, a short code or a sender name")
        .optional(),
      twilio_messaging_service_sid: SID("MG", "Instead of the phone number."),
      sns_region: z
        .string()
        .trim()
        .regex(/^(|[a-z]{2}(-[a-z]+)+-\d)$/, "must be a region like us-east-1")
        .optional(),
      sns_access_key_id: z
        .string()
        .trim()
        .regex(/^(|[A-Z0-9]{16,128})$/, "must be an access key id like AKIA…")
        .optional(),
      sns_secret_access_key: Secret,
      sns_sender_id: z
        .string()
        .trim()
        .regex(/^(|(?=.*[A-Za-z])[A-Za-z0-9]{1,11})$/, "must be 1 to 11 letters and digits, at least one letter")
        .optional(),
      sns_max_price: z
        .string()
        .trim()
        .regex(/^(|\d{1,3}(\.\d{1,5})?)$/, "must be US dollars like 0.05")
        .optional(),
      sns_agreed: z.boolean().optional().describe("AWS credentials found on this computer may be used."),
    }),
    answer: SmsSettingsBody,
    refusals: [...GATE, "setting_locked", "sms_settings_incomplete", "secrets_unavailable"],
  },
  testSmsConnection: {
    method: "POST",
    path: "/desk/sms/test-connection",
    door: "local",
    auth: "gated",
    limit: "send-sms",
    summary: "Ask the provider whether it knows these credentials; sends nothing",
    answer: SmsTried,
    refusals: [...GATE, "rate_limited", "secrets_unavailable"],
  },
  sendTestSms: {
    method: "POST",
    path: "/desk/sms/send-test",
    door: "local",
    auth: "gated",
    limit: "send-sms",
    summary: "Send a test message, without a link; it counts as a text message",
    body: z.object({ phone_number: PhoneNumberText }),
    answer: z.object({ session_id: Id, message: z.string() }),
    refusals: [...GATE, ...TEXTING],
  },
  hostSettings: {
    method: "GET",
    path: "/desk/settings",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "The settings that have no card of their own: what is set, by whom, and what waits for a restart",
    answer: HostSettingsBody,
    refusals: GATE,
  },
  adminToken: {
    method: "GET",
    path: "/desk/admin-token",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Whether there is an admin token, and where: never the token",
    answer: AdminTokenBody,
    refusals: GATE,
  },
  saveAdminToken: {
    method: "POST",
    path: "/desk/admin-token",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Keep an admin token where secrets are; it replaces the former",
    body: z.object({
      admin_token: z
        .string()
        .min(24, "must have at least 24 characters, so that nobody guesses it")
        .max(256)
        .regex(/^[\x21-\x7e]*$/, "must be letters, digits and signs without spaces"),
    }),
    answer: AdminTokenBody,
    refusals: [...GATE, "setting_locked", "secrets_unavailable", "storage_unavailable"],
  },
  removeAdminToken: {
    method: "DELETE",
    path: "/desk/admin-token",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Forget the kept admin token, once the gate does not ask for it any more",
    answer: AdminTokenBody,
    refusals: [...GATE, "setting_locked", "secrets_unavailable", "storage_unavailable"],
  },
  saveHostSettings: {
    method: "PATCH",
    path: "/desk/settings",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Change settings, all of them or none; what is left out stays",
    body: z.object({
      values: z
        .record(SettingName, SettingText.nullable())
        .refine((values) => Object.keys(values).length <= 100, "must be at most 100 settings")
        .describe("By name, written as in the environment; null or an empty text goes back to the default."),
      check_only: z.boolean().optional().describe("Refuse what would be refused, and save nothing."),
    }),
    answer: HostSettingsBody,
    refusals: [...GATE, "setting_locked", "storage_unavailable"],
  },
  saveWelcome: {
    method: "PATCH",
    path: "/desk/welcome",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Show the settings page's first steps, or have done with them",
    body: z.object({ shown: z.boolean() }),
    answer: z.object({ shown: z.boolean() }),
    refusals: [...GATE, "storage_unavailable"],
  },
  checkReach: {
    method: "POST",
    path: "/desk/reach",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Whether phones can reach the phone door at the public address: it is asked the way a phone would",
    answer: z.object({
      result: z
        .enum([
          "reached",
          "this_computer_only",
          "this_network_only",
          "not_https",
          "no_answer",
          "bad_certificate",
          "tunnel_broken",
          "interstitial",
          "another_server",
        ])
        .describe(
          "reached: all is well. this_computer_only: a loopback address, as in mock mode. this_network_only: an http address of a local network.",
        ),
      reachable: z
        .boolean()
        .describe("Whether a link would work on a phone: reached, or in mock mode an address of this computer or its network."),
      base_url: z.string(),
      sentence: z.string().describe("What was found, and what to do."),
    }),
    refusals: [...GATE, "rate_limited"],
  },
  reachability: {
    method: "GET",
    path: "/desk/reachability",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "How phones get to the phone door, and how the tunnel stands",
    answer: ReachabilityBody,
    refusals: GATE,
  },
  saveReachability: {
    method: "PATCH",
    path: "/desk/reachability",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Change it; used from the next link on. An empty text removes what was saved, what is left out stays",
    body: z.object({
      base_url: WebAddress.optional(),
      cloudflared_path: z
        .string()
        .trim()
        .max(4096)
        .refine((path) => !path.includes("\0"), "must not hold a NUL character")
        .optional()
        .describe("The whole path of the program."),
      tunnel_at_start: z.boolean().optional(),
      runner: TunnelRunner.optional().describe("Refused while the tunnel starts or is online."),
      ngrok_authtoken: z
        .string()
        .trim()
        .max(512)
        .regex(/^[\x21-\x7e]*$/, "must be the authtoken alone, without spaces")
        .optional()
        .describe("Kept where secrets are, and used from the tunnel's next start on."),
    }),
    answer: ReachabilityBody,
    refusals: [...GATE, "setting_locked", "tunnel_program_unusable", "tunnel_running", "secrets_unavailable", "storage_unavailable"],
  },
  startTunnel: {
    method: "POST",
    path: "/desk/tunnel/start",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Start a tunnel to the phone door, by the chosen runner; answers at once, what becomes of it is in GET /desk/reachability",
    answer: ReachabilityBody,
    refusals: [...GATE, "setting_locked"],
  },
  stopTunnel: {
    method: "POST",
    path: "/desk/tunnel/stop",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Stop the tunnel; answers when nothing of it runs any more",
    answer: ReachabilityBody,
    refusals: GATE,
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;
type Op<N extends OperationName> = (typeof OPERATIONS)[N];
type PartOf<N extends OperationName, P extends string> =
  Op<N> extends { readonly [K in P]: infer S extends z.ZodType } ? z.input<S> : unknown;

/** Everything an operation takes, in one object: path parameters, query and body have no name in common. */
export type InputOf<N extends OperationName> = PartOf<N, "params"> & PartOf<N, "query"> & PartOf<N, "body">;
export type AnswerOf<N extends OperationName> = z.output<Op<N>["answer"]>;
