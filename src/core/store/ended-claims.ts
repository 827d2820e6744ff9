import type { AuditEntry } from "../audit.ts";
import { type Claim, openClaims, type PairingSession } from "../pairing/session.ts";
import type { Instant } from "../time.ts";

/** What was known of the phones that waited is not kept. */
export function withoutClaims({ claims: _, ...session }: PairingSession): PairingSession {
  return session;
}

/**
 * A line for each claim that ends unconfirmed, so that the trail says of every claim what became of it. `reason` is for those that are
 * open; the time of the others was over before.
 */
export function endedClaims(
  session: PairingSession,
  at: Instant,
  reason: "expired" | "other_phone" | "invite_cancelled",
  except: readonly Claim[] = [],
): readonly AuditEntry[] {
  const open = openClaims(session, at);
  const { sessionId, userId, claims = [] } = session;
  return claims
    .filter((claim) => !except.includes(claim))
    .map((claim) => ({
      event: "claim_closed",
      reason: open.includes(claim) ? reason : "expired",
      session_id: sessionId,
      user_id: userId,
      device_id: claim.phone.deviceId,
    }));
}
