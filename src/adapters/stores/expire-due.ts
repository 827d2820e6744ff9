import type { Instant, PairingStore } from "../../core/index.ts";
import { endClaims, expireSessions, type Submit } from "../../core/store/index.ts";

/** Sessions that expire in one step, so that a sweep over very many holds up nobody else. */
const EXPIRED_AT_ONCE = 256;

/** The code hashes of sessions whose time has come at `at`, the oldest first. */
export interface DueSessions {
  /** Pending ones that expire. */
  pending(at: Instant): Promise<readonly string[]>;
  /** Those whose last claim ends. */
  claimed(at: Instant): Promise<readonly string[]>;
}

/** The port's `expireDue`, a few sessions at a time. */
export function expireDueOf(due: DueSessions, submit: Submit): PairingStore["expireDue"] {
  return async (at, only) => {
    let expired = 0;
    for (const codeHashes of inSteps(only === undefined ? await due.pending(at) : [only]))
      expired += await submit(expireSessions, { codeHashes, at });
    for (const codeHashes of inSteps(only === undefined ? await due.claimed(at) : [])) await submit(endClaims, { codeHashes, at });
    return expired;
  };
}

function* inSteps(codeHashes: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < codeHashes.length; start += EXPIRED_AT_ONCE) yield codeHashes.slice(start, start + EXPIRED_AT_ONCE);
}
