import type { AuditEntry } from "../audit.ts";
import type { Device, DeviceSettings } from "../devices/device.ts";
import type { Delivery } from "../messages/delivery.ts";
import type { TextMessage } from "../messages/text-message.ts";
import type { AcceptReceipt, CancelReason, Claim, PairingSession } from "../pairing/session.ts";
import type { Approval, DecidedBy } from "../remote/approval.ts";
import type { InboxMessage, MessageDelivery, OutboxMessage, Recipient } from "../remote/outbox.ts";
import type { PushSubscription } from "../remote/push.ts";
import type { Instant } from "../time.ts";

/** The limits on text messages. Counted from stored records, so a restart resets nothing. */
export interface SmsBudget {
  readonly perNumberPerTenMinutes: number;
  readonly perNumberPerDay: number;
  readonly perDay: number;
}

export interface Change {
  readonly at: Instant;
  readonly audit: readonly AuditEntry[];
}

/** A change with a deadline: the clock is read at the moment of the change, after any wait before it. */
export interface TimedChange extends Omit<Change, "at"> {
  readonly at: () => Instant;
}

export interface AddInvite extends Change {
  readonly session: PairingSession;
  /** Absent for invites that cost no text message, and so is the budget. */
  readonly text?: TextMessage;
  readonly budget?: SmsBudget;
}
export interface AddText extends Change {
  readonly text: TextMessage;
  readonly budget: SmsBudget;
}
export type ApprovalTextQuestion = { readonly approvalId: string } | { readonly userId: string };

export type Added = { readonly kind: "added" } | NoRoom;

/** The budget is exhausted, too many invites are pending, or the wait after the last message is not over. */
export interface NoRoom {
  readonly kind: "over-budget" | "too-many" | "too-soon";
  readonly retryAt: Instant;
}

export interface AcceptChange extends TimedChange {
  readonly codeHash: string;
  readonly device: Device;
  readonly receipt?: AcceptReceipt;
}

export type Accepted =
  | { readonly kind: "accepted"; readonly session: PairingSession; readonly replacedTokenId?: string }
  /** A confirmed device has this id, and the new one is not confirmed. */
  | { readonly kind: "taken"; readonly session: PairingSession }
  | { readonly kind: "refused"; readonly session: PairingSession | undefined };

export interface OpenClaim extends TimedChange {
  readonly codeHash: string;
  /** Everything but its digits, which the store chooses so that no other open claim has them. */
  readonly claim: Omit<Claim, "digits">;
  /** Two digits: those that are tried first. */
  readonly digits: string;
  /** How many may be open for one invite. */
  readonly most: number;
}

export type OpenedClaim =
  | { readonly kind: "opened"; readonly claim: Claim }
  /** The same request came before: its claim. */
  | { readonly kind: "known"; readonly claim: Claim }
  | { readonly kind: "too-many"; readonly retryAt: Instant }
  | { readonly kind: "refused"; readonly session: PairingSession | undefined };

export interface ConfirmClaim extends TimedChange {
  readonly codeHash: string;
  readonly claimId: string;
  readonly device: Device;
}

/** `audit`: written for each claim that is closed, with the id of its phone. */
export interface CloseClaims extends TimedChange {
  readonly codeHash: string;
  /** The wrong entry with this number cancels the invite. */
  readonly most: number;
}

export interface TryOtp extends TimedChange {
  readonly codeHash: string;
  readonly otpHash: string;
  readonly most: number;
}

export type OtpTried =
  | { readonly kind: "right" }
  /** The session after this try. */
  | { readonly kind: "wrong"; readonly session: PairingSession }
  | { readonly kind: "refused"; readonly session: PairingSession | undefined };

export interface EndInvite extends TimedChange {
  readonly codeHash: string;
  /** Absent: no reason is stored. */
  readonly reason?: CancelReason;
  /** Excludes sessions that have expired at `at`, even if not yet marked. */
  readonly onlyInTime?: true;
}

export interface Ended {
  readonly session: PairingSession | undefined;
  readonly changed: boolean;
}

export interface RenewInvite extends Change {
  readonly codeHash: string;
  readonly expiresAt: Instant;
  readonly budget: SmsBudget;
  /** The waits after the first, second and further messages, in milliseconds. */
  readonly waits: readonly number[];
  readonly baseUrl: string;
}

export type Renewed =
  | { readonly kind: "renewed"; readonly session: PairingSession; readonly text: TextMessage; readonly before: PairingSession }
  | NoRoom
  | { readonly kind: "refused"; readonly session: PairingSession | undefined };

