import type { Instant } from "../time.ts";

/** How a session began: by a text message's link, or by a QR code. */
export type PairingMethod = "sms" | "qr";

/**
 * One invite's whole life, kept for the auditor after the invite itself is over. A record is never changed in place:
 * a store replaces it.
 */
export interface PairingSession {
  readonly sessionId: string;
  readonly method: PairingMethod;
  /** SHA-256 of the code, base64url. The code itself is nowhere at rest. */
  readonly codeHash: string;
  readonly status: "pending" | "accepted" | "expired" | "cancelled";
  readonly userId: string;
  readonly userName: string;
  readonly phoneNumber: string;
  /** The public address the link was built from; links sent before it changed do not work any more. */
  readonly baseUrl: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  /** The text message that carries its link; absent for QR codes. */
  readonly textId?: string;
  /** Who or what ended it; there when it was cancelled, unless by an earlier version. */
  readonly cancelReason?: CancelReason;
  readonly acceptedAt?: Instant;
  readonly deviceId?: string;
  readonly jti?: string;
  readonly revokedAt?: Instant;
  /** When a person first touched the pairing page. */
  readonly openedAt?: Instant;
  readonly receipt?: AcceptReceipt;
  /** There when a phone must type a one-time password as well (QR codes only). */
  readonly otp?: Otp;
  /** It leaves the lists with this record, which takes its place until then. */
  readonly forgotten?: true;
}

/** `declined`: on the phone. `cancelled`: at the computer. */
export const CANCEL_REASONS = ["declined", "cancelled", "wrong_otp", "send_failed"] as const;
export type CancelReason = (typeof CANCEL_REASONS)[number];

export interface Otp {
  /** SHA-256 over code and password: six digits alone could be found from their hash, and the code is nowhere at rest. */
  readonly hash: string;
  /** Wrong tries so far. */
  readonly wrong: number;
}

/** What is needed to give a phone the very same answer again when it did not hear the first one. */
export interface AcceptReceipt {
  readonly keyHash: string;
  readonly requestHash: string;
  readonly acceptedAt: Instant;
}

export type Status = PairingSession["status"];

/** The state at the moment of a change. Whoever only reads takes `status`, which is settled by `withDeadlines` before it is answered. */
export function statusOf(session: PairingSession, now: Instant): Status {
  return session.status === "pending" && now >= session.expiresAt ? "expired" : session.status;
}
