import type { Reply } from "../../contract/pairing-api.ts";
import type { Problem } from "../../contract/problem.ts";
import { t } from "../words/words.ts";

export type Refused = Problem & { readonly retry_after?: number };

/** A problem as an error, which is what React Query expects. Branch on `problem.code`, show `problem.detail`. */
export class Rejection extends Error {
  override readonly name = "Rejection";
  readonly problem: Refused;
  /** When the same request may succeed, on the page's clock. */
  readonly retryAt: number | undefined;

  constructor(problem: Refused) {
    super(problem.detail);
    this.problem = problem;
    this.retryAt = problem.retry_after === undefined ? undefined : Date.now() + problem.retry_after * 1000;
  }
}

/** The value of a reply. Throws a `Rejection` for a problem. */
export async function answerTo<T>(reply: Promise<Reply<T>>): Promise<T> {
  const answer = await reply;
  if (!answer.ok) throw new Rejection(answer.problem);
  return answer.value;
}

/** A broken bridge throws errors of its own: these become a problem that a person can act on. */
export function rejectionOf(thrown: unknown): Rejection {
  if (thrown instanceof Rejection) return thrown;
  return new Rejection({ type: "about:blank", title: "unexpected", status: 0, code: "unexpected", detail: t("problem.unexpected") });
}

/** Problems with the number, which are shown beside its field. */
const ABOUT_THE_NUMBER = new Set([
  "invalid_phone_number",
  "country_not_allowed",
  "sms_number_rejected",
  "sms_opted_out",
  "sms_region_blocked",
]);

export function isAboutTheNumber(thrown: unknown): boolean {
  return thrown instanceof Rejection && ABOUT_THE_NUMBER.has(thrown.problem.code);
}

const ABOUT_ACCESS: ReadonlySet<string> = new Set(["window_required", "local_key_required", "admin_token_required", "admin_token_invalid"]);

/** The page may not act: it needs the server's link, or the admin token. */
export function isAboutAccess(code: string): boolean {
  return ABOUT_ACCESS.has(code);
}

export function asksForAccess(thrown: unknown): boolean {
  return thrown instanceof Rejection && isAboutAccess(thrown.problem.code);
}

export function gotNoAnswer(thrown: unknown): boolean {
  return thrown instanceof Rejection && thrown.problem.code === "offline";
}
