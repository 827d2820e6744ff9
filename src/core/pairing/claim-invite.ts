import { present } from "../../base/present.ts";
import type { Caller } from "../audit.ts";
import { deviceTypeOf, fallbackName } from "../devices/device.ts";
import { PairingError } from "../errors.ts";
import { cleanName } from "../names.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { type Instant, MINUTE, SECOND } from "../time.ts";
import { phoneRejection } from "./ensure-signing.ts";
import { noLongerPending } from "./find-invite.ts";
import type { AcceptReceipt, Claim, PairingSession, PhoneDescription } from "./session.ts";

/** What a phone gets that somebody at the computer has to confirm. */
export interface Claimed {
  readonly kind: "claimed";
  readonly claimId: string;
  /** What it asks with. It stands for the token once the claim is confirmed. */
  readonly secret: string;
  /** The two digits that the phone shows. */
  readonly digits: string;
  readonly expiresAt: Instant;
}

type Deps = Pick<Ports, "clock" | "random" | "digest" | "store" | "tokens" | "changeEvents">;
type Accepting = PhoneDescription & { readonly code: string; readonly idempotencyKey?: string };

const CONFIRM_WITHIN_MS = 2 * MINUTE;
const MAX_OPEN = 3;

/** Whether a phone that accepts this invite has to show digits. */
export function needsDigits(settings: Pick<PairingSettings, "confirm">, { method }: Pick<PairingSession, "method">): boolean {
  return settings.confirm === "always" || (settings.confirm === "qr-only" && method === "qr");
}

/** Takes the phone's answer to an invite, without pairing it. The same idempotency key finds the same open claim. */
export async function claimInvite(
  deps: Deps,
  session: PairingSession,
  input: Accepting,
  receipt: AcceptReceipt | undefined,
  caller: Caller,
): Promise<Claimed> {
  // Nobody types digits for a phone that could not get its token then.
  await deps.tokens.ensureSigning().catch((cause: unknown) => {
    throw phoneRejection(cause);
  });
  const now = deps.clock.now();
  const claimId = `${session.sessionId}.${deps.random.token(16)}`;
  const secret = secretOf(deps, claimId, input);
  const { deviceId, deviceType, pushToken, language } = input;
  // Shown at a terminal before anybody has confirmed it.
  const deviceName = cleanName(input.deviceName) || fallbackName(deviceTypeOf(deviceType));
  const [osVersion, appVersion] = [cleanName(input.osVersion), cleanName(input.appVersion)];
  const opened = await deps.store.openClaim({
    codeHash: session.codeHash,
    claim: {
      claimId,
      secretHash: deps.digest.sha256(secret),
      claimedAt: now,
      expiresAt: now + CONFIRM_WITHIN_MS,
      phone: { deviceId, deviceName, deviceType, osVersion, appVersion, ...present({ pushToken, language }) },
      caller,
      ...(receipt ? { receipt } : {}),
    },
    digits: deps.random.digits(2),
    most: MAX_OPEN,
    at: deps.clock.now,
    audit: [{ event: "claim_opened", session_id: session.sessionId, user_id: session.userId, device_id: deviceId, ...caller }],
  });
  if (opened.kind === "refused") throw noLongerPending(opened.session);
  if (opened.kind === "too-many") {
    const retryAfter = Math.max(1, Math.ceil((opened.retryAt - now) / SECOND));
    throw new PairingError("rate_limited", { params: { reason: "open_claims" }, retryAfter });
  }
  const { claim } = opened;
  if (opened.kind === "opened") deps.changeEvents.emit("invites");
  else if (claim.receipt?.requestHash !== receipt?.requestHash) throw new PairingError("idempotency_key_reused");
  return claimed(claim, opened.kind === "opened" ? secret : secretOf(deps, claim.claimId, input));
}

export function claimed({ claimId, digits, expiresAt }: Claim, secret: string): Claimed {
  return { kind: "claimed", claimId, secret, digits, expiresAt };
}

/** A phone that lost the answer can be given the same secret again: it is made from what only that phone and this claim have. */
function secretOf(deps: Pick<Ports, "random" | "digest">, claimId: string, { code, idempotencyKey }: Accepting): string {
  if (idempotencyKey === undefined) return deps.random.token(32);
  return deps.digest.sha256(JSON.stringify(["claim", claimId, code, idempotencyKey]));
}
