import * as z from "zod";
import type { SecretFailure } from "../../core/index.ts";
import { ALERT_KINDS } from "../build-words.ts";
import { Id, LanguageTag, Name, Time } from "../fields.ts";
import { ApprovalAnswer, ApprovalCard, ApprovalStatus, BuildStatus, Decision, NotificationBody, NotificationWay } from "../remote.ts";
import { DeliveryBody } from "../sms-delivery.ts";
import type { Operation } from "./operation.ts";
import { ApprovalId, listQuery, Next, Provider, SETTLED, SessionBody, Status, someOf } from "./shared-parts.ts";

/** The states in which secrets cannot be used; the core has their sentences. */
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
  "database_unusable",
  "key_damaged",
  "failed",
] as const satisfies readonly SecretFailure[];

const SecretsBody = z
  .object({
    kind: z.enum(["environment", "file", "keychain", "memory", "database"]),
    state: z
      .enum(["ready", "opening", ...SECRET_STATES])
      .describe("With ready and opening all is well; with anything else the signing key or saved secrets cannot be used."),
    sentence: z.string().optional().describe("What is wrong, and the way out."),
    ways: z.array(z.enum(["retry", "keychain", "file"])).describe("What may be done about it here."),
    new_key: z.boolean().describe("Keeping secrets elsewhere makes a new signing key: phones must be paired again."),
    can_pair: z
      .boolean()
      .describe("Whether a phone that accepts now can be paired. While it cannot, no link is sent and no QR code is made."),
  })
  .meta({ id: "Secrets" });

const InviteBody = SessionBody.extend({
  phone_number: z.string().describe("Masked."),
  invite_code: z.string().optional().describe("Only while the server that made it still runs: it is nowhere on disk."),
  link: z.string().optional().describe("As invite_code."),
  stale: z.boolean().describe("The public address has changed since the link was sent."),
  device_name: z.string().optional().describe("Of the phone that accepted it."),
  sending_since: Time.optional().describe("The provider was asked then, and has not answered."),
});

/** What the settings page shows beside the devices: connectivity and the pending invites. */
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
    answers_at_computer: z.enum(["window", "never"]).describe("never: approvals are answered on phones only."),
    country: z.string().describe("ISO 3166 code that numbers without a country code belong to."),
    secrets: SecretsBody.describe("Where the signing key is stored, and the status of that place."),
    welcome: z.boolean().describe("Whether the page begins with its first steps: nothing was set up yet, or somebody asked for them."),
    alerts: z
      .array(z.object({ alert_id: Id, kind: z.enum(ALERT_KINDS), at: Time, sentence: z.string(), device_id: Id.optional() }))
      .describe("What may be the work of somebody else, newest first: of this run, at most 20. The audit trail has all of them."),
    broker: z
      .object({ host: z.string(), state: z.enum(["connecting", "connected", "away", "standby"]), sentence: z.string().optional() })
      .optional()
      .describe(
        "The MQTT broker that this server connects to, where one is set. While it is away phones still have their inbox. standby: of several servers on one database another one is connected.",
      ),
    now: Time.describe("The server's clock, so that a countdown is right on a machine whose clock is not."),
    invites: z.array(InviteBody).describe("Those that wait or have ended within the last hour, the newest first, at most 50."),
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
    other_reading: z.string().optional().describe("Another number that the same text may mean; `warning` says so."),
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
    content_sha256: z.string().optional(),
    reason: z.string().optional(),
    via: z.string().optional(),
    kid: z.string().optional(),
    count: z.number().int().optional().describe("How often; absent: once."),
  })
  .meta({ id: "AuditLine" });

