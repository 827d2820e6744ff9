import { present } from "../../base/present.ts";
import { type Claim, openClaims, type PairingSession, statusOf } from "../pairing/session.ts";
import type { Accepted, CloseClaims, ConfirmClaim, OpenClaim, OpenedClaim } from "../ports.ts";
import type { Instant } from "../time.ts";
import { endedClaims, withoutClaims } from "./ended-claims.ts";
import { commitAccepted } from "./invites.ts";
import type { Decision } from "./rows.ts";

/** How many different digits there are: 00 to 99. */
const ALL_DIGITS = 100;
/** Has no divisor in common with 100, so that every number comes once; digits that are typed wrong are rarely another phone's. */
const STEP = 37;

export const openClaim: Decision<OpenClaim, OpenedClaim> = {
  rows: ({ codeHash, at }) => ({ sessions: [codeHash], claimDigits: at() }),
  decide(draft, { codeHash, claim, digits, most, at: clock, audit }) {
    const found = draft.session(codeHash);
    const at = clock();
    if (!found || statusOf(found, at) !== "pending") return { kind: "refused", session: found };
    const open = openClaims(found, at);
    const known = open.find(({ receipt }) => receipt && receipt.keyHash === claim.receipt?.keyHash);
    if (known) return { kind: "known", claim: known };
    const free = freeDigits(digits, draft.claimDigits(at));
    if (open.length >= most || free === undefined)
      return { kind: "too-many", retryAt: Math.min(...open.map(({ expiresAt }) => expiresAt), claim.expiresAt) };
    const opened: Claim = { ...claim, digits: free };
    const ended = endedClaims(found, at, "expired", open);
    draft.commit({ at, audit: [...ended, ...audit], sessions: [{ ...found, claims: [...open, opened] }] });
    return { kind: "opened", claim: opened };
  },
};

function freeDigits(first: string, taken: ReadonlySet<string>): string | undefined {
  for (let tried = 0; tried < ALL_DIGITS; tried++) {
    const digits = String((Number(first) + tried * STEP) % ALL_DIGITS).padStart(2, "0");
    if (!taken.has(digits)) return digits;
  }
  return undefined;
}

export const confirmClaim: Decision<ConfirmClaim, Accepted> = {
  rows: ({ codeHash, device }) => ({ sessions: [codeHash], devices: [device] }),
  decide(draft, { codeHash, claimId, device, at: clock, audit }) {
    const found = draft.session(codeHash);
    const at = clock();
    const claim = found && openClaims(found, at).find((open) => open.claimId === claimId);
    if (!claim) return { kind: "refused", session: found };
    // The phone's request is answered from now on with its token, for as long as any that was accepted.
    const receipt = claim.receipt && { ...claim.receipt, acceptedAt: at };
    return commitAccepted(
      draft,
      { ...found, claims: [claim], ...present({ receipt }) },
      {
        device,
        at,
        audit: [...audit, ...endedClaims(found, at, "other_phone", [claim])],
      },
    );
  },
};

/** Forgets the phones whose time is over. What was known of them is not kept. */
export const endClaims: Decision<{ readonly codeHashes: readonly string[]; readonly at: Instant }, void> = {
  rows: ({ codeHashes }) => ({ sessions: codeHashes }),
  decide(draft, { codeHashes, at }) {
    for (const codeHash of codeHashes) {
      const found = draft.session(codeHash);
      const { claims = [] } = found ?? {};
      if (!found || found.status === "accepted" || claims.length === 0 || openClaims(found, at).length > 0) continue;
      draft.commit({ at, audit: endedClaims(found, at, "expired"), sessions: [withoutClaims(found)] });
    }
  },
};

export const closeClaims: Decision<CloseClaims, PairingSession | undefined> = {
  rows: ({ codeHash }) => ({ sessions: [codeHash] }),
  decide(draft, { codeHash, most, at: clock, audit }) {
    const found = draft.session(codeHash);
    const at = clock();
    const open = found ? openClaims(found, at) : [];
    if (!found || open.length === 0) return undefined;
    const wrongDigits = (found.wrongDigits ?? 0) + 1;
    const session: PairingSession = {
      ...withoutClaims(found),
      wrongDigits,
      ...(wrongDigits >= most ? { status: "cancelled", cancelReason: "wrong_digits" } : {}),
    };
    const closed = open.flatMap(({ phone }) => audit.map((line) => ({ ...line, device_id: phone.deviceId })));
    const ended = endedClaims(found, at, "expired", open);
    draft.commit({ at, audit: [...ended, ...closed], sessions: [session] });
    return session;
  },
};
