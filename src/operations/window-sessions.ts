import { createHash, randomBytes, randomUUID } from "node:crypto";
import { type Caller, createGuessLimits, type Instant, PairingError } from "../core/index.ts";

/** A settings page in a browser, opened with the server's link. */
export interface WindowSession {
  readonly id: string;
  readonly openedAt: Instant;
  readonly lastUsed: Instant;
  readonly caller: Caller;
}

/** The settings pages that act for the person at this computer. In memory: they end with the server. */
export interface WindowSessions {
  /** The secret of the link that opens a page. Good for this run, for any number of pages. */
  readonly openSecret: string;
  /** Throws `window_required` for a wrong secret, and `rate_limited` after five of them. */
  readonly check: (secret: string, addressKey: string) => void;
  /** A key for a page that has the secret. */
  readonly open: (caller: Caller) => { readonly key: string; readonly expiresAt: Instant };
  /** Whether a page has this key; counts as a use of it. */
  readonly isOpen: (key: string) => boolean;
  /** The latest used first. */
  readonly list: () => readonly WindowSession[];
  /** Whether there was one. */
  readonly end: (id: string) => boolean;
}

/** A page that nobody uses for this long has to be opened anew. */
const IDLE_MS = 24 * 60 * 60_000;
/** The page that was unused for the longest time makes room. */
const MAX_OPEN = 100;

export function createWindowSessions(now: () => Instant): WindowSessions {
  const openSecret = randomBytes(32).toString("base64url");
  const secretDigest = digestOf(openSecret);
  const guesses = createGuessLimits();
  /** By the digest of the key, in the order of their last use. */
  const sessions = new Map<string, WindowSession>();

  const endIdle = (): void => {
    for (const [digest, { lastUsed }] of sessions) {
      if (now() - lastUsed < IDLE_MS && sessions.size <= MAX_OPEN) return;
      sessions.delete(digest);
    }
  };

  return {
    openSecret,
    check(secret, addressKey) {
      // Digests, so that the duration of the comparison says nothing about the secret.
      if (digestOf(secret) === secretDigest) return;
      const retryAfter = guesses.wait(addressKey, now());
      if (retryAfter !== undefined)
        throw new PairingError("rate_limited", { params: { reason: "wrong_keys", seconds: retryAfter }, retryAfter });
      guesses.noteWrong(addressKey, now());
      throw new PairingError("window_required", { params: { reason: "former_link" } });
    },
    open(caller) {
      const key = randomBytes(32).toString("base64url");
      const at = now();
      sessions.set(digestOf(key), { id: randomUUID(), openedAt: at, lastUsed: at, caller });
      endIdle();
      return { key, expiresAt: at + IDLE_MS };
    },
    isOpen(key) {
      endIdle();
      const digest = digestOf(key);
      const session = sessions.get(digest);
      if (!session) return false;
      sessions.delete(digest);
      sessions.set(digest, { ...session, lastUsed: now() });
      return true;
    },
    list: () => [...sessions.values()].reverse(),
    end(id) {
      for (const [digest, session] of sessions) if (session.id === id) return sessions.delete(digest);
      return false;
    },
  };
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
