import { present } from "../../base/present.ts";
import type { Alerts } from "../alerts.ts";
import type { Caller } from "../audit.ts";
import { emitPhoneChange } from "../devices/change-device.ts";
import { type Device, deviceTypeOf, fallbackName } from "../devices/device.ts";
import { type Level, levelOf } from "../devices/level.ts";
import { checkUnconfirmedRoom } from "../devices/unconfirmed.ts";
import { PairingError } from "../errors.ts";
import { cleanName } from "../names.ts";
import type { Ports, TokenClaims } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { DAY, type Instant, MINUTE, SECOND } from "../time.ts";
import { type Claimed, claimInvite, needsDigits } from "./claim-invite.ts";
import { phoneRejection } from "./ensure-signing.ts";
import { noLongerPending } from "./find-invite.ts";
import { checkOtp } from "./open-qr.ts";
import type { AcceptReceipt, PairingMethod, PairingSession, PhoneDescription } from "./session.ts";

export interface AcceptInvite extends PhoneDescription {
  readonly code: string;
  /** How the phone got the code. A code works in its own way only. */
  readonly method: PairingMethod;
  readonly otp?: string;
  /** The phone's idempotency key: the same key and request within ten minutes get the same answer. */
  readonly idempotencyKey?: string;
}

export interface Paired {
  readonly kind: "paired";
  readonly deviceId: string;
  readonly deviceName: string;
  readonly userId: string;
  readonly level: Level;
  readonly language?: string;
  readonly token: string;
  readonly expiresAt: Instant;
  /** Otherwise it waits until a person at the computer confirms it. */
  readonly confirmed: boolean;
}

interface Deps extends Pick<Ports, "clock" | "random" | "digest" | "store" | "tokens" | "changeEvents"> {
  readonly alerts: Pick<Alerts, "phonePaired" | "linkUsedAgain">;
}

const REPLAY_WINDOW_MS = 10 * MINUTE;

/**
 * Accepts an invite. Of any number of phones with one code exactly one is paired. Where somebody at the computer has to type the digits
 * that the phone shows (PAIRING_CONFIRM), it resolves to a claim, and there is no token yet.
 */
export async function acceptInvite(deps: Deps, settings: PairingSettings, input: AcceptInvite, caller: Caller): Promise<Paired | Claimed> {
  const now = deps.clock.now();
  const codeHash = deps.digest.sha256(input.code);
  const receipt = receiptFor(deps, input, now);
  const answerAgain = async (session: PairingSession | undefined, at: Instant): Promise<Paired> => {
    try {
      return await replay(deps, session, receipt, at);
    } finally {
      if (session?.status === "accepted" && session.deviceId !== input.deviceId) await deps.alerts.linkUsedAgain(session, caller);
    }
  };
  const known = await deps.store.findByCode(codeHash);
  const found = known?.method === input.method ? known : undefined;
  if (found?.status !== "pending") return answerAgain(found, now);

  const isClaim = needsDigits(settings, found);
  if (found.mustConfirm && !isClaim) await checkUnconfirmedRoom(deps, found.userId, now);
  await checkOtp(deps, found, { code: input.code, otp: input.otp }, caller);
  if (isClaim) return claimInvite(deps, found, input, receipt, caller);
  const device = deviceFrom(deps, settings, input, found, now);
  const token = await tokenForAccept(deps, device);

  // Everything that can fail comes before this line: a link is spent only when its token is ready.
  const accepted = await deps.store.acceptInvite({
    codeHash,
    device,
    ...(receipt ? { receipt } : {}),
    // The time of the change, not of the request: an invite that expired meanwhile is not accepted.
    at: deps.clock.now,
    audit: [
      {
        event: acceptEvent(found),
        session_id: found.sessionId,
        user_id: device.userId,
        device_id: device.deviceId,
        ...caller,
      },
    ],
  });
  if (accepted.kind === "taken") throw new PairingError("device_id_taken");
  if (accepted.kind === "refused") return answerAgain(accepted.session, deps.clock.now());
  emitPhoneChange(deps.changeEvents);
  await deps.alerts.phonePaired(device, caller);
  return paired(device, token);
}

