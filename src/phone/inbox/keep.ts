import type { KeptInbox } from "./kept-inbox.ts";

const NAME = "topdog_inbox";
const CACHES = "topdog-inbox-";

/**
 * What was kept; nothing where the browser keeps nothing, or where its pairing has ended by this phone's clock. That clock may be wrong, so
 * nothing is deleted for it: the computer has the last word.
 */
export function recallInbox(): KeptInbox | undefined {
  try {
    const text = localStorage.getItem(NAME);
    if (text === null) return undefined;
    const kept = JSON.parse(text) as KeptInbox;
    if (Array.isArray(kept.items) && Array.isArray(kept.seen) && !Number.isNaN(Date.parse(kept.device.expires_at)))
      return Date.parse(kept.device.expires_at) > Date.now() ? kept : undefined;
    localStorage.removeItem(NAME);
  } catch {
    // Private windows and full disks keep nothing: the computer tells everything again.
  }
  return undefined;
}

/** What does not fit is not kept: what was kept before is older, and whole. */
export function keepInbox(kept: KeptInbox): void {
  try {
    localStorage.setItem(NAME, JSON.stringify(kept));
  } catch {
    // As above.
  }
}

/** After this nothing of the inbox is left on the phone. */
export async function forgetInbox(): Promise<void> {
  try {
    localStorage.removeItem(NAME);
  } catch {
    // Nothing was kept, then.
  }
  await Promise.allSettled([forgetPage(), forgetWorker()]);
}

async function forgetPage(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(CACHES));
  await Promise.all(names.map((name) => caches.delete(name)));
}

async function forgetWorker(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration("/inbox");
  await registration?.unregister();
}

interface TrustedTypesWindow {
  readonly trustedTypes?: {
    createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown };
  };
}

let isSaved = false;

/** Lets the page open without a connection. It works without: private windows and plain http have no workers. */
export function keepPage(): void {
  if (isSaved || !("serviceWorker" in navigator)) return;
  isSaved = true;
  const rules = { createScriptURL: () => "/inbox/worker.js" };
  const policy = (window as TrustedTypesWindow).trustedTypes?.createPolicy("topdog-worker", rules) ?? rules;
  navigator.serviceWorker.register(policy.createScriptURL("") as string, { scope: "/inbox" }).catch(() => undefined);
}
