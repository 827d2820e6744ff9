import type { AuditEntry, AuditPage, AuditQuestion } from "./audit.ts";
import type { Device } from "./devices/device.ts";
import type { ApprovalFilter, DeviceFilter, ListPage, ListQuestion, NotificationFilter, PairingSessionFilter } from "./lists.ts";
import type { Delivery, SmsProviderName } from "./pairing/delivery.ts";
import type { AcceptReceipt, CancelReason, PairingSession } from "./pairing/session.ts";
import type { SmsPrice, SmsSettings, SmsSettingsChange, SmsTried } from "./pairing/sms-settings.ts";
import type { ReachabilityChange, ReachabilitySettings } from "./reachability/reachability.ts";
import type { TunnelState } from "./reachability/tunnel-state.ts";
import type { Approval, DecidedBy } from "./remote/approval.ts";
import type { InboxMessage, MessageDelivery, OutboxMessage, Recipient } from "./remote/outbox.ts";
import type { PushMessage, PushOutcome, PushSubscription } from "./remote/push.ts";
import type { SecretHome, SecretKind, SecretPlaceStatus } from "./secrets/status.ts";
import type { Instant } from "./time.ts";

/** Everything the core asks of the world, in one place. Each port has one promise suite in `test/contracts`. */
export interface Ports {
  readonly clock: Clock;
  readonly clockWatch: { readonly retentionNow: () => Instant };
  readonly random: Random;
  readonly digest: Digest;
  readonly store: PairingStore;
  readonly sms: SmsSender;
  readonly smsSetup: SmsSetup;
  readonly hostSettings: HostSettings;
  readonly adminToken: AdminToken;
  readonly pageMemory: PageMemory;
  readonly reach: Reach;
  readonly reachabilitySetup: ReachabilitySetup;
  readonly tunnel: Tunnel;
  readonly phoneNumbers: PhoneNumbers;
  readonly tokens: Tokens;
  readonly push: PushSender;
  readonly presence: Presence;
  readonly secretPlace: SecretPlace;
  readonly changeEvents: ChangeEvents;
  readonly inboxSignals: InboxSignals;
  readonly log: Log;
}

export interface Clock {
  /** The wall clock. People and networks set it, forwards and back. */
  now(): Instant;
  /** Milliseconds since some moment; it only goes forwards, whatever is done to the wall clock. It may stand still while the computer sleeps. */
  steady(): number;
  /** Resolves after so many milliseconds, for what may be left undone: a stop does not wait for it. */
  pause(milliseconds: number): Promise<void>;
}

export interface Random {
  /** An unguessable URL-safe text made from this many random bytes (base64url, no padding). */
  token(bytes: number): string;
  /** This many decimal digits, each as likely as the others. */
  digits(count: number): string;
}

export interface Digest {
  /** SHA-256 of the text's UTF-8 bytes, base64url, 43 characters. */
  sha256(text: string): string;
  /** SHA-256 of the canonical form of JSON (RFC 8785), lower-case hex. */
  contentSha256(content: object): string;
}

