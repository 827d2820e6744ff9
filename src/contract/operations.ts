import * as z from "zod";
import type { SecretTrouble } from "../core/index.ts";
import { Code, Id, Name, PhoneNumberText, Time } from "./fields.ts";

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
    delivery: z.enum(["sent", "unknown", "failed"]).optional(),
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
  push_token: z.string().max(1000).optional(),
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
const BEARER = ["token_missing", "token_invalid", "token_expired", "token_revoked", "device_suspended"] as const;

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

/** What the settings page shows beside the devices: the road to the phone, and the invites that still wait. */
const OverviewBody = z
  .object({
    sms_provider: z.enum(["twilio", "sns", "mock"]),
    base_url: z.string(),
    invite_minutes: z.number().int(),
    admin_required: z.boolean(),
    user: z.object({ user_id: z.string(), user_name: z.string() }).describe("Whose phones are paired from this page."),
    country: z.string().describe("ISO 3166 code that numbers without a country code belong to."),
    secrets: SecretsBody.describe("Where the signing key is kept, and how that stands."),
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
    refusals: [
      "invalid_phone_number",
      "sms_number_rejected",
      "sms_opted_out",
      "sms_region_blocked",
      "rate_limited",
      "sms_budget_exceeded",
      "sms_send_failed",
      "sms_outcome_unknown",
    ],
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
    refusals: [
      "invite_not_found",
      "invite_already_used",
      "invite_cancelled",
      "rate_limited",
      "sms_budget_exceeded",
      "sms_send_failed",
      "sms_outcome_unknown",
    ],
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
    body: z.object({ typed: z.string().max(200), country: z.string().length(2).optional() }),
    answer: PhoneNumberBody,
    refusals: [],
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;
type Op<N extends OperationName> = (typeof OPERATIONS)[N];
type PartOf<N extends OperationName, P extends string> =
  Op<N> extends { readonly [K in P]: infer S extends z.ZodType } ? z.input<S> : unknown;

/** Everything an operation takes, in one object: path parameters, query and body have no name in common. */
export type InputOf<N extends OperationName> = PartOf<N, "params"> & PartOf<N, "query"> & PartOf<N, "body">;
export type AnswerOf<N extends OperationName> = z.output<Op<N>["answer"]>;
