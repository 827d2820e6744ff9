import { present } from "../base/present.ts";
import type { Problem } from "../contract/problem.ts";
import { type FieldFault, PairingError, type PairingErrorCode } from "../core/index.ts";
import { type ErrorRow, errors, httpErrors } from "../words/en/errors.ts";
import { type ErrorParams, errorSentence } from "../words/error-sentence.ts";
import { errorOfRequest } from "../words/say.ts";

/** The fields of a request that its schema rejected. */
export class FieldErrors extends Error {
  override readonly name = "FieldErrors";
  readonly fields: readonly FieldFault[];
  readonly params: ErrorParams;

  constructor(fields: readonly FieldFault[]) {
    const params: ErrorParams =
      fields.length === 0 ? { reason: "not_json" } : { reason: "fields", fields: fields.map(({ field }) => field).join(", ") };
    super(errorSentence(errors.invalid_request, params));
    this.fields = fields;
    this.params = params;
  }
}

export const STATUS_OF: Record<PairingErrorCode, number> = {
  invalid_request: 400,
  invalid_phone_number: 400,
  country_not_allowed: 400,
  invite_not_found: 404,
  invite_already_used: 409,
  invite_expired: 410,
  invite_cancelled: 410,
  otp_required: 400,
  otp_invalid: 400,
  claim_closed: 410,
  digits_mismatch: 400,
  idempotency_key_reused: 422,
  rate_limited: 429,
  too_many_invites: 429,
  sms_budget_exceeded: 429,
  sms_send_failed: 500,
  sms_outcome_unknown: 500,
  sms_number_rejected: 400,
  sms_opted_out: 400,
  sms_region_blocked: 400,
  sms_settings_incomplete: 400,
  setting_locked: 409,
  tunnel_program_unusable: 400,
  tunnel_running: 409,
  secrets_unavailable: 503,
  bad_signature: 403,
  device_not_found: 404,
  device_id_taken: 409,
  device_ambiguous: 409,
  forbidden_level: 403,
  device_suspended: 403,
  device_unconfirmed: 403,
  handoff_not_found: 404,
  device_mismatch: 403,
  approval_not_found: 404,
  too_many_approvals: 429,
  already_decided: 409,
  user_required: 400,
  number_mismatch: 400,
  answers_on_phones_only: 403,
  approval_changed: 409,
  approval_expired: 410,
  approval_cancelled: 410,
  voice_handler_not_found: 404,
  voice_command_not_found: 404,
  notification_not_found: 404,
  push_unavailable: 409,
  push_service_not_allowed: 400,
  token_missing: 401,
  token_invalid: 401,
  token_expired: 401,
  token_revoked: 401,
  local_key_required: 401,
  window_required: 403,
  admin_token_required: 401,
  admin_token_invalid: 403,
  storage_unavailable: 503,
  server_stopping: 503,
  keys_unavailable: 503,
  keys_elsewhere: 409,
};

const TITLE_OF: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  readonly retryAfter: number | undefined;
  /** The error is not one of the API's, so it belongs in the log. */
  readonly unexpected: boolean;
}

const NO_MORE = { headers: {}, retryAfter: undefined };

/** An error of a use case → what the caller may know of it (RFC 9457). */
export function problemOf(thrown: unknown): ProblemAnswer {
  if (thrown instanceof PairingError) {
    const { code, params, retryAfter, details, fields } = thrown;
    const headers = present({
      "Retry-After": retryAfter === undefined ? undefined : String(retryAfter),
      "WWW-Authenticate": code.startsWith("token_") ? "Bearer" : undefined,
    });
    const body = problemBody(STATUS_OF[code], code, errors[code], params);
    return { problem: { ...body, ...present({ details, errors: fields && [...fields] }) }, headers, retryAfter, unexpected: false };
  }
  if (thrown instanceof FieldErrors) {
    const body = problemBody(400, "invalid_request", errors.invalid_request, thrown.params);
    return { ...NO_MORE, problem: thrown.fields.length === 0 ? body : { ...body, errors: [...thrown.fields] }, unexpected: false };
  }
  return { ...NO_MORE, problem: problemBody(500, "internal_error", httpErrors.internal_error, undefined), unexpected: true };
}

/** For replies without headers: how long to wait is part of the body. */
export function replyProblem(thrown: unknown): {
  readonly problem: Problem & { readonly retry_after?: number };
  readonly unexpected: boolean;
} {
  const { problem, retryAfter, unexpected } = problemOf(thrown);
  return { problem: retryAfter === undefined ? problem : { ...problem, retry_after: retryAfter }, unexpected };
}

export function problemBody(status: number, code: string, row: ErrorRow, params: ErrorParams | undefined): Problem {
  return {
    type: `urn:topdog:problem:${code}`,
    title: TITLE_OF[status] ?? "Error",
    status,
    detail: errorOfRequest(code, params) ?? errorSentence(row, params),
    code,
    ...present({ params: params && { ...params } }),
  };
}
