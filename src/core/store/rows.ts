import type { AuditEntry } from "../audit.ts";
import type { Device } from "../devices/device.ts";
import type { TextMessage } from "../messages/text-message.ts";
import type { PairingSession } from "../pairing/session.ts";
import type { SmsBudget } from "../ports.ts";
import type { Approval } from "../remote/approval.ts";
import type { Inbox, InboxChange, OutboxMessage } from "../remote/outbox.ts";
import { type Instant, SECOND } from "../time.ts";
import type { SendTimes } from "./sms-budget.ts";

/**
 * One change of the store port as a rule: from the rows as they are to the rows as they shall be, and the answer. A decision does no
 * I/O and reads no clock but the one of its change, and that after it has found the row that the deadline belongs to. It throws only
 * where the program is wrong.
 */
export interface Decision<Change, Answer> {
  /** The rows that `decide` reads. A store that does not have all of them in memory loads and locks these first. */
  readonly rows: (change: Change) => RowNames;
  /** Commits at most once for every record that it changes. */
  readonly decide: (draft: Draft, change: Change) => Answer;
  /** Whether the change takes access away, which a store does as long as it possibly can. */
  readonly isUrgent?: (change: Change) => boolean;
}

/** Runs a decision and resolves to its answer once what it committed is as durable as the store makes it. */
export type Submit = <Change, Answer>(decision: Decision<Change, Answer>, change: Change) => Promise<Answer>;

type Phone = Pick<Device, "userId" | "deviceId">;

/** What a decision reads. */
export interface RowNames {
  /** By code hash, each with the text message that it refers to. */
  readonly sessions?: readonly string[];
  readonly sessionIds?: readonly string[];
  /** Each with the session that refers to it. */
  readonly texts?: readonly string[];
  /** Each with its inbox, and with the session that it was paired by. */
  readonly devices?: readonly Phone[];
  /** Every device with this push endpoint. */
  readonly endpoint?: string;
  /** The device that this hand-off code was made for. */
  readonly handoff?: string;
  readonly message?: string;
  /** With the active devices of its users, and their inboxes. */
  readonly approval?: string;
  /** Every pending approval of these users. */
  readonly pendingApprovalsOf?: readonly string[];
  /** The digits of every claim that is open at this moment. */
  readonly claimDigits?: Instant;
  /** How many invites are pending at this moment, and when the next of them expires. */
  readonly pendingInvites?: Instant;
  readonly sends?: NamedSends;
}

/** When text messages were sent to a number, and all that are counted with these: as far as the budget asks at that moment. */
export interface NamedSends {
  /** To whom; absent: to the numbers of the named sessions' texts. */
  readonly text?: Pick<TextMessage, "to" | "purpose">;
  readonly budget: SmsBudget;
  readonly at: Instant;
}

/** The rows of a decision. It sees what was committed before it, by itself or by an earlier decision. */
export interface Draft {
  session(codeHash: string): PairingSession | undefined;
  sessionById(sessionId: string): PairingSession | undefined;
  /** How many invites can be accepted at that moment. */
  countPending(at: Instant): number;
  /** When the next of them expires. */
  nextExpiry(at: Instant): Instant;
  /** Those of the claims that are open at that moment. */
  claimDigits(at: Instant): ReadonlySet<string>;
  text(textId: string): TextMessage | undefined;
  /** Of the texts that are counted together with this one. */
  sendTimes(text: TextMessage): SendTimes;
  device(phone: Phone): Device | undefined;
  devicesAt(endpoint: string): readonly Device[];
  deviceByHandoff(codeHash: string): Device | undefined;
  activeDevices(userId: string): readonly Device[];
  inbox(phone: Phone): Inbox;
  /** The number of the next message to this phone. */
  nextSeq(phone: Phone): number;
  message(messageId: string): OutboxMessage | undefined;
  approval(approvalId: string): Approval | undefined;
  /** At least those of the users that the decision names, whether or not their time is up. */
  pendingApprovals(): readonly Approval[];
  /** All of the change or, when it throws, none of it. */
  commit(change: Commit): void;
}

/** Whole records that take the place of those before them, and facts that only grow: putting them twice is putting them once. */
export interface RowChanges {
  readonly sessions?: readonly PairingSession[];
  readonly texts?: readonly TextMessage[];
  readonly devices?: readonly Device[];
  readonly revoked?: readonly RevokedToken[];
  readonly messages?: readonly OutboxMessage[];
  readonly inboxes?: readonly InboxChange[];
  readonly approvals?: readonly Approval[];
}

/** The store gives the audit entries their time and number. */
export interface Commit extends RowChanges {
  readonly at: Instant;
  readonly audit: readonly AuditEntry[];
}

/** A token id that no longer counts. It is kept until the token would have ended anyway. */
export interface RevokedToken {
  readonly jti: string;
  /** Whole seconds since 1970, as in the token. */
  readonly exp: number;
}

export function revokedToken(device: Device): RevokedToken {
  return { jti: device.jti, exp: Math.ceil(device.expiresAt / SECOND) };
}
