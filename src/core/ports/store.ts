import type { AuditEntry, AuditPage, AuditQuestion } from "../audit.ts";
import type { Device } from "../devices/device.ts";
import type { ApprovalFilter, DeviceFilter, ListPage, ListQuestion, NotificationFilter, PairingSessionFilter } from "../lists.ts";
import type { TextMessage } from "../messages/text-message.ts";
import type { PairingSession } from "../pairing/session.ts";
import type { Approval } from "../remote/approval.ts";
import type { Recipient } from "../remote/outbox.ts";
import type { Instant } from "../time.ts";
import type {
  AcceptChange,
  Accepted,
  AddApproval,
  Added,
  AddedApproval,
  AddInvite,
  AddText,
  ApprovalTextQuestion,
  Ended,
  EndInvite,
  Forget,
  Forgotten,
  InboxFound,
  InboxQuestion,
  KeepHandoff,
  KeepSubscription,
  MessageWay,
  NoteDelivery,
  NoteReceipt,
  OtpTried,
  Renewed,
  RenewInvite,
  RevokeDevice,
  SendMessage,
  SettleApproval,
  Settled,
  SmsBudget,
  TakeHandoff,
  TryOtp,
  UpdateDevice,
} from "./store-changes.ts";

/**
 * What was promised to phones and people.
 *
 * Every change resolves only when it and its audit lines are on disk; when they cannot be written it rejects with
 * `storage_unavailable` and nothing has changed. A full disk still takes revocations and suspensions, hundreds of them. After a
 * crash a change is there whole, audit included, or not at all. Of any number of changes that exclude each other exactly one
 * happens.
 */
export interface PairingStore {
  /** Adds a session together with the text message that carries its link, unless the budget is spent, or 10,000 invites are pending already. */
  addInvite(change: AddInvite): Promise<Added>;
  /** Adds a text message that belongs to no invite, unless the budget is spent. */
  addText(change: AddText): Promise<Added>;
  findText(textId: string): Promise<TextMessage | undefined>;
  /** The newest test message, unless it was sent before `since`. */
  lastTestText(since: Instant): Promise<TextMessage | undefined>;
  /** Text messages about an approval, or about those that a user was asked for; the newest first. */
  listApprovalTexts(question: ApprovalTextQuestion): Promise<readonly TextMessage[]>;
  findByCode(codeHash: string): Promise<PairingSession | undefined>;
  findSession(sessionId: string): Promise<PairingSession | undefined>;
  /** Newest first, all at once: for a few. */
  listSessions(): Promise<readonly PairingSession[]>;
  /** Pages hold up nobody else, however long the list and however rare what is looked for. So do those of the other lists. */
  pageOfSessions(question: ListQuestion<PairingSessionFilter>): Promise<ListPage<PairingSession>>;
  /** What expires, or expired, after `since`, the newest first. */
  listRecentSessions(question: { readonly since: Instant; readonly most: number }): Promise<readonly PairingSession[]>;
  /** How many could be accepted at this moment. */
  countPendingInvites(at: Instant): Promise<number>;
  /** How many text messages a provider took in the calendar month of `at`, UTC, as far as they are kept. */
  countMessages(at: Instant): Promise<number>;
  /**
   * Pending and in time → accepted, with its device. A device of the same user and id is replaced and its token id revoked.
   * Answers the session as it was found when it could not be accepted.
   */
  acceptInvite(change: AcceptChange): Promise<Accepted>;
  /**
   * Whether the one-time password of a pending invite is this one. A wrong one is counted, and at the `most`th the invite is
   * cancelled: of any number of guesses at the same time no more are looked at.
   */
  tryOtp(change: TryOtp): Promise<OtpTried>;
  /** Pending (in time or not, unless it must be) → cancelled. Answers the session as it stands afterwards, and whether this call changed it. */
  cancelInvite(change: EndInvite): Promise<Ended>;
  /**
   * Pending or expired → pending with a new end, one more text message counted, unless there is no room as for `addInvite`, or the
   * last message has not had its time to arrive.
   */
  renewInvite(change: RenewInvite): Promise<Renewed>;
  /** When the budget has room for one more send of this text message; `undefined`: now. */
  nextText(question: { readonly text: TextMessage; readonly budget: SmsBudget; readonly at: Instant }): Promise<Instant | undefined>;
  /**
   * Notes how the `send`th send of a text message fared, unless a later one was sent or more is known already; with `outcome` its
   * invite changes as well. Answers whether it was news.
   */
  noteDelivery(change: NoteDelivery): Promise<boolean>;
  /** Notes once that a person has seen a pending invite's page. Answers whether it was news. */
  noteOpened(change: { readonly codeHash: string; readonly at: Instant }): Promise<boolean>;
  /** Marks every pending session whose time has come as expired (or only this one), one audit line each. Answers how many. */
  expireDue(at: Instant, codeHash?: string): Promise<number>;

