import { present } from "../base/present.ts";
import type { AnswerOf } from "../contract/operations.ts";
import { type Delivery, isoSeconds } from "../core/index.ts";
import { deliveryProblem } from "../words/delivery-problem.ts";

/** What is known of the delivery of a text message. */
export function deliveryBody(delivery: Delivery): NonNullable<AnswerOf<"listSessions">["sessions"][number]["delivery"]> {
  const { state, at, more, provider, providerCode } = delivery;
  const problem = deliveryProblem(delivery);
  return {
    state,
    at: isoSeconds(at),
    more,
    ...present({ problem }),
    ...(provider === undefined || providerCode === undefined ? {} : { details: { provider, code: providerCode } }),
  };
}
