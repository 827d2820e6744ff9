import type { Delivery } from "../core/index.ts";
import { smsFailures, theProvider } from "./en/sms-failures.ts";
import { fill } from "./message.ts";

/** Why a message has not arrived and what to do; nothing for one that has, or still may. */
export function deliveryProblem({ state, fault = "other" }: Pick<Delivery, "state" | "fault">): string | undefined {
  if (state !== "undelivered" && state !== "failed") return undefined;
  // A record may hold a kind of failure that another version knows.
  return fill(Object.hasOwn(smsFailures, fault) ? smsFailures[fault] : smsFailures.other, { provider: theProvider });
}
