import type { Delivery } from "../core/index.ts";
import { smsFailures } from "./en/sms-failures.ts";
import { say, sayFailure } from "./say.ts";

/** Why a message has not arrived and what to do; nothing for one that has, or still may. */
export function deliveryProblem({ state, fault = "other" }: Pick<Delivery, "state" | "fault">): string | undefined {
  if (state !== "undelivered" && state !== "failed") return undefined;
  // A record may hold a kind of failure that another version knows.
  return sayFailure(Object.hasOwn(smsFailures, fault) ? fault : "other", say("sms.theProvider"));
}
