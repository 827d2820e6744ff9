import type { Caller } from "../audit.ts";
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
  /** The tag of the language that the person asked its text messages to be in. */
  readonly language?: string;
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
  /** Phones that accepted it and wait for somebody at the computer; of an accepted invite, the one that was confirmed. */
  readonly claims?: readonly Claim[];
  /** How often digits were typed at the computer that none of its phones showed. */
  readonly wrongDigits?: number;
  /** Marks a removed record until its removal is stored. */
  readonly forgotten?: true;
}

/** A phone that accepted an invite and has no token yet: somebody at the computer types the two digits that it shows first. */
export interface Claim {
  /** `session id.random text`: finds the session, and reveals nothing to whom it was not given. */
  readonly claimId: string;
  /** SHA-256 of the secret by which the phone asks what became of it, base64url. */
  readonly secretHash: string;
  readonly digits: string;
  readonly claimedAt: Instant;
  readonly expiresAt: Instant;
  readonly phone: PhoneDescription;
  /** Where it came from. */
  readonly caller: Caller;
  readonly receipt?: AcceptReceipt;
}

/** What a phone reveals of itself, or its user typed. */
export interface PhoneDescription {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly deviceType: string;
  readonly osVersion: string;
  readonly appVersion: string;
  readonly pushToken?: string;
  /** The tag of the language that its user reads. */
  readonly language?: string;
}

/** `declined`: on the phone. `cancelled`: at the computer. */
export const CANCEL_REASONS = ["declined", "cancelled", "wrong_otp", "wrong_digits", "send_failed"] as const;
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

/** The claims that can still be confirmed. A phone that accepted in time may be confirmed a little after the invite's end. */
export function openClaims({ status, claims = [] }: Pick<PairingSession, "status" | "claims">, now: Instant): readonly Claim[] {
  return status === "pending" || status === "expired" ? claims.filter(({ expiresAt }) => now < expiresAt) : [];
}
