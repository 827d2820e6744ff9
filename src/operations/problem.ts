import type { Problem } from "../contract/problem.ts";
import { PairingError, type PairingErrorCode } from "../core/index.ts";

/** Refusals that only a door can make: the request never reached a use case. */
export const HTTP_ERRORS = {
  not_found: [404, "There is nothing at this address."],
  path_moved: [410, "What was under /desk is under /admin now. Use the new path."],
  method_not_allowed: [405, "This address does not take this method. See the Allow header."],
  request_incomplete: [408, "The request did not arrive whole in time. Send it again."],
  payload_too_large: [413, "The request is larger than 16 KiB."],
  websocket_expected: [400, "This is the message channel: open it as a WebSocket of version 13 with the sub-protocol mqtt."],
  uri_too_long: [414, "The address is longer than 4 KiB."],
  unsupported_media_type: [415, "Send JSON in UTF-8, uncompressed, with Content-Type: application/json."],
  host_not_allowed: [421, "This server does not answer to that host name. Use the address it printed at start."],
  headers_too_large: [431, "The request's headers are larger than 16 KiB."],
  cross_site: [
    403,
    "Another site may not ask this. Open the page itself, or allow the site in Top Dog's settings, under Web pages that may call.",
  ],
  tunnel_at_local_door: [403, "A tunnel points at the local door."],
  too_many_connections: [503, "Too many phones are connecting at once. Try again in a minute."],
  internal_error: [500, "Something went wrong on the server. Its log says more."],
} as const satisfies Record<string, readonly [number, string]>;

export type HttpErrorCode = keyof typeof HTTP_ERRORS;

export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly code: HttpErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: HttpErrorCode, options: { sentence?: string; headers?: Readonly<Record<string, string>> } = {}) {
    super(options.sentence ?? HTTP_ERRORS[code][1]);
    this.code = code;
    this.headers = options.headers ?? {};
  }
}

/** The fields of a request that its schema refused. */
export class FieldErrors extends Error {
  override readonly name = "FieldErrors";
  readonly errors: readonly { readonly field: string; readonly message: string }[];

  constructor(errors: readonly { readonly field: string; readonly message: string }[]) {
    super(errors.length === 0 ? "The request is not valid JSON." : `Check the field ${errors.map(({ field }) => field).join(", ")}.`);
    this.errors = errors;
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
  device_ambiguous: 409,
  device_suspended: 403,
  handoff_not_found: 404,
  device_mismatch: 403,
  approval_not_found: 404,
  too_many_approvals: 429,
  already_decided: 409,
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
  admin_token_required: 401,
  admin_token_invalid: 403,
  storage_unavailable: 503,
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
  /** Whether nobody expected this: the log should hold it. */
  readonly unexpected: boolean;
}

/** Whatever was thrown → what the caller may know of it (RFC 9457). */
export function problemOf(thrown: unknown): ProblemAnswer {
  if (thrown instanceof PairingError) {
    const headers: Record<string, string> = {};
    if (thrown.retryAfter !== undefined) headers["Retry-After"] = String(thrown.retryAfter);
    if (thrown.code.startsWith("token_")) headers["WWW-Authenticate"] = "Bearer";
    const body = problem(STATUS_OF[thrown.code], thrown.code, thrown.message);
    return {
      problem: {
        ...body,
        ...(thrown.details === undefined ? {} : { details: thrown.details }),
        ...(thrown.fields === undefined ? {} : { errors: [...thrown.fields] }),
      },
      headers,
      retryAfter: thrown.retryAfter,
      unexpected: false,
    };
  }
  if (thrown instanceof HttpError) {
    return {
      problem: problem(HTTP_ERRORS[thrown.code][0], thrown.code, thrown.message),
      headers: thrown.headers,
      retryAfter: undefined,
      unexpected: false,
    };
  }
  if (thrown instanceof FieldErrors) {
    const body = problem(400, "invalid_request", thrown.message);
    return {
      problem: thrown.errors.length === 0 ? body : { ...body, errors: [...thrown.errors] },
      headers: {},
      retryAfter: undefined,
      unexpected: false,
    };
  }
  const [status, sentence] = HTTP_ERRORS.internal_error;
  return {
    problem: problem(status, "internal_error", sentence),
    headers: {},
    retryAfter: undefined,
    unexpected: true,
  };
}

/** For replies without headers: how long to wait is part of the body. */
export function replyProblem(thrown: unknown): {
  readonly problem: Problem & { readonly retry_after?: number };
  readonly unexpected: boolean;
} {
  const { problem, retryAfter, unexpected } = problemOf(thrown);
  return { problem: retryAfter === undefined ? problem : { ...problem, retry_after: retryAfter }, unexpected };
}

function problem(status: number, code: string, detail: string): Problem {
  return { type: `urn:topdog:problem:${code}`, title: TITLE_OF[status] ?? "Error", status, detail, code };
}
