import { readStored, store } from "../storage.ts";
import type { InboxState } from "./inbox-state.ts";

const NAME = "topdog_inbox";
const CACHES = "topdog-inbox-";

/**
 * The inbox of the last visit; nothing if its pairing has ended by this phone's clock. That clock may be wrong, so nothing is deleted
 * because of it: the computer decides.
 */
export function readSavedInbox(): InboxState | undefined {
  const text = readStored("localStorage", NAME);
  if (text === null) return undefined;
  try {
    const inbox = JSON.parse(text) as InboxState;
    if (Array.isArray(inbox.items) && Array.isArray(inbox.seen) && !Number.isNaN(Date.parse(inbox.device.expires_at)))
      return Date.parse(inbox.device.expires_at) > Date.now() ? inbox : undefined;
    store("localStorage", NAME, undefined);
  } catch {
    // Not JSON: the computer sends everything again.
  }
  return undefined;
}

/** Without room for it the inbox saved before remains: older, but complete. */
export function saveInbox(inbox: InboxState): void {
  store("localStorage", NAME, JSON.stringify(inbox));
}

/** After this nothing of the inbox is left on the phone. */
export async function forgetInbox(): Promise<void> {
  store("localStorage", NAME, undefined);
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
export function savePage(): void {
  if (isSaved || !("serviceWorker" in navigator)) return;
  isSaved = true;
  const rules = { createScriptURL: () => "/inbox/worker.js" };
  const policy = (window as TrustedTypesWindow).trustedTypes?.createPolicy("topdog-worker", rules) ?? rules;
  navigator.serviceWorker.register(policy.createScriptURL("") as string, { scope: "/inbox" }).catch(() => undefined);
}
