import * as z from "zod";
import { Id, Time } from "../fields.ts";
import { PairedBody } from "./invites.ts";
import type { Operation } from "./operation.ts";
import { ClaimBody, ClaimId, DeviceLevel } from "./shared-parts.ts";

/** Phones that accepted an invite and wait until somebody at the computer types the digits they show (PAIRING_CONFIRM). */
export const CLAIMS = {
  readClaim: {
    method: "POST",
    path: "/phone/pairing/claims/{claim_id}",
    door: "phone",
    caller: "anonymous",
    limit: "other",
    summary: "What became of a claim: 202 while it waits, then the answer of accepting; may be repeated for ten minutes",
    params: z.object({ claim_id: ClaimId }),
    body: z.object({ claim_secret: z.string().min(1).max(256) }),
    answer: PairedBody,
    later: ClaimBody,
    errors: ["claim_closed", "keys_unavailable", "rate_limited"],
  },
  listClaims: {
    method: "GET",
    path: "/admin/claims",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "The phones that wait for their digits to be typed, the earliest first; without the digits",
    answer: z.object({
      claims: z.array(
        z.object({
          claim_id: ClaimId,
          session_id: Id.describe("Of the invite that it accepted."),
          method: z.enum(["sms", "qr"]),
          user_id: Id,
          device_name: z.string(),
          device_type: z.enum(["ios", "android", "web", "unknown"]),
          os_version: z.string(),
          browser: z.string().optional().describe("Its name and version, as the phone reported it."),
          network: z.string().optional().describe("Roughly where it came from: its address without the last part."),
          level: DeviceLevel.describe("What it may do once it is confirmed."),
          claimed_at: Time,
          expires_at: Time,
        }),
      ),
      now: Time,
    }),
    errors: [],
  },
  confirmClaim: {
    method: "POST",
    path: "/admin/claims/confirm",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "Type the two digits that a phone shows: it is paired, and other phones with its link are not",
    body: z.object({
      digits: z.string().min(1).max(20).describe("As typed: blanks do not matter."),
      session_id: Id.optional().describe("Only phones that accepted this invite are meant; wrong digits close no others."),
      level: DeviceLevel.optional().describe("What it may do from then on; absent: what its invite chose."),
    }),
    answer: z.object({ device_id: Id, device_name: z.string(), user_id: Id, level: DeviceLevel }),
    errors: ["digits_mismatch", "claim_closed", "keys_unavailable"],
  },
} as const satisfies Record<string, Operation>;