/** A phone that lost the answer retries with the same key and gets the same token, signed again. Others are rejected. */
async function replay(deps: Deps, session: PairingSession | undefined, receipt: AcceptReceipt | undefined, now: Instant): Promise<Paired> {
  const first = session?.receipt;
  if (!receipt || !first || first.keyHash !== receipt.keyHash || now - first.acceptedAt > REPLAY_WINDOW_MS) throw noLongerPending(session);
  if (first.requestHash !== receipt.requestHash) throw new PairingError("idempotency_key_reused");
  const { device } = await deps.store.findByTokenId(session.jti ?? "");
  if (device?.status !== "active" || device.jti !== session.jti) throw noLongerPending(session);
  return paired(device, await tokenForAccept(deps, device));
}

/** The event of the audit trail that says that an invite was accepted. */
export function acceptEvent({ method }: PairingSession): "pair_device" | "accept_invite" {
  return method === "qr" ? "pair_device" : "accept_invite";
}

function receiptFor(deps: Pick<Ports, "digest">, input: AcceptInvite, now: Instant): AcceptReceipt | undefined {
  const { idempotencyKey, code, deviceId, deviceName, deviceType, osVersion, appVersion, pushToken } = input;
  if (idempotencyKey === undefined) return undefined;
  return {
    keyHash: deps.digest.sha256(idempotencyKey),
    requestHash: deps.digest.sha256(JSON.stringify([code, deviceId, deviceName, deviceType, osVersion, appVersion, pushToken ?? null])),
    acceptedAt: now,
  };
}

/** The device that a phone becomes. */
export function deviceFrom(
  deps: Pick<Ports, "random">,
  settings: PairingSettings,
  input: PhoneDescription,
  session: PairingSession,
  now: Instant,
): Device {
  const deviceType = deviceTypeOf(input.deviceType);
  // The token's expiry is in whole seconds; the device must not outlive it.
  const issuedAt = Math.floor(now / SECOND) * SECOND;
  return {
    deviceId: input.deviceId,
    userId: session.userId,
    deviceName: cleanName(input.deviceName) || fallbackName(deviceType),
    deviceType,
    osVersion: cleanName(input.osVersion),
    appVersion: cleanName(input.appVersion),
    status: "active",
    pairedVia: session.method,
    pairedAt: issuedAt,
    lastSeen: issuedAt,
    expiresAt: issuedAt + settings.tokenDays * DAY,
    jti: deps.random.token(16),
    sessionId: session.sessionId,
    level: levelOf(session),
    ...present({ pushToken: input.pushToken, language: input.language }),
    ...(session.mustConfirm ? { confirmed: false } : {}),
  };
}

/** A phone cannot fix the computer's keychain. Its message says what the owner can do, and the link stays valid. */
async function tokenForAccept(deps: Pick<Ports, "digest" | "tokens">, device: Device): Promise<string> {
  return deviceToken(deps, device).catch((cause: unknown) => {
    throw phoneRejection(cause);
  });
}

/** The token of a paired phone, signed again. It is the same token while the same key signs. */
export async function deviceToken(deps: Pick<Ports, "digest" | "tokens">, device: Device): Promise<string> {
  return deps.tokens.issue(claimsOf(deps, device));
}

function claimsOf(deps: Pick<Ports, "digest">, device: Device): TokenClaims {
  return {
    userId: device.userId,
    deviceId: device.deviceId,
    fingerprint: deps.digest.sha256(JSON.stringify([device.deviceId, device.deviceType, device.osVersion, device.appVersion])),
    jti: device.jti,
    issuedAt: device.pairedAt / SECOND,
    expiresAt: device.expiresAt / SECOND,
  };
}

export function paired(device: Device, token: string): Paired {
  return {
    kind: "paired",
    deviceId: device.deviceId,
    deviceName: device.deviceName,
    userId: device.userId,
    level: levelOf(device),
    ...present({ language: device.language }),
    token,
    expiresAt: device.expiresAt,
    confirmed: device.confirmed !== false,
  };
}