  /** Newest first, revoked ones included; all at once. */
  listDevices(): Promise<readonly Device[]>;
  pageOfDevices(question: ListQuestion<DeviceFilter>): Promise<ListPage<Device>>;
  /** Looks at none of them. */
  countDevices(): Promise<Readonly<Record<Device["status"], number>>>;
  findDevices(deviceId: string): Promise<readonly Device[]>;
  /** The device whose token has this id, revoked or not; `revoked` says whether the id is on the revocation list. */
  findByTokenId(jti: string): Promise<{ readonly device: Device | undefined; readonly revoked: boolean }>;
  /** Changes name or status of a device that is not revoked. `undefined`: there is none. */
  updateDevice(change: UpdateDevice): Promise<Device | undefined>;
  /** Device → revoked, its token id onto the revocation list, its session marked: one change. `undefined`: none to revoke. */
  revokeDevice(change: RevokeDevice): Promise<Device | undefined>;
  /**
   * Takes phones that are revoked, and sessions that are over, off the lists, but for what was texted within the day before
   * `retentionNow`. Revoked tokens stay revoked.
   */
  forget(change: Forget): Promise<Forgotten>;
  /**
   * How a phone is woken from now on, or not any more; other phones with the same endpoint lose it, since it is one browser's.
   * Answers whether it stands so: not where the phone is revoked or paired anew.
   */
  keepSubscription(change: KeepSubscription): Promise<boolean>;
  /**
   * A phone's hand-off from now on, in the place of a former one. Answers whether it stands so: not where the phone is not active or
   * was paired anew.
   */
  keepHandoff(change: KeepHandoff): Promise<boolean>;
  /**
   * Unused and in time → used. Of any number of attempts one uses a code; the one that used it may ask again until its end. Answers
   * the phone, which may be suspended: then nothing was used. `undefined`: the code is not known, is over, or was used.
   */
  takeHandoff(change: TakeHandoff): Promise<Device | undefined>;
  /** Remembers when a phone was last heard. Cheap, and the one thing a crash may forget. */
  noteSeen(device: Device, at: Instant): void;

  /** Those that are woken by push although their token has ended, the first to end first; a part of them when there are very many. */
  listEndedSubscriptions(at: Instant): Promise<readonly Device[]>;
  /** Those that may be written to, of one user or of all. */
  listActiveDevices(userId?: string): Promise<readonly Device[]>;

  /**
   * Puts a message into the outboxes of those of the phones that are active now, each with a number of its own: higher than all
   * that the phone has seen, also where a start found an older state than the one before it left. Answers which these were. Too much of it, and the oldest is gone first, which its state says.
   */
  sendMessage(change: SendMessage): Promise<readonly Recipient[]>;
  /** What a phone has to read after a number, in order: nothing that is past its time. `undefined`: never was anything sent to it. */
  readInbox(question: InboxQuestion): Promise<InboxFound | undefined>;
  /** Notes that everything up to `seq` is with the phone, or that a message was read. Answers whether it was news. */
  noteReceipt(change: NoteReceipt): Promise<boolean>;
  /** Those that are kept still, with how each fared. */
  pageOfNotifications(question: ListQuestion<NotificationFilter>): Promise<ListPage<MessageWay>>;
  findMessage(messageId: string): Promise<MessageWay | undefined>;

  /**
   * Adds a pending approval together with the message that asks, unless too much waits for one of its users already. Nobody active to
   * ask: nothing happens. Answers who is asked.
   */
  addApproval(change: AddApproval): Promise<AddedApproval>;
  /**
   * Pending → settled, with the message that says so: of any number of decisions one counts. A phone decides only while it is
   * active and one of the approval's users', at this very moment. Answers the approval as it was found when nothing changed.
   */
  settleApproval(change: SettleApproval): Promise<Settled>;
  findApproval(approvalId: string): Promise<Approval | undefined>;
  /** Newest first. */
  listApprovals(): Promise<readonly Approval[]>;
  pageOfApprovals(question: ListQuestion<ApprovalFilter>): Promise<ListPage<Approval>>;
  /** The ids of those whose time has come and that nobody has settled. */
  listDueApprovals(at: Instant): Promise<readonly string[]>;

  /** A line in the audit trail that comes with no other change. */
  appendAudit(at: Instant, entry: AuditEntry): Promise<void>;
  /** What the trail says, the newest first. `before` goes on where a page ended. */
  readAudit(question: AuditQuestion): Promise<AuditPage>;
  /** Resolves when a write succeeds now; rejects with `storage_unavailable` otherwise. */
  checkWritable(): Promise<void>;
  close(): Promise<void>;
}
