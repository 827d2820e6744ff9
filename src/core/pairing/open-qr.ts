import { present } from "../../base/present.ts";
import type { Caller } from "../audit.ts";
import { DEFAULT_LEVEL, type Level } from "../devices/level.ts";
import { asciiDigits } from "../digits.ts";
import { PairingError } from "../errors.ts";
import { cleanName } from "../names.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { ensureSigning } from "./ensure-signing.ts";
import { noLongerPending } from "./find-invite.ts";
import { expiryFrom, noRoomError, pairingLink } from "./send-invite.ts";
import type { PairingSession } from "./session.ts";

export interface OpenQr {
  readonly userId: string;
  readonly userName: string;
  /** No person at the computer asks: the phone waits for a confirmation. */
  readonly mustConfirm?: boolean;
  /** What the phone will be allowed to do. Absent: everything. */
  readonly level?: Level;
}

export interface OpenedQr {
  readonly token: string;
  readonly session: PairingSession;
  /** What the QR code holds. */
  readonly link: string;
  /** For the person at the computer, shown beside the QR code. */
  readonly otp?: string;
}

type Deps = Pick<Ports, "clock" | "random" | "digest" | "store" | "tokens" | "changeEvents">;

const OTP_DIGITS = 6;
/** The fifth wrong password is the last. */
const MAX_TRIES = 5;

/** An invite for a phone in the same room: a QR code that is valid for a few minutes. Nothing is sent. */
export async function openQr(deps: Deps, settings: PairingSettings, input: OpenQr, caller: Caller): Promise<OpenedQr> {
  await ensureSigning(deps);
  const now = deps.clock.now();
  const token = deps.random.token(32);
  const otp = settings.qr.otpRequired ? deps.random.digits(OTP_DIGITS) : undefined;
  const session: PairingSession = {
    sessionId: deps.random.token(12),
    method: "qr",
    codeHash: deps.digest.sha256(token),
    status: "pending",
    userId: input.userId,
    userName: cleanName(input.userName),
    phoneNumber: "",
    baseUrl: settings.baseUrl(),
    level: input.level ?? DEFAULT_LEVEL,
    createdAt: now,
    expiresAt: expiryFrom(now, settings.qr.minutes),
    ...(otp === undefined ? {} : { otp: { hash: otpHash(deps, token, otp), wrong: 0 } }),
    ...(input.mustConfirm ? { mustConfirm: true } : {}),
  };
  const added = await deps.store.addInvite({
    session,
    at: now,
    audit: [{ event: "generate_qr", session_id: session.sessionId, user_id: session.userId, ...caller }],
  });
  if (added.kind !== "added") throw noRoomError(added, now);
  deps.changeEvents.emit("invites");
  const link = pairingLink(session.baseUrl, token, "qr");
  return {
    token,
    session,
    link: otp !== undefined && settings.qr.otpEmbedded ? `${link}&otp=${otp}` : link,
    ...present({ otp }),
  };
}

/** Passes if the invite needs no password, or this one. Rejects with `otp_required` (not counted) or `otp_invalid`. */
export async function checkOtp(
  deps: Pick<Ports, "clock" | "digest" | "store" | "changeEvents">,
  session: PairingSession,
  { code, otp }: { readonly code: string; readonly otp: string | undefined },
  caller: Caller,
): Promise<void> {
  if (!session.otp) return;
  if (otp === undefined || otp === "") throw new PairingError("otp_required");
  const tried = await deps.store.tryOtp({
    codeHash: session.codeHash,
    otpHash: otpHash(deps, code, asciiDigits(otp).replace(/[\s\p{Cf}]/gu, "")),
    most: MAX_TRIES,
    at: deps.clock.now,
    audit: [{ event: "otp_failed", session_id: session.sessionId, user_id: session.userId, ...caller }],
  });
  if (tried.kind === "refused") throw noLongerPending(tried.session);
  if (tried.kind === "right") return;
  const left = MAX_TRIES - (tried.session.otp?.wrong ?? MAX_TRIES);
  if (left === 0) deps.changeEvents.emit("invites");
  throw new PairingError("otp_invalid", { params: left === 0 ? { reason: "last_try" } : { reason: "tries_left", count: left } });
}

function otpHash(deps: Pick<Ports, "digest">, code: string, otp: string): string {
  return deps.digest.sha256(`${code} ${otp}`);
}
