import type { StoredWindow, WindowStore } from "../../core/index.ts";

/** Windows that end with the process. */
export function createMemoryWindows(): WindowStore {
  /** By the digest of the key, in the order of their last use. */
  const windows = new Map<string, StoredWindow>();
  return {
    async add(window, { usedSince, most }) {
      windows.set(window.keyDigest, window);
      for (const [digest, { lastUsed }] of windows) {
        if (lastUsed > usedSince && windows.size <= most) return;
        windows.delete(digest);
      }
    },
    async use(keyDigest, at, usedSince) {
      const window = windows.get(keyDigest);
      if (!window || window.lastUsed <= usedSince) return false;
      windows.delete(keyDigest);
      windows.set(keyDigest, { ...window, lastUsed: at });
      return true;
    },
    list: async (usedSince) => [...windows.values()].filter(({ lastUsed }) => lastUsed > usedSince).reverse(),
    async end(id) {
      for (const [digest, window] of windows) if (window.id === id) return windows.delete(digest);
      return false;
    },
  };
}
