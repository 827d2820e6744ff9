import * as z from "zod";
import { Time } from "./fields.ts";

/** The delivery of the last text message. It only moves forward: a late report never replaces a later one. */
export const DeliveryBody = z
  .object({
    state: z
      .enum(["handed_over", "sent", "delivered", "undelivered", "failed", "unknown"])
      .describe(
        "handed_over: the provider has taken it. sent: the phone's network has it. delivered: the phone has it. undelivered: it will not arrive. failed: the provider refused it. unknown: nobody knows whether the provider took it.",
      ),
    at: Time.describe("When that became known."),
    more: z.boolean().describe("Whether the provider will say more. AWS SNS never does: handed over is all there is to know."),
    problem: z.string().optional().describe("For undelivered and failed: why, and what to do."),
    details: z.object({ provider: z.string(), code: z.string() }).optional().describe("The provider's own code."),
  })
  .meta({ id: "Delivery" });
