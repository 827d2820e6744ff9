import { type Approval, type Device, type Instant, openClaims, type PairingSession, type TextMessage } from "../../core/index.ts";
import type { RevokedToken, RowChanges } from "../../core/store/index.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { createSmsSends, type SmsSends } from "./sms-sends.ts";
import { createTimeIndex, type TimeIndex } from "./time-index.ts";

/** The state, as reads see it: only what is as durable as the store makes it. Records are replaced, never changed in place. */
export interface Ledger {
  /** By code hash. */
  readonly sessions: Map<string, PairingSession>;
  /** Session id → code hash. */
  readonly codeHashes: Map<string, string>;
  /** Code hashes of pending sessions by when they expire: the sweep reads nothing else. */
  readonly pendingByExpiry: TimeIndex;
  /** Code hashes of sessions with claims by when the last of these ends. */
  readonly claimedByEnd: TimeIndex;
  /** Code hashes by when the session expires or expired. */
  readonly sessionsByExpiry: TimeIndex;
  /** By id. */
  readonly texts: Map<string, TextMessage>;
  /** Ids of test messages by when they were sent first. */
  readonly testsByAge: TimeIndex;
  /** Start of a month, UTC → how many text messages a provider took in it. */
  readonly messageMonths: Map<Instant, number>;
  /** Code hashes by when the session was made. */
  readonly sessionsByAge: TimeIndex;
  /** By `deviceKey`. */
  readonly devices: Map<string, Device>;
  /** Device keys by when the phone was paired. */
  readonly devicesByAge: TimeIndex;
  readonly deviceCounts: Record<Device["status"], number>;
  /** Device id → the keys of all devices with it. */
  readonly deviceKeys: Map<string, readonly string[]>;
  /** Token id → device key, for the token that speaks for the device now. */
  readonly keysByTokenId: Map<string, string>;
  /** Hash of a hand-off's code → the key of the phone that it was made for. */
  readonly keysByHandoff: Map<string, string>;
  /** Address of a push service → the keys of the devices that are woken there: one, but for a moment. */
  readonly endpoints: Map<string, Set<string>>;
  /** Keys of devices that are woken by push, by when their token ends. */
  readonly subscriptionsByEnd: TimeIndex;
  /** Keys of devices that wait for a confirmation. */
  readonly unconfirmedKeys: Set<string>;
  /** User id → the keys of that user's active devices. */
  readonly activeKeys: Map<string, Set<string>>;
  /** Revoked token id → when the token ends, whole seconds. */
  readonly revoked: Map<string, number>;
  /** Of pairing links and tests. */
  readonly sends: SmsSends;
  /** Of approvals: they never use up what pairing may send, nor the other way round. */
  readonly approvalSends: SmsSends;
  readonly outbox: Outbox;
  /** By id, the oldest first. */
  readonly approvals: Map<string, Approval>;
  /** Id → the ids of the text messages about it, the oldest first. */
  readonly approvalTexts: Map<string, Set<string>>;
  /** Ids of pending ones by when they expire. */
  readonly pendingApprovals: TimeIndex;
  /** Ids by when it was asked. */
  readonly approvalsByAge: TimeIndex;
  /** Records of kinds that only a newer version knows, by kind and key. They are written down again as they are. */
  readonly unknownRecords: Map<string, UnknownRecord>;
  auditSeq: number;
  /** Messages get higher numbers than this one: those up to it may be known to phones from a state that was lost. */
  usedSeq: number;
}

/** A record of a kind that this version does not know. */
export interface UnknownRecord {
  readonly kind: string;
  readonly key: string;
  readonly value: unknown;
}

/** A change whose audit lines are finished. Applying it twice is applying it once. */
export interface LedgerChange extends RowChanges {
  readonly audit: readonly string[];
  /** The number of the last audit line after this change. */
  readonly auditSeq: number;
}

export function createLedger(): Ledger {
  const approvals = new Map<string, Approval>();
  return {
    sessions: new Map(),
    codeHashes: new Map(),
    pendingByExpiry: createTimeIndex(),
    claimedByEnd: createTimeIndex(),
    sessionsByExpiry: createTimeIndex(),
    texts: new Map(),
    testsByAge: createTimeIndex(),
    messageMonths: new Map(),
    sessionsByAge: createTimeIndex(),
    devices: new Map(),
    devicesByAge: createTimeIndex(),
    deviceCounts: { active: 0, suspended: 0, revoked: 0 },
    deviceKeys: new Map(),
    keysByTokenId: new Map(),
    keysByHandoff: new Map(),
    endpoints: new Map(),
    subscriptionsByEnd: createTimeIndex(),
    unconfirmedKeys: new Set(),
    activeKeys: new Map(),
    revoked: new Map(),
    sends: createSmsSends(),
    approvalSends: createSmsSends(),
    outbox: createOutbox((approvalId) => approvals.get(approvalId)?.status === "pending"),
    approvals,
    approvalTexts: new Map(),
    pendingApprovals: createTimeIndex(),
    approvalsByAge: createTimeIndex(),
    unknownRecords: new Map(),
    auditSeq: 0,
    usedSeq: 0,
  };
}

export function sendsOf(ledger: Ledger, { purpose }: Pick<TextMessage, "purpose">): SmsSends {
  return purpose === "approval" ? ledger.approvalSends : ledger.sends;
}

export function* revokedTokens({ revoked }: Ledger): Generator<RevokedToken> {
  for (const [jti, exp] of revoked) yield { jti, exp };
}

/** When the calendar month of a moment began, UTC. */
export function monthOf(at: Instant): Instant {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

/** The sends of `text` that `before` does not have yet. Its list only grows at its end. */
export function newSends(text: TextMessage, before: TextMessage | undefined): readonly Instant[] {
  return before ? text.sends.slice(before.sends.length) : text.sends;
}

/** When the last of an invite's claims ends; `undefined` for one that has none to be confirmed. */
export function claimsEnd(session: PairingSession): Instant | undefined {
  const open = openClaims(session, Number.NEGATIVE_INFINITY);
  return open.length === 0 ? undefined : Math.max(...open.map(({ expiresAt }) => expiresAt));
}
