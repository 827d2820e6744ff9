import * as z from "zod";
import { requestFields } from "../../words/en/request-fields.ts";
import { fill } from "../../words/message.ts";
import { Id, Time } from "../fields.ts";
import { LEVELS } from "../levels.ts";
import { DeliveryBody } from "../sms-delivery.ts";

export const Status = z.enum(["pending", "accepted", "expired", "cancelled"]);

/** What a phone may do: see, answer approvals as well, or give commands too. */
export const DeviceLevel = z.enum(LEVELS).describe("What a phone may do: view its inbox, answer approvals as well, or give commands too.");

export const SessionBody = z
  .object({
    session_id: Id,
    method: z.enum(["sms", "qr"]),
    status: Status,
    user_id: Id,
    user_name: z.string(),
    phone_number: z.string(),
    created_at: Time,
    expires_at: Time,
    level: DeviceLevel.describe("What the phone that accepts it may do."),
    cancel_reason: z
      .enum(["declined", "cancelled", "wrong_otp", "wrong_digits", "send_failed"])
      .optional()
      .describe(
        "Why it was cancelled: declined on the phone, cancelled at the computer, too many wrong passwords or digits, or never sent.",
      ),
    accepted_at: Time.optional(),
    device_id: Id.optional(),
    revoked_at: Time.optional(),
    sends: z.number().int(),
    resend_after: Time.optional().describe("From when the link may be texted again, while it waits for its phone; never for QR codes."),
    delivery: DeliveryBody.optional().describe("Absent in mock mode, for QR codes, and until the provider has answered."),
    opened_at: Time.optional().describe(
      "When a person first touched the pairing page. Opening the link alone says nothing: scanners do it.",
    ),
  })
  .meta({ id: "Session" });

export const ClaimId = z.string().min(1).max(256);

export const ClaimBody = z
  .object({
    status: z.literal("confirmation_required"),
    claim_id: ClaimId,
    claim_secret: z.string().describe("Ask with it what became of the claim, and keep it as you keep a token."),
    digits: z.string().describe("Two digits. Show them: somebody at the computer types them."),
    expires_at: Time,
  })
  .meta({ id: "Claim", description: "Nothing is paired yet, and no token exists: somebody at the computer has to confirm the phone." });

/** The errors of every operation that sends a text message. */
export const SENDING = [
  "country_not_allowed",
  "sms_number_rejected",
  "sms_opted_out",
  "sms_region_blocked",
  "rate_limited",
  "too_many_invites",
  "sms_budget_exceeded",
  "sms_send_failed",
  "sms_outcome_unknown",
  "secrets_unavailable",
] as const;

/** The same, and the error for a new phone number. */
export const TEXTING = ["invalid_phone_number", ...SENDING] as const;

export const BEARER = [
  "token_missing",
  "token_invalid",
  "token_expired",
  "token_revoked",
  "device_suspended",
  "device_unconfirmed",
] as const;

/** The errors of an operation that not every paired phone may use. */
export const LEVELED = [...BEARER, "forbidden_level"] as const;

/** For invites. */
export const InviteLevel = DeviceLevel.default("command");

export const ApprovalId = z.object({ approval_id: Id });

export const SETTLED = ["approval_not_found", "already_decided", "approval_expired", "approval_cancelled"] as const;

export const Provider = z.string().describe("A provider's id (`GET /admin/sms` names them), or mock.");

/** A setting as the page shows it. `locked`: the environment sets it, so the page cannot change it. */
export const FieldBody = z.object({ value: z.string(), locked: z.boolean() });

/** The query of every list. */
const LIST_QUERY = {
  limit: z.coerce.number<number | string>().int().min(1).max(200).optional().describe("A page of at most this many; without it, all."),
  after: z.string().min(1).max(2000).optional().describe("Where the page before ended: its next, or the address in its Link."),
  q: z
    .string()
    .max(200)
    .optional()
    .describe(
      "Only what holds all of these words, in any case and with or without accents; or a phone number, whole or in part, in any spelling.",
    ),
  user_id: Id.optional().describe("Only this user's."),
};

/** `statuses`: the values of `status`, one or several. */
export function listQuery<const Status extends string>(statuses: readonly Status[]) {
  return z.object({ ...LIST_QUERY, status: someOf(statuses) });
}

/** Some of these values, separated by commas. */
export function someOf<const Word extends string>(words: readonly Word[]) {
  const known: ReadonlySet<string> = new Set(words);
  return z
    .string()
    .max(200)
    .refine((text) => text.split(",").every((word) => known.has(word)), fill(requestFields.someOf, { words: words.join(", ") }))
    .transform((text) => words.filter((word) => text.split(",").includes(word)))
    .optional()
    .describe(`Only these, separated by commas: ${words.join(", ")}.`);
}

export const Next = z
  .string()
  .optional()
  .describe("Ask again with this as after; absent when there is no more. A page may be short, or empty, and have a next.");
