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
  CloseClaims,
  ConfirmClaim,
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
  OpenClaim,
  OpenedClaim,
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
 * The persistent state. A change resolves only once it and its audit lines are on disk; if they cannot be written it rejects
 * with `storage_unavailable` and nothing has changed. A full disk still accepts revocations and suspensions, hundreds of them.
 * After a crash a change is present whole, with its audit lines, or not at all. Of any number of conflicting changes exactly one
 * succeeds.
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
  /** All of them, newest first. Only for short lists. */
  listSessions(): Promise<readonly PairingSession[]>;
  /** A page, which never blocks other work, however long the list and however rare the matches. The same holds for the other lists. */
  pageOfSessions(question: ListQuestion<PairingSessionFilter>): Promise<ListPage<PairingSession>>;
  /** Sessions that expire or expired after `since`, newest first, without text messages about approvals. */
  listRecentSessions(question: { readonly since: Instant; readonly most: number }): Promise<readonly PairingSession[]>;
  /** How many can be accepted at this moment. */
  countPendingInvites(at: Instant): Promise<number>;
  /** How many text messages providers accepted in the calendar month of `at` (UTC), as far as sessions are stored. */
  countMessages(at: Instant): Promise<number>;
  /**
   * Pending and in time → accepted, with its device. Replaces a device of the same user and id and revokes its token id; an unconfirmed
   * device never replaces a confirmed one. Returns the session as found if it could not be accepted.
   */
  acceptInvite(change: AcceptChange): Promise<Accepted>;
  /**
   * Adds a claim to an invite that is pending and in time, with two digits that no other open claim of this store has. The same
   * request (by its receipt) finds its open claim again.
   */
  openClaim(change: OpenClaim): Promise<OpenedClaim>;
  /** Open claim → paired, as `acceptInvite`; the invite's other claims are closed. The invite's own time may be over. */
  confirmClaim(change: ConfirmClaim): Promise<Accepted>;
  /** Closes the invite's open claims after a wrong entry, and counts that. `undefined`: there was none. */
  closeClaims(change: CloseClaims): Promise<PairingSession | undefined>;
  /** The invites that have claims which are open at this moment. */
  listClaimed(at: Instant): Promise<readonly PairingSession[]>;
  /**
   * Checks the one-time password of a pending invite. A wrong one is counted, and the `most`th cancels the invite; parallel
   * guesses cannot exceed that.
   */
  tryOtp(change: TryOtp): Promise<OtpTried>;
  /** Pending (expired or not, unless `onlyInTime`) → cancelled. Returns the session afterwards, and whether this call changed it. */
  cancelInvite(change: EndInvite): Promise<Ended>;
  /**
   * Pending or expired → pending with a new expiry and one more counted text message, unless there is no room as for
   * `addInvite`, or the wait after the last message is not over.
   */
  renewInvite(change: RenewInvite): Promise<Renewed>;
  /** When the budget has room for one more send of this text message; `undefined`: now. */
  nextText(question: { readonly text: TextMessage; readonly budget: SmsBudget; readonly at: Instant }): Promise<Instant | undefined>;
  /**
   * Notes how the `send`th send of a text message fared, unless a later one was sent or more is known already; with `outcome` its
   * invite changes as well. Returns whether it was news.
   */
  noteDelivery(change: NoteDelivery): Promise<boolean>;
  /** Records once that a person opened a pending invite's page. Returns whether anything changed. */
  noteOpened(change: { readonly codeHash: string; readonly at: Instant }): Promise<boolean>;
  /**
   * Marks every pending session past its deadline (or only this one) as expired, with one audit line each. Returns the count. Without a
   * code it also forgets the claims that are over.
   */
  expireDue(at: Instant, codeHash?: string): Promise<number>;

  /** All of them, newest first, including revoked ones. */
  listDevices(): Promise<readonly Device[]>;
  pageOfDevices(question: ListQuestion<DeviceFilter>): Promise<ListPage<Device>>;
  /** Does not read the records. */
  countDevices(): Promise<Readonly<Record<Device["status"], number>>>;
  findDevices(deviceId: string): Promise<readonly Device[]>;
  /** The device whose token has this id, revoked or not; `revoked` says whether the id is on the revocation list. */
  findByTokenId(jti: string): Promise<{ readonly device: Device | undefined; readonly revoked: boolean }>;
  /** Changes the name or status of a device that is not revoked. `undefined`: there is none. */
  updateDevice(change: UpdateDevice): Promise<Device | undefined>;
  /** Revokes a device, its token id and its session in one change. `undefined`: none to revoke. */
  revokeDevice(change: RevokeDevice): Promise<Device | undefined>;
  /**
   * Removes revoked phones and finished sessions from the lists, except those with text messages within the day before
   * `retentionNow`. Revoked tokens stay revoked.
   */
  forget(change: Forget): Promise<Forgotten>;
  /**
   * Sets or removes a phone's push subscription. Other phones with the same endpoint lose it, since it is one browser's. Returns
   * false if the phone is revoked or was paired again.
   */
  keepSubscription(change: KeepSubscription): Promise<boolean>;
  /** Replaces a phone's hand-off code. Returns false if the phone is not active or was paired again. */
  keepHandoff(change: KeepHandoff): Promise<boolean>;
  /**
   * Unused and in time → used. Of any number of attempts one uses a code; the same attempt may be repeated until the code
   * expires. Returns the phone; a suspended one uses nothing. `undefined`: the code is unknown, expired or used.
   */
  takeHandoff(change: TakeHandoff): Promise<Device | undefined>;
  /** Records when a phone was last in contact. Cheap, and the only data that a crash may lose. */
  noteSeen(device: Device, at: Instant): void;

  /** Phones with a push subscription whose token has expired, the earliest first; a part of them if there are very many. */
  listEndedSubscriptions(at: Instant): Promise<readonly Device[]>;
  /** Phones that wait for a confirmation, the suspended ones included. Does not read the others. */
  listUnconfirmedDevices(): Promise<readonly Device[]>;
  /** Active phones, of one user or of all. */
  listActiveDevices(userId?: string): Promise<readonly Device[]>;

  /**
   * Puts a message into the outboxes of the recipients that are active now, each with its own number. Numbers are higher than
   * all that the phone has seen, also if a start found an older state. Returns the recipients. A full outbox drops its oldest
   * messages, which its state records.
   */
  sendMessage(change: SendMessage): Promise<readonly Recipient[]>;
  /** A phone's messages after a number, in order, without expired ones. `undefined`: it never got a message. */
  readInbox(question: InboxQuestion): Promise<InboxFound | undefined>;
  /** Records that everything up to `seq` was delivered, or that a message was read. Returns whether anything changed. */
  noteReceipt(change: NoteReceipt): Promise<boolean>;
  /** The stored notifications with their delivery. */
  pageOfNotifications(question: ListQuestion<NotificationFilter>): Promise<ListPage<MessageWay>>;
  findMessage(messageId: string): Promise<MessageWay | undefined>;

  /**
   * Adds a pending approval with its message, unless one of its users has too many pending. Does nothing without an active
   * recipient. Returns the recipients.
   */
  addApproval(change: AddApproval): Promise<AddedApproval>;
  /**
   * Pending → settled, with its message: of any number of decisions one counts. A phone decides only while it is active and
   * belongs to one of the approval's users, and approves only with the number where there is one; too many wrong ones reject.
   * Returns the approval as found if nothing changed.
   */
  settleApproval(change: SettleApproval): Promise<Settled>;
  findApproval(approvalId: string): Promise<Approval | undefined>;
  /** Newest first. */
  listApprovals(): Promise<readonly Approval[]>;
  pageOfApprovals(question: ListQuestion<ApprovalFilter>): Promise<ListPage<Approval>>;
  /** The ids of pending approvals past their deadline. */
  listDueApprovals(at: Instant): Promise<readonly string[]>;

  /** Writes an audit line without another change. */
  appendAudit(at: Instant, entry: AuditEntry): Promise<void>;
  /** Reads the trail, newest first. `before` continues after a page. */
  readAudit(question: AuditQuestion): Promise<AuditPage>;
  /** Resolves if a write succeeds now; rejects with `storage_unavailable` otherwise. */
  checkWritable(): Promise<void>;
  close(): Promise<void>;
}
