import type { ProviderDetails } from "./messages/delivery.ts";

/**
 * Every error of the product. The key is the stable code for programs (CONTRACT: `code`); the sentence is for the person and
 * says what to do next.
 */
export const PAIRING_ERRORS = {
  invalid_request: "The request was not understood. Check its fields and send it again.",
  invalid_phone_number: "This is not a phone number that can get a text message. Use the form +14155551234, country code first.",
  country_not_allowed:
    "Text messages to this country are not allowed here. Use another number, or add the country to PAIRING_ALLOWED_COUNTRIES.",
  invite_not_found: "This link is not known. Check that it is complete, or ask for a new one in Top Dog.",
  invite_already_used:
    "This link was already used. If that was not you, remove the phone in Top Dog. Ask for a new link to pair another phone.",
  invite_expired: "This link has expired. Ask for a new one in Top Dog.",
  invite_cancelled: "This invite was cancelled. Ask for a new link in Top Dog.",
  otp_required: "OTP required. Type the six digits that Top Dog shows beside the QR code.",
  otp_invalid: "OTP invalid. Compare it with the six digits that Top Dog shows beside the QR code.",
  idempotency_key_reused: "This Idempotency-Key was already used with another request. Use a new key.",
  rate_limited: "Too many requests. Wait a moment and try again.",
  too_many_invites: "10,000 invites are waiting for a phone already. Wait until some have expired, or cancel those that nobody needs.",
  sms_budget_exceeded: "No more text messages can be sent to this number for now. Wait, or show the link another way.",
  sms_send_failed: "The text message could not be sent.",
  sms_outcome_unknown: "The text message may or may not have been sent. Look at the phone before you send another.",
  sms_number_rejected: "The text message service does not accept this number. Check it, or use another.",
  sms_opted_out: "This number has opted out of text messages. Text START to the sender's number to allow them again.",
  sms_region_blocked: "The text message service may not send to this country. Allow it in the provider's geographic permissions.",
  sms_settings_incomplete: "The chosen text message service cannot send yet. Fill in what is missing.",
  setting_locked:
    "This setting is made where Top Dog is started: in its environment, or in the IDE around it. Change it there and start Top Dog again.",
  tunnel_program_unusable:
    "This file cannot be used as cloudflared. Choose the program itself, or leave the field empty to have it looked for.",
  tunnel_running: "The tunnel runs, and phones may be using it. Stop it, then choose who runs it.",
  secrets_unavailable: "The secret could not be kept, so nothing was changed. Unlock or repair the secret store, then try again.",
  bad_signature: "This report is not signed by the text message service. Set PAIRING_BASE_URL to the address it was sent to.",
  device_not_found: "No paired phone has this id. It may have been revoked already.",
  device_ambiguous: "Two users have a phone with this id. Add ?user_id= to say whose is meant.",
  device_suspended: "This phone is suspended. Reactivate it in Top Dog to go on.",
  handoff_not_found:
    "This code is not known, was used already, or is older than ten minutes. Get a new one in the browser in which this phone is paired: open the inbox, then This phone.",
  device_mismatch: "This request names another phone than its token. Send the id of the phone that asks.",
  approval_not_found: "No approval has this id. It may be long past.",
  too_many_approvals: "Too many approvals wait for an answer already. Answer or cancel some of them, then ask again.",
  already_decided: "Somebody has decided already. Look at the answer before you ask again.",
  approval_changed: "What was shown is not what would be approved. Open the approval again, read it, then answer.",
  approval_expired: "Nobody answered in time, so this approval is over. Ask again.",
  approval_cancelled: "This approval was cancelled by whoever asked for it.",
  voice_handler_not_found: "No such handler is registered, or it has not asked for too long. Register it again.",
  voice_command_not_found: "No such command waits for its result.",
  notification_not_found: "No notification has this id. They are kept for a week.",
  push_unavailable: "Notifications cannot be switched on at this address. Use an https address that stays.",
  push_service_not_allowed:
    "Top Dog does not know this browser's push service. Use another browser, or allow the service in Top Dog's settings, under More push services.",
  token_missing: "A device token is needed: send it as Authorization: Bearer <token>.",
  token_invalid: "This device token is not valid. Pair the phone again.",
  token_expired: "This device token has expired. Pair the phone again.",
  token_revoked: "This phone was revoked. Pair it again to go on.",
  admin_token_required: "An admin token is needed: send it as x-admin-token.",
  admin_token_invalid: "This admin token is wrong. Compare it with ADMIN_TOKEN on the server.",
  storage_unavailable:
    "The change could not be written to disk, so nothing was changed. Free space or repair the storage folder, then try again.",
  keys_unavailable: "Your computer can't check this phone's sign-in right now. Unlock its keychain, then try again.",
  keys_elsewhere:
    "The signing key comes from the environment. Replace it there, with the former public key after it, so that paired phones stay paired.",
} as const satisfies Record<string, string>;

export type PairingErrorCode = keyof typeof PAIRING_ERRORS;

export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

export interface PairingErrorOptions {
  /** A more specific sentence than the code's own. Shown to the person. */
  readonly sentence?: string;
  /** For the log only; never leaves the process. */
  readonly note?: string;
  /** Whole seconds until the same request may succeed (HTTP `Retry-After`). */
  readonly retryAfter?: number;
  /** The provider's own code and reason. */
  readonly details?: ProviderDetails;
  /** The invalid fields, where no schema could find them. */
  readonly fields?: readonly FieldFault[];
  readonly cause?: unknown;
}

/** An error with a stable code. Branch on `code`, never on the sentence. */
export class PairingError extends Error {
  override readonly name = "PairingError";
  readonly code: PairingErrorCode;
  readonly note: string | undefined;
  readonly retryAfter: number | undefined;
  readonly details: ProviderDetails | undefined;
  readonly fields: readonly FieldFault[] | undefined;

  constructor(code: PairingErrorCode, options: PairingErrorOptions = {}) {
    super(options.sentence ?? PAIRING_ERRORS[code], { cause: options.cause });
    this.code = code;
    this.note = options.note;
    this.retryAfter = options.retryAfter;
    this.details = options.details;
    this.fields = options.fields;
  }
}

/** For side notes: while changes cannot be written the note is dropped, and the request succeeds without it. */
export async function unlessUnwritable<Answer>(change: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await change;
  } catch (cause) {
    if (cause instanceof PairingError && cause.code === "storage_unavailable") return undefined;
    throw cause;
  }
}
