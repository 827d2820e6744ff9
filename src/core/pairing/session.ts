import type { Level } from "../devices/level.ts";
import type { Instant } from "../time.ts";

/** How a session began: by a text message's link, or by a QR code. */
export type PairingMethod = "sms" | "qr";

/** The whole life of one invite, retained for the auditor after it ends. Records are immutable: a store replaces them. */
export interface PairingSession {
  readonly sessionId: string;
  readonly method: PairingMethod;
  /** SHA-256 of the code, base64url. The code itself is never stored. */
  readonly codeHash: string;
  readonly status: "pending" | "accepted" | "expired" | "cancelled";
  readonly userId: string;
  readonly userName: string;
  readonly phoneNumber: string;
  /** The public address the link was built from. After a change of the address the link no longer works. */
  readonly baseUrl: string;
  /** What the phone will be allowed to do. Absent in records of earlier versions: everything. */
  readonly level?: Level;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  /** The text message that carries its link; absent for QR codes. */
  readonly textId?: string;
  /** Who or what cancelled it. Absent for records of earlier versions. */
  readonly cancelReason?: CancelReason;
  readonly acceptedAt?: Instant;
  readonly deviceId?: string;
  readonly jti?: string;
  readonly revokedAt?: Instant;
  /** When a person first touched the pairing page. */
  readonly openedAt?: Instant;
  readonly receipt?: AcceptReceipt;
  /** Present if the phone must type a one-time password as well (QR codes only). */
  readonly otp?: Otp;
  /** No person at the computer made it: the phone that it pairs waits for a confirmation. */
  readonly mustConfirm?: true;
  /** Marks a removed record until its removal is stored. */
  readonly forgotten?: true;
}

/** `declined`: on the phone. `cancelled`: at the computer. */
export const CANCEL_REASONS = ["declined", "cancelled", "wrong_otp", "send_failed"] as const;
export type CancelReason = (typeof CANCEL_REASONS)[number];

export interface Otp {
  /** SHA-256 over code and password. Six digits alone could be found from their hash, and the code is never stored. */
  readonly hash: string;
  /** Wrong tries so far. */
  readonly wrong: number;
}

/** What is needed to give a phone the same answer again if it lost the first one. */
export interface AcceptReceipt {
  readonly keyHash: string;
  readonly requestHash: string;
  readonly acceptedAt: Instant;
}

export type Status = PairingSession["status"];

/** The status at the moment of a change. Reads use `status`, which `withDeadlines` has settled. */
export function statusOf(session: PairingSession, now: Instant): Status {
  return session.status === "pending" && now >= session.expiresAt ? "expired" : session.status;
}