export interface NoteDelivery extends Change {
  readonly textId: string;
  /** Which of the message's sends, from 1. */
  readonly send: number;
  readonly delivery: Delivery;
  /** `cancel`: the first send failed, the invite ends. `restore`: a resend failed, the invite is as before. */
  readonly outcome?: { readonly kind: "cancel" } | { readonly kind: "restore"; readonly before: PairingSession };
}

export interface UpdateDevice extends Change {
  readonly userId: string;
  readonly deviceId: string;
  readonly set: DeviceSettings;
  /** A level above the stored one is not set, even where it was lower when the caller read it. */
  readonly neverRaise?: true;
}

export interface RevokeDevice extends Change {
  readonly userId: string;
  readonly deviceId: string;
}

export interface Forget extends Change {
  readonly devices: readonly Pick<Device, "userId" | "deviceId">[];
  readonly sessions: readonly Pick<PairingSession, "codeHash">[];
  /** Ids of text messages that belong to no session. */
  readonly texts?: readonly string[];
  /** The time against which retention is measured. */
  readonly retentionNow: Instant;
}

export interface Forgotten {
  readonly devices: number;
  readonly sessions: number;
}

export interface KeepSubscription extends Change {
  readonly userId: string;
  readonly deviceId: string;
  readonly jti: string;
  /** Absent: it is removed. */
  readonly subscription?: PushSubscription;
  /** Only if this endpoint is the stored one. */
  readonly insteadOf?: string;
}

export interface KeepHandoff extends Change {
  readonly userId: string;
  readonly deviceId: string;
  readonly jti: string;
  readonly codeHash: string;
  readonly expiresAt: Instant;
}

export interface TakeHandoff extends Change {
  readonly codeHash: string;
  /** The hash of the attempt's idempotency key. Absent: it cannot be repeated. */
  readonly keyHash?: string;
}

/** A message without its recipients. */
export type NewMessage = Omit<OutboxMessage, "to">;

export interface SendMessage extends Change {
  readonly message: NewMessage;
  readonly to: readonly Pick<Device, "userId" | "deviceId">[];
}

export interface InboxQuestion {
  readonly userId: string;
  readonly deviceId: string;
  readonly since: number;
  readonly most: number;
  readonly at: Instant;
}

export interface InboxFound {
  readonly messages: readonly InboxMessage[];
  /** The last assigned number. */
  readonly lastSeq: number;
  /** Everything up to here was delivered. */
  readonly deliveredSeq: number;
}

export interface NoteReceipt extends Change {
  readonly userId: string;
  readonly deviceId: string;
  readonly receipt: { readonly kind: "delivered"; readonly seq: number } | { readonly kind: "read"; readonly messageId: string };
}

/** A message with its delivery to each recipient. */
export interface MessageWay {
  readonly message: OutboxMessage;
  readonly deliveries: readonly MessageDelivery[];
}

export interface AddApproval extends SendMessage {
  readonly approval: Omit<Approval, "userIds">;
  readonly caps: ApprovalCaps;
}

/** The maximum of pending approvals per user. */
export interface ApprovalCaps {
  readonly pendingPerUser: number;
  readonly bytesPerUser: number;
}

export type AddedApproval =
  | { readonly kind: "added"; readonly to: readonly Recipient[] }
  /** `retryAt`: when the first of the pending ones ends. */
  | { readonly kind: "too-many"; readonly retryAt: Instant };

export interface SettleApproval extends TimedChange {
  readonly approvalId: string;
  /** `expired` only after the deadline, everything else only before. */
  readonly status: Exclude<Approval["status"], "pending">;
  /** The phone that decides; absent: the computer, the IDE, or the clock. */
  readonly phone?: Pick<Device, "userId" | "deviceId" | "jti">;
  readonly decidedBy?: DecidedBy;
  readonly comment?: string;
  readonly message: NewMessage;
  /** What a phone that approves sends of the number that it must match. */
  readonly matching?: MatchNumber | undefined;
}

export interface MatchNumber {
  readonly number: string | undefined;
  /** This many wrong ones reject the approval, in parallel as well. */
  readonly most: number;
  /** Of each wrong one, and of the rejection. */
  readonly audit: { readonly wrong: readonly AuditEntry[]; readonly rejected: readonly AuditEntry[] };
}

export type Settled =
  | { readonly kind: "settled"; readonly approval: Approval; readonly recipients: readonly Recipient[] }
  /** `undefined`: there is none for this phone. */
  | { readonly kind: "refused"; readonly approval: Approval | undefined }
  /** The phone is not active any more. */
  | { readonly kind: "no-access" }
  /** The phone may not answer. */
  | { readonly kind: "low-level" }
  /** A number is required. */
  | { readonly kind: "no-number" }
  /** The approval after it: pending, or rejected with these recipients. */
  | { readonly kind: "wrong-number"; readonly approval: Approval; readonly recipients: readonly Recipient[] };
