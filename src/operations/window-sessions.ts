import { hash, randomBytes, randomUUID } from "node:crypto";
import type { Caller, Instant, StoredWindow, WindowStore } from "../core/index.ts";

/** A settings page in a browser, opened with the server's link. */
export interface WindowSession extends Omit<StoredWindow, "keyDigest"> {
  /** The page that asks. */
  readonly current: boolean;
}

/** The settings pages that act for the person at this computer. Where servers share a database, a page that one opened is open at all. */
export interface WindowSessions {
  /** The secret of the link that opens a page. Good for this server's run, for any number of pages. */
  readonly openSecret: string;
  /** A key for a page that has the secret. */
  readonly open: (caller: Caller) => Promise<{ readonly key: string; readonly expiresAt: Instant }>;
  /** Whether a page has this key; counts as a use of it. Rejects with `storage_unavailable` while that cannot be known. */
  readonly isOpen: (key: string) => Promise<boolean>;
  /** The latest used first. `key`: of the page that asks. */
  readonly list: (key: string | undefined) => Promise<readonly WindowSession[]>;
  /** Whether there was one. */
  readonly end: (id: string) => Promise<boolean>;
}

/** A page that nobody uses for this long has to be opened anew. */
const IDLE_MS = 24 * 60 * 60_000;
/** The page that was unused for the longest time makes room. */
const MAX_OPEN = 100;

export function createWindowSessions(now: () => Instant, store: WindowStore): WindowSessions {
  const usedSince = (): Instant => now() - IDLE_MS;
  return {
    openSecret: randomBytes(32).toString("base64url"),
    async open(caller) {
      const key = randomBytes(32).toString("base64url");
      const at = now();
      const window = { keyDigest: digestOf(key), id: randomUUID(), openedAt: at, lastUsed: at, caller };
      await store.add(window, { usedSince: usedSince(), most: MAX_OPEN });
      return { key, expiresAt: at + IDLE_MS };
    },
    isOpen: async (key) => store.use(digestOf(key), now(), usedSince()),
    async list(key) {
      const current = key === undefined ? undefined : digestOf(key);
      return (await store.list(usedSince())).map(({ keyDigest, ...window }) => ({ ...window, current: keyDigest === current }));
    },
    end: store.end,
  };
}

function digestOf(text: string): string {
  return hash("sha256", text, "base64url");
}