/** For the person who keeps the server running. Never a code, a token, a secret or a whole phone number. */
export interface Log {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

/**
 * What was promised to phones and people.
 *
 * Every change resolves only when it and its audit lines are on disk; when they cannot be written it rejects with
 * `storage_unavailable` and nothing has changed. A full disk still takes revocations and suspensions, hundreds of them. After a
 * crash a change is there whole, audit included, or not at all. Of any number of changes that exclude each other exactly one
 * happens.
 */
export interface PairingStore {
  /** Adds a session and counts its text message, unless the budget is spent, or 10,000 invites are pending already. */
  addInvite(change: AddInvite): Promise<Added>;
  findByCode(codeHash: string): Promise<PairingSession | undefined>;
  findSession(sessionId: string): Promise<PairingSession | undefined>;
  /** Newest first, all at once: for a few. */
  listSessions(): Promise<readonly PairingSession[]>;
  /** Pages hold up nobody else, however long the list and however rare what is looked for. So do those of the other lists. */
  pageOfSessions(question: ListQuestion<PairingSessionFilter>): Promise<ListPage<PairingSession>>;
  /** What expires, or expired, after `since`, the newest first. Text messages about approvals are not among them. */
  listRecentSessions(question: { readonly since: Instant; readonly most: number }): Promise<readonly PairingSession[]>;
  /** How many could be accepted at this moment. */
  countPendingInvites(at: Instant): Promise<number>;
  /** How many text messages a provider took in the calendar month of `at`, UTC, as far as sessions are kept. */
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
  /** When the budget has room for one more text message of this session; `undefined`: now. */
  nextText(question: { readonly session: PairingSession; readonly budget: SmsBudget; readonly at: Instant }): Promise<Instant | undefined>;
  /**
   * Notes how the `send`th text message fared, unless a later one was sent or more is known already; with `cancel` the invite ends
   * as well. Answers whether it was news.
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
  /** The sessions of the text messages about it, the newest first. */
  listApprovalTexts(approvalId: string): Promise<readonly PairingSession[]>;
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

/** How many text messages may go out (CONTRACT section 2). Counted from what is on disk, so a restart forgives nothing. */
export interface SmsBudget {
  readonly perNumberPerTenMinutes: number;
  readonly perNumberPerDay: number;
  readonly perDay: number;
}

interface Change {
  readonly at: Instant;
  readonly audit: readonly AuditEntry[];
}
/** One that a deadline decides about: the clock is read at the very moment of the change, after whatever waited before it. */
interface TimedChange extends Omit<Change, "at"> {
  readonly at: () => Instant;
}
export interface AddInvite extends Change {
  readonly session: PairingSession;
  /** Absent for invites that cost no text message. */
  readonly budget?: SmsBudget;
}
export type Added = { readonly kind: "added" } | NoRoom;
/** Over the budget of text messages, too many invites are pending, or the last message has not had its time to arrive. */
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
  | { readonly kind: "refused"; readonly session: PairingSession | undefined };
export interface TryOtp extends TimedChange {
  readonly codeHash: string;
  readonly otpHash: string;
  readonly most: number;
}
export type OtpTried =
  | { readonly kind: "right" }
  /** The session as it stands after this try. */
  | { readonly kind: "wrong"; readonly session: PairingSession }
  | { readonly kind: "refused"; readonly session: PairingSession | undefined };
export interface EndInvite extends TimedChange {
  readonly codeHash: string;
  /** Absent: nobody will ask. */
  readonly reason?: CancelReason;
  /** Not one that has expired at `at`, whether or not the sweep has come by. */
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
  /** After the first, the second and further messages, in milliseconds. */
  readonly waits: readonly number[];
  readonly baseUrl: string;
}
export type Renewed =
  | { readonly kind: "renewed"; readonly session: PairingSession; readonly before: PairingSession }
  | NoRoom
  | { readonly kind: "refused"; readonly session: PairingSession | undefined };
export interface NoteDelivery extends Change {
  readonly codeHash: string;
  /** Which of the invite's messages, from 1. */
  readonly send: number;
  readonly delivery: Delivery;
  /** `cancel`: a first send failed, the invite ends. `restore`: a resend failed, the invite is what it was before. */
  readonly outcome?: { readonly kind: "cancel" } | { readonly kind: "restore"; readonly before: PairingSession };
}
export interface UpdateDevice extends Change {
  readonly userId: string;
  readonly deviceId: string;
  readonly set: { readonly deviceName?: string; readonly status?: "active" | "suspended" };
}
export interface RevokeDevice extends Change {
  readonly userId: string;
  readonly deviceId: string;
}

export interface Forget extends Change {
  readonly devices: readonly Pick<Device, "userId" | "deviceId">[];
  readonly sessions: readonly Pick<PairingSession, "codeHash">[];
  /** The moment by which things count as past their time. */
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
  /** Absent: it is taken away. */
  readonly subscription?: PushSubscription;
  /** Only where this endpoint is the one that is kept. */
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
  /** What this attempt calls itself, hashed. Absent: it cannot be asked again. */
  readonly keyHash?: string;
}

/** A message before it is known who gets it. */
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
  /** The number that was given last. */
  readonly lastSeq: number;
  /** Everything up to here is known to be with the phone. */
  readonly deliveredSeq: number;
}
export interface NoteReceipt extends Change {
  readonly userId: string;
  readonly deviceId: string;
  readonly receipt: { readonly kind: "delivered"; readonly seq: number } | { readonly kind: "read"; readonly messageId: string };
}
/** A message, and how it fared with each of those it was sent to. */
export interface MessageWay {
  readonly message: OutboxMessage;
  readonly deliveries: readonly MessageDelivery[];
}
export interface AddApproval extends SendMessage {
  readonly approval: Omit<Approval, "userIds">;
  readonly caps: ApprovalCaps;
}
/** How much may be pending for one user. */
export interface ApprovalCaps {
  readonly pendingPerUser: number;
  readonly bytesPerUser: number;
}
export type AddedApproval =
  | { readonly kind: "added"; readonly to: readonly Recipient[] }
  /** `retryAt`: when the first of those that wait is over. */
  | { readonly kind: "too-many"; readonly retryAt: Instant };
export interface SettleApproval extends TimedChange {
  readonly approvalId: string;
  /** `expired` only when its time has come, everything else only before. */
  readonly status: Exclude<Approval["status"], "pending">;
  /** The phone that decides; absent: the desk, the IDE, or the clock. */
  readonly phone?: Pick<Device, "userId" | "deviceId" | "jti">;
  readonly decidedBy?: DecidedBy;
  readonly comment?: string;
  readonly message: NewMessage;
}
export type Settled =
  | { readonly kind: "settled"; readonly approval: Approval; readonly told: readonly Recipient[] }
  /** `undefined`: there is none, or none of this phone's. */
  | { readonly kind: "refused"; readonly approval: Approval | undefined }
  /** The phone is not active any more. */
  | { readonly kind: "no-access" };

export interface SmsSender {
  readonly name: SmsProviderName;
  /** Whether a report may still come of a message whose outcome is not known. */
  readonly mayReportUnknown: boolean;
  /** Where it reports to, at the public address: a message's own name follows. */
  readonly reportPath: string;
  /** What a segment costs to a country (ISO 3166); `undefined` where no price is known. */
  price(country: string | undefined): SmsPrice | undefined;
  /**
   * Resolves once the provider has taken the message. Rejects with one of the `sms_…` refusals; `sms_outcome_unknown`
   * when it may have been taken. Never retries by itself.
   */
  send(message: SmsMessage): Promise<SmsTaken>;
  /** What a report says of a message. Rejects with `bad_signature` unless the provider itself wrote it for one of `addresses`. */
  readReport(report: SignedReport): Promise<SmsReport | undefined>;
  /** Set while nothing is sent because the provider failed again and again. */
  pausedUntil(): Instant | undefined;
}
export interface SmsMessage {
  /** E.164. */
  readonly to: string;
  readonly text: string;
  /** Whole seconds after which the message is worth nothing any more. */
  readonly validSeconds: number;
  /** Where the provider may report what became of it. */
  readonly reportTo: string;
}
/** `printed`: mock mode. `more`: whether reports will follow. */
export type SmsTaken = { readonly kind: "printed" } | { readonly kind: "handed_over"; readonly more: boolean };
export interface SignedReport {
  /** Where it may have been sent to, as the provider was told. */
  readonly addresses: readonly string[];
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As it came, every byte of it. */
  readonly body: string;
}
export interface SmsReport extends Omit<Delivery, "at"> {
  /** The number of the message that it is about (E.164), where the report says so and its address is not signed. */
  readonly to?: string;
}

/** Whether somebody sits at this computer. */
export interface Presence {
  /** Milliseconds since its mouse or keyboard was touched; `undefined` where that is not known. */
  idleFor(): number | undefined;
}

/** Wakes phones through the push services of their browsers. */
export interface PushSender {
  /** What phones subscribe with: base64url, 65 bytes. Made when it is first needed. Rejects with `keys_unavailable`. */
  publicKey(): Promise<string>;
  /** What is wrong with a subscription: its service is none that may be asked, or its keys are no keys. */
  examine(subscription: PushSubscription): "service" | "keys" | undefined;
  /** Never rejects, and answers within seconds. Never tries again by itself. */
  send(message: PushMessage): Promise<PushOutcome>;
}

/** Who sends text messages, as the settings page may see and change it. The environment rules where it says something. */
export interface SmsSetup {
  read(): SmsSettings;
  /** Resolves when it is kept for good; the next message is sent by it. */
  save(change: SmsSettingsChange): Promise<SmsSettings>;
  /** Asks the provider whether it knows the credentials. Sends nothing. */
  tryConnection(): Promise<SmsTried>;
}

/** The host's settings, as the settings page may see and change them. The environment rules where it says something. */
export interface HostSettings {
  list(): readonly HostSetting[];
  /**
   * All of a change or nothing; `null` goes back to the default. Resolves when it is kept for good: what needs no restart is in use
   * from then on. Rejects with `setting_locked`, or with `invalid_request` and the fields at fault.
   */
  save(change: SettingsChange): Promise<readonly HostSetting[]>;
  /** Throws as {@link save} would; changes nothing. */
  check(change: SettingsChange): void;
}

/** What opens the gated routes: of the environment, or kept where secrets are. */
export interface AdminToken {
  status(): AdminTokenStatus;
  /** `undefined`: there is none. Rejects with `secrets_unavailable` while it cannot be read. */
  read(): Promise<string | undefined>;
  /** Resolves when it is kept for good: it opens from then on, and the former no more. Rejects with `setting_locked`. */
  keep(token: string): Promise<void>;
  /** Rejects with `invalid_request` while the gate asks for it. */
  drop(): Promise<void>;
}

export interface AdminTokenStatus {
  readonly set: boolean;
  /** The environment says it, and only there it can be changed. */
  readonly locked: boolean;
  readonly savedIn: SecretKind;
}

/** What the settings page remembers of the person in front of it: never what was promised to a phone. */
export interface PageMemory {
  /** Whether the welcome is to be shown; `undefined` until somebody has said. */
  welcome(): boolean | undefined;
  /** Resolves when it is kept for good. Rejects with `storage_unavailable`, and remembers what it did before. */
  keepWelcome(shown: boolean): Promise<void>;
}

export type SettingsChange = Readonly<Record<string, string | null>>;

/** A setting, its values as a person would write them in the environment. */
export interface HostSetting {
  readonly name: string;
  readonly group: string;
  readonly kind: "flag" | "number" | "text" | "list";
  readonly from?: number;
  readonly to?: number;
  readonly description: string;
  /** What stands where nothing is said, in words where it depends. */
  readonly default?: string;
  /** What the environment says, or what was saved. */
  readonly value?: string;
  readonly locked: boolean;
  readonly restart: boolean;
  /** Saved, and not in use before a restart. */
  readonly waiting: boolean;
}

/** Whether phones can reach the phone door at its public address. */
export interface Reach {
  /** What only this process answers to a nonce. */
  prove(nonce: string): string;
  /** Asks the address for the proof of a fresh nonce, as a phone would. */
  ask(address: string): Promise<ReachFinding>;
}
export type ReachFinding = "reached" | "no_answer" | "bad_certificate" | "tunnel_broken" | "interstitial" | "another_server";

/** How phones get here, as the settings page may see and change it. The environment rules where it says something. */
export interface ReachabilitySetup {
  read(): Promise<ReachabilitySettings>;
  /**
   * Resolves when it is kept for good; links that are made from now on follow it. Rejects with `setting_locked`,
   * `tunnel_program_unusable`, `secrets_unavailable` or `storage_unavailable`, and has
   * changed nothing then, but that a new authtoken may be kept already.
   */
  save(change: ReachabilityChange): Promise<void>;
}

/** A program that lends the phone door a public address, for as long as it runs. Each change of its state is news. */
export interface Tunnel {
  state(): TunnelState;
  /** Starts it, at once where it waits to be tried again. Nothing, while it starts or is online. What ends by itself is tried again. */
  start(): void;
  /** Resolves when it is off and nothing of it runs any more. */
  stop(): Promise<void>;
}

export interface PhoneNumbers {
  /**
   * Any spelling, in the digits of any script → what it means, or `undefined` when it is no number. Without `country`, a country
   * code is required; with it, the prefixes are understood that lead abroad from there.
   */
  read(typed: string, country?: string): Promise<PhoneReading | undefined>;
}
export interface PhoneReading {
  readonly e164: string;
  /** Whether its length fits its country. */
  readonly possible: boolean;
  /** Premium-rate, shared-cost, UAN, pager, voicemail or short: never texted. */
  readonly costly: boolean;
  readonly landline: boolean;
  /** ISO 3166; absent for numbers of no country, and where several countries share the calling code and the number does not tell. */
  readonly country?: string;
  /** All countries that the number may be in: `country`, or those that share its calling code. */
  readonly mayBeIn: readonly string[];
  /** Another number that the same text may mean, where prefixes that lead abroad begin alike. */
  readonly otherReading?: string;
}

/** What a device token says (CONTRACT section 3). */
export interface TokenClaims {
  readonly userId: string;
  readonly deviceId: string;
  readonly fingerprint: string;
  readonly jti: string;
  /** Whole seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** What keeps tokens from being issued: the place of the key cannot be read, or what is there is no key. */
export interface SigningProblem {
  readonly kind: "unreadable" | "damaged";
  /** For the person at the computer: what is wrong, and the way out. */
  readonly sentence: string;
}

export interface Tokens {
  /** The same claims give the same token while the same key signs (RS256 is deterministic). Rejects with `keys_unavailable`. */
  issue(claims: TokenClaims): Promise<string>;
  /** Resolves when a token could be issued now; asks for the key where it was not read yet. Rejects with `keys_unavailable`. */
  ensureSigning(): Promise<void>;
  /** Why no token could be issued when that was last tried; `undefined`: it could, or nobody has tried. Asks nothing. */
  signingProblem(): SigningProblem | undefined;
  /**
   * The claims of a token that one of our keys signed. Rejects with `token_invalid` or `token_expired`. Whether it was issued in the
   * future, and whether it was revoked, is the caller's to check.
   */
  verify(token: string, now: Instant): Promise<TokenClaims>;
  /**
   * A new key signs from now on; the former one verifies until `verifyUntil`. Resolves when it is kept for good. Rejects with
   * `keys_elsewhere` where the key is not ours to replace.
   */
  rotate(verifyUntil: Instant): Promise<{ readonly kid: string }>;
  /** RFC 7517: public members only. */
  publicKeys(now: Instant): Promise<{ readonly keys: readonly Readonly<Record<string, string>>[] }>;
}

/** Tells whoever listens that something changed. It carries no data: listeners read again. */
export type ChangeEvent = "invites" | "devices" | "sms" | "settings" | "approvals" | "messages" | "reachability" | "audit";
export interface ChangeEvents {
  emit(item: ChangeEvent): void;
  listen(heard: (item: ChangeEvent) => void): () => void;
}

/** Wakes who waits for the messages of one phone. It carries none: who is woken reads again. */
export interface InboxSignals {
  tell(phones: readonly Pick<Device, "userId" | "deviceId">[]): void;
  /** `relay`: the listener only hands on, and does not know whether the phone is there. */
  listen(phone: Pick<Device, "userId" | "deviceId">, heard: () => void, by?: "relay"): () => void;
  /** Whether somebody listens who has the phone itself on the line. */
  isConnected(phone: Pick<Device, "userId" | "deviceId">): boolean;
}

/** Where secrets live. A store says what it is and never falls back to a weaker one. */
export interface SecretStore {
  readonly kind: SecretKind;
  /** `undefined`: there is none, for certain. Rejects when that cannot be known (locked, unreadable). */
  get(name: SecretName): Promise<string | undefined>;
  /** Resolves when the secret is kept for good. */
  set(name: SecretName, secret: string): Promise<void>;
  /** Resolves when there is none any more. */
  remove(name: SecretName): Promise<void>;
}
/** Where secrets are kept, as a person sees and chooses it. */
export interface SecretPlace {
  status(): SecretPlaceStatus;
  /** Asks again, now. Never rejects: what is wrong is in the standing. */
  retry(): Promise<SecretPlaceStatus>;
  /**
   * Keeps secrets there from now on; what can be read goes along, and nothing that cannot be read is destroyed. Rejects with
   * `keys_unavailable` when they cannot be kept there, with `keys_elsewhere` where that is not a person's choice.
   */
  moveTo(home: SecretHome): Promise<SecretPlaceStatus>;
}
/** Lower-case words with hyphens between them, like `signing-key`. */
export type SecretName = string;
