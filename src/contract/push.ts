import * as z from "zod";
import { requestFields } from "../words/en/request-fields.ts";

/** How a phone lets itself be woken. */

const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?\//;

/** As a browser's PushSubscription.toJSON() returns it. */
export const PushSubscriptionBody = z.object({
  endpoint: z
    .string()
    .max(2048)
    .regex(/^[\x21-\x7e]+$/, requestFields.pushAddress)
    .refine((text) => text.startsWith("https://") || LOOPBACK.test(text), requestFields.https)
    .describe("At a push service that is known, or that PAIRING_PUSH_SERVICES names."),
  keys: z.object({
    p256dh: z
      .string()
      .regex(/^B[A-Za-z0-9_-]{86}$/, requestFields.key65)
      .describe("The browser's public key."),
    auth: z.string().regex(/^[A-Za-z0-9_-]{22}$/, requestFields.key16),
  }),
  expirationTime: z.number().int().min(0).max(8_640_000_000_000_000).nullish().describe("Milliseconds since 1970."),
});

export const PushStatusBody = z
  .object({
    available: z.boolean(),
    reason: z.string().optional().describe("Where it is not: why, and what to do."),
    public_key: z.string().optional().describe("Where it is: what the browser subscribes with (applicationServerKey)."),
    subscribed: z.boolean(),
  })
  .meta({ id: "PushStanding" });
