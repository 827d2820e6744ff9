import { PairingError } from "../../core/index.ts";
import type { ResultName } from "../../phone/pair/page.ts";

/** The errors with a result page of their own. */
const RESULT_OF: Readonly<Record<string, ResultName>> = {
  invite_already_used: "invite_already_used",
  invite_expired: "invite_expired",
  invite_cancelled: "invite_cancelled",
  invite_not_found: "invite_not_found",
  not_found: "invite_not_found",
  rate_limited: "rate_limited",
  storage_unavailable: "storage_unavailable",
  cross_site: "cross_site",
  internal_error: "internal_error",
};

/** The result page that explains an error with this code. */
export function resultOf(thrown: unknown, code: string): ResultName {
  // The page of its code says that nothing was changed.
  if (thrown instanceof PairingError && thrown.params?.reason === "outcome_unknown") return "internal_error";
  return RESULT_OF[code] ?? "invalid_request";
}
