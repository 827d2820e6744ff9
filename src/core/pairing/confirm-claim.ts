import type { Alerts } from "../alerts.ts";
import type { Caller } from "../audit.ts";
import { emitPhoneChange } from "../devices/change-device.ts";
import type { Device } from "../devices/device.ts";
import { type Level, levelOf } from "../devices/level.ts";
import { asciiDigits } from "../digits.ts";
import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { MINUTE } from "../time.ts";
import { acceptEvent, deviceFrom, deviceToken, type Paired, paired } from "./accept-invite.ts";
import { type Claimed, claimed } from "./claim-invite.ts";
import { ensureSigning } from "./ensure-signing.ts";
import { type Claim, openClaims, type PairingSession } from "./session.ts";

type Deps = Pick<Ports, "clock" | "random" | "digest" | "store" | "tokens" | "changeEvents">;
interface ConfirmDeps extends Deps {
  readonly alerts: Pick<Alerts, "phonePaired">;
}

export interface OpenClaim {
  readonly session: PairingSession;
  readonly claim: Claim;
}

export interface ConfirmClaim {
  /** As typed. */
  readonly digits: string;
  /** Only phones that accepted this invite are meant. */
  readonly sessionId?: string | undefined;
  /** What the phone may do; absent: what its invite chose. */
  readonly level?: Level | undefined;
}

/** The fifth wrong entry cancels the invite. */
const MAX_WRONG = 5;
/** A phone that lost the answer may ask again for this long. */
const ANSWER_FOR_MS = 10 * MINUTE;

/** The phones that wait for their digits to be typed, the earliest first. */
export async function listClaims({ clock, store }: Pick<Ports, "clock" | "store">): Promise<readonly OpenClaim[]> {
  const now = clock.now();
  const open = (await store.listClaimed(now)).flatMap((session) => openClaims(session, now).map((claim) => ({ session, claim })));
  return open.sort((one, other) => one.claim.claimedAt - other.claim.claimedAt);
}

/**
 * Pairs the phone that shows these digits. Other phones that accepted its invite get nothing. Digits that no phone shows close the
 * claims they could have been meant for, so that nobody can try one after the other.
 */
export async function confirmClaim(
  deps: ConfirmDeps,
  settings: PairingSettings,
  { digits, sessionId, level }: ConfirmClaim,
  caller: Caller,
): Promise<Device> {
  const typed = asciiDigits(digits).replace(/[\s\p{Cf}]/gu, "");
  const open = (await listClaims(deps)).filter(({ session }) => sessionId === undefined || session.sessionId === sessionId);
  if (open.length === 0) throw new PairingError("claim_closed", { params: { reason: "none_open" } });
  const meant = open.find(({ claim }) => claim.digits === typed);
  if (!meant) return rejectDigits(deps, open, caller);
  await ensureSigning(deps);
  return pairClaimed(deps, settings, meant, level, caller);
}

async function pairClaimed(
  deps: ConfirmDeps,
  settings: PairingSettings,
  { session, claim }: OpenClaim,
  level: Level | undefined,
  caller: Caller,
): Promise<Device> {
  // A person has just confirmed it: it does not matter who made the invite.
  const invite = { ...withoutMustConfirm(session), level: level ?? levelOf(session) };
  const device = deviceFrom(deps, settings, claim.phone, invite, deps.clock.now());
  const about = { session_id: session.sessionId, user_id: device.userId, device_id: device.deviceId };
  const accepted = await deps.store.confirmClaim({
    codeHash: session.codeHash,
    claimId: claim.claimId,
    device,
    at: deps.clock.now,
    audit: [
      { event: acceptEvent(session), ...about, ...claim.caller },
      { event: "confirm_device", ...about, ...(level === undefined ? {} : { reason: `level: ${level}` }), ...caller },
    ],
  });
  // Another window was faster, or its time is over.
  if (accepted.kind === "refused") throw new PairingError("claim_closed", { params: { reason: "none_open" } });
  emitPhoneChange(deps.changeEvents);
  await deps.alerts.phonePaired(device, claim.caller);
  return device;
}

function withoutMustConfirm({ mustConfirm: _, ...session }: PairingSession): PairingSession {
  return session;
}

async function rejectDigits(deps: Deps, open: readonly OpenClaim[], caller: Caller): Promise<never> {
  const sessions = new Map(open.map(({ session }) => [session.codeHash, session]));
  let cancelled = 0;
  for (const { codeHash, sessionId, userId } of sessions.values()) {
    const closed = await deps.store.closeClaims({
      codeHash,
      most: MAX_WRONG,
      at: deps.clock.now,
      audit: [{ event: "claim_closed", reason: "wrong_digits", session_id: sessionId, user_id: userId, ...caller }],
    });
    if (closed?.status === "cancelled") cancelled += 1;
  }
  deps.changeEvents.emit("invites");
  throw new PairingError("digits_mismatch", cancelled === 0 ? {} : { params: { reason: "last_try" } });
}

/**
 * What became of a claim, for the phone that made it. Rejects with `claim_closed` alike when there is none, when it is over, and when the
 * secret is another's.
 */
export async function readClaim(deps: Deps, { claimId, secret }: { claimId: string; secret: string }): Promise<Paired | Claimed> {
  const session = await deps.store.findSession(claimId.split(".", 1)[0] ?? "");
  const claim = session?.claims?.find((known) => known.claimId === claimId);
  if (!session || !claim || claim.secretHash !== deps.digest.sha256(secret)) throw new PairingError("claim_closed");
  const now = deps.clock.now();
  if (session.status !== "accepted") {
    if (!openClaims(session, now).includes(claim)) throw new PairingError("claim_closed");
    return claimed(claim, secret);
  }
  const { device } = await deps.store.findByTokenId(session.jti ?? "");
  if (device?.status !== "active" || device.jti !== session.jti || now - (session.acceptedAt ?? 0) > ANSWER_FOR_MS)
    throw new PairingError("claim_closed");
  return paired(device, await deviceToken(deps, device));
}