export const ADMIN_OPERATIONS = {
  overview: {
    method: "GET",
    path: "/admin/overview",
    door: "local",
    caller: "local",
    gated: true,
    limit: "other",
    summary: "What the settings page shows",
    answer: OverviewBody,
    errors: [],
  },
  checkSecrets: {
    method: "POST",
    path: "/admin/secrets/check",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "Ask the keychain again, now",
    answer: SecretsBody,
    errors: [],
  },
  moveSecrets: {
    method: "POST",
    path: "/admin/secrets/move",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "Keep secrets in the keychain, or in files of the storage folder: never chosen without asking",
    body: z.object({ to: z.enum(["keychain", "file"]) }),
    answer: SecretsBody,
    errors: ["keys_elsewhere", "keys_unavailable", "storage_unavailable"],
  },
  listAudit: {
    method: "GET",
    path: "/admin/audit",
    door: "local",
    caller: "local",
    gated: true,
    limit: "other",
    summary: "The audit trail, the newest line first, in pages",
    query: z.object({
      before: z.coerce
        .number<number | string>()
        .int()
        .min(1)
        .optional()
        .describe("Only lines with a smaller number: next of the page before."),
      limit: z.coerce.number<number | string>().int().min(1).max(1000).optional().describe("Lines in a page. Default: 50."),
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
      phones: z
        .array(z.object({ user_id: Id, device_id: Id, device_name: z.string() }))
        .describe("What the phones of these lines are called now, those that are still listed."),
    }),
    errors: ["storage_unavailable"],
  },
  listApprovals: {
    method: "GET",
    path: "/admin/approvals",
    door: "local",
    caller: "local",
    gated: true,
    limit: "other",
    summary: "Approvals with their full content, the newest first; by default 200",
    query: listQuery(ApprovalStatus.options),
    answer: z.object({ approvals: z.array(ApprovalCard), next: Next }),
    pages: "next",
    errors: [],
  },
  decideAtComputer: {
    method: "POST",
    path: "/admin/approvals/{approval_id}/decision",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "Approve or reject at the computer; the first decision counts",
    params: ApprovalId,
    body: Decision,
    answer: ApprovalAnswer,
    errors: [...SETTLED, "approval_changed", "answers_on_phones_only"],
  },
  listNotifications: {
    method: "GET",
    path: "/admin/notifications",
    door: "local",
    caller: "local",
    gated: true,
    limit: "other",
    summary: "The last notifications, the newest first, with the delivery to each phone; by default 200",
    query: listQuery(BuildStatus.options),
    answer: z.object({ notifications: z.array(NotificationWay.extend({ sent_at: Time, payload: NotificationBody })), next: Next }),
    pages: "next",
    errors: [],
  },
  findInvites: {
    method: "GET",
    path: "/admin/invites",
    door: "local",
    caller: "local",
    gated: true,
    limit: "other",
    summary: "Invites as the settings page shows them, the newest first",
    query: listQuery(Status.options).extend({ method: someOf(["sms", "qr"]) }),
    answer: z.object({ invites: z.array(InviteBody), next: Next }),
    pages: "next",
    errors: [],
  },
  cancelSession: {
    method: "DELETE",
    path: "/admin/invites/{session_id}",
    door: "local",
    caller: "local",
    gated: true,
    limit: "other",
    summary: "Cancel an invite whose code nobody remembers",
    params: z.object({ session_id: Id }),
    answer: z.object({ session_id: z.string(), status: z.literal("cancelled") }),
    errors: ["invite_not_found", "invite_already_used"],
  },
  readPhoneNumber: {
    method: "POST",
    path: "/admin/phone-number",
    door: "local",
    caller: "local",
    limit: "other",
    summary: "Any spelling of a number → E.164, or what is wrong with it",
    body: z.object({
      typed: z.string().max(200),
      country: z.string().length(2).optional(),
      user_name: Name.optional().describe("Whom the message will greet."),
      language: LanguageTag.optional().describe("Of the message. Absent: PAIRING_LANGUAGE."),
    }),
    answer: PhoneNumberBody,
    errors: [],
  },
} as const satisfies Record<string, Operation>;
