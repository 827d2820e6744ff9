import { type ProblemAnswer, problemBody, problemOf } from "../operations/problem.ts";
import { httpErrors } from "../words/en/errors.ts";
import { type ErrorParams, errorSentence, type ReasonParams } from "../words/error-sentence.ts";

/** Errors of a door itself: the request never reached a use case. */
export const HTTP_STATUS_OF = {
  not_found: 404,
  path_moved: 410,
  method_not_allowed: 405,
  request_incomplete: 408,
  payload_too_large: 413,
  websocket_expected: 400,
  uri_too_long: 414,
  unsupported_media_type: 415,
  host_not_allowed: 421,
  headers_too_large: 431,
  cross_site: 403,
  tunnel_at_local_door: 403,
  too_many_connections: 503,
  internal_error: 500,
} as const satisfies Record<keyof typeof httpErrors, number>;

export type HttpErrorCode = keyof typeof httpErrors;

interface HttpErrorOptions<Code extends HttpErrorCode> {
  readonly params?: ReasonParams<(typeof httpErrors)[Code]>;
  readonly headers?: Readonly<Record<string, string>>;
}

export class HttpError<Code extends HttpErrorCode = HttpErrorCode> extends Error {
  override readonly name = "HttpError";
  readonly code: HttpErrorCode;
  readonly params: ErrorParams | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: Code, { params, headers = {} }: HttpErrorOptions<Code> = {}) {
    super(errorSentence(httpErrors[code], params));
    this.code = code;
    this.params = params;
    this.headers = headers;
  }
}

/** An error of the door or of a use case → what the caller may know of it. */
export function httpProblemOf(thrown: unknown): ProblemAnswer {
  if (!(thrown instanceof HttpError)) return problemOf(thrown);
  const { code, params, headers } = thrown;
  return { problem: problemBody(HTTP_STATUS_OF[code], code, httpErrors[code], params), headers, retryAfter: undefined, unexpected: false };
}
