/** Host names that browsers subscribe at; `*.` stands for any name below. */
const KNOWN = [
  "fcm.googleapis.com",
  // Chromium that was built without Google's keys, as some Linux distributions and automated browsers are.
  "jmt17.google.com",
  // Subscriptions of old browsers.
  "android.googleapis.com",
  "*.push.services.mozilla.com",
  "web.push.apple.com",
  "*.push.apple.com",
  "*.notify.windows.com",
] as const;

export interface PushService {
  readonly url: URL;
  /** Named whole in the settings of this server: it may be in their own network. */
  readonly own: boolean;
}

/**
 * The push service of an endpoint, where it is one that may be asked: a phone's browser says the address, and this server must not
 * be made to call any other. `more`: host names, or whole origins.
 */
export function pushServiceOf(endpoint: string, more: readonly string[]): PushService | undefined {
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch {
    return undefined;
  }
  if (url.username !== "" || url.password !== "" || url.hash !== "") return undefined;
  if (more.includes(url.origin)) return { url, own: true };
  if (url.protocol !== "https:" || url.port !== "") return undefined;
  const isKnown = [...KNOWN, ...more].some((name) =>
    name.startsWith("*.") ? url.hostname.endsWith(name.slice(1)) : url.hostname === name.toLowerCase(),
  );
  return isKnown ? { url, own: false } : undefined;
}
