import type { Caller } from "../audit.ts";
import { PairingError } from "../errors.ts";
import { deviceToken, type Paired, paired } from "../pairing/accept-invite.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { type Instant, MINUTE, SECOND } from "../time.ts";
import type { Device } from "./device.ts";

/** Signs in an iPhone's Home Screen app as the same device. It shares no storage with the browser. */
export interface OpenedHandoff {
  /** Eight letters and digits that cannot be confused with one another. */
  readonly code: string;
  /** The inbox's address with the code after `#`, which browsers never send to a server. */
  readonly url: string;
  readonly expiresAt: Instant;
}

export interface RedeemHandoff {
  /** As a person typed it. */
  readonly code: string;
  /** The key under which wrong tries are counted. */
  readonly address: string;
  readonly idempotencyKey?: string;
}

type Deps = Pick<Ports, "clock" | "random" | "digest" | "store" | "tokens">;

const LIFETIME_MS = 10 * MINUTE;
const MAX_WRONG_PER_ADDRESS = 5;
const MAX_WRONG_PER_SERVER = 50;
/** Crockford's: without I, L, O and U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export function createHandoffs(deps: Deps, { baseUrl }: Pick<PairingSettings, "baseUrl">) {
  const tries = createTries(deps.clock.now);
  return {
    async open({ userId, deviceId, jti, sessionId }: Device, caller: Caller): Promise<OpenedHandoff> {
      const now = deps.clock.now();
      // base64url has twice as many characters as the alphabet, so each one of the code is equally likely.
      const code = Array.from(deps.random.token(6), (sign) => ALPHABET[BASE64URL.indexOf(sign) % ALPHABET.length]).join("");
      const expiresAt = now + LIFETIME_MS;
      const codeHash = deps.digest.sha256(code);
      const audit = [{ event: "handoff_started", user_id: userId, device_id: deviceId, session_id: sessionId, ...caller }] as const;
      if (!(await deps.store.keepHandoff({ userId, deviceId, jti, codeHash, expiresAt, at: now, audit })))
        throw new PairingError("token_revoked");
      return { code, url: `${baseUrl().replace(/\/$/, "")}/inbox#handoff=${code}`, expiresAt };
    },

    /** Answers like an accepted invite, with the phone's present token id. */
    async redeem({ code, address, idempotencyKey }: RedeemHandoff, caller: Caller): Promise<Paired> {
      const wrong = tries.begin(address);
      const now = deps.clock.now();
      const device = await deps.store
        .takeHandoff({
          codeHash: deps.digest.sha256(readCode(code)),
          ...(idempotencyKey === undefined ? {} : { keyHash: deps.digest.sha256(idempotencyKey) }),
          at: now,
          audit: [{ event: "handoff_accepted", ...caller }],
        })
        .catch((cause: unknown) => {
          wrong.takeBack();
          throw cause;
        });
      if (!device || now >= device.expiresAt) {
        await deps.store.appendAudit(now, { event: "handoff_refused", ...caller });
        throw new PairingError("handoff_not_found");
      }
      wrong.takeBack();
      if (device.status === "suspended") throw new PairingError("device_suspended");
      return paired(device, await deviceToken(deps, device));
    },
  };
}

/** Upper case, without blanks and hyphens, and with look-alike letters replaced by digits. */
function readCode(typed: string): string {
  return typed.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
}

/** Counts a try before it is checked, so that parallel tries cannot exceed the limit. A correct one is uncounted. */
function createTries(clock: () => Instant): { begin(address: string): { takeBack(): void } } {
  let endsAt = 0;
  let total = 0;
  const byAddress = new Map<string, number>();
  return {
    begin(address) {
      const now = clock();
      // A clock set back must not lengthen the wait.
      if (now >= endsAt || now < endsAt - LIFETIME_MS) {
        endsAt = now + LIFETIME_MS;
        total = 0;
        byAddress.clear();
      }
      const before = byAddress.get(address) ?? 0;
      if (before >= MAX_WRONG_PER_ADDRESS || total >= MAX_WRONG_PER_SERVER) {
        throw new PairingError("rate_limited", {
          params: { reason: "wrong_codes" },
          retryAfter: Math.max(1, Math.ceil((endsAt - now) / SECOND)),
        });
      }
      total += 1;
      byAddress.set(address, before + 1);
      const window = endsAt;
      return {
        takeBack() {
          if (window !== endsAt) return;
          total -= 1;
          byAddress.set(address, (byAddress.get(address) ?? 1) - 1);
        },
      };
    },
  };
}
