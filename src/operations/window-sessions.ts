import { hash, randomBytes, randomUUID } from "node:crypto";
import type { Caller, Instant } from "../core/index.ts";

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
  /** A key for a page that has the secret. */
  readonly open: (caller: Caller) => { readonly key: string; readonly expiresAt: Instant };
  /** Whether a page has this key; counts as a use of it. */
  readonly isOpen: (key: string) => boolean;
  /** The page that has this key. */
  readonly idOf: (key: string) => string | undefined;
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
  /** By the digest of the key, in the order of their last use. */
  const sessions = new Map<string, WindowSession>();

  const endIdle = (): void => {
    for (const [digest, { lastUsed }] of sessions) {
      if (now() - lastUsed < IDLE_MS && sessions.size <= MAX_OPEN) return;
      sessions.delete(digest);
    }
  };

  return {
    openSecret: randomBytes(32).toString("base64url"),
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
    idOf: (key) => sessions.get(digestOf(key))?.id,
    list: () => [...sessions.values()].reverse(),
    end(id) {
      for (const [digest, session] of sessions) if (session.id === id) return sessions.delete(digest);
      return false;
    },
  };
}

function digestOf(text: string): string {
  return hash("sha256", text, "base64url");
}
