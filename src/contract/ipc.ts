import type { PageOperation } from "./pairing-api.ts";
import type { WindowRequest } from "./window-requests.ts";

/** One channel per question of the page. */
export function channelOf(question: PageOperation | WindowRequest): `topdog:${PageOperation | WindowRequest}` {
  return `topdog:${question}`;
}

/** Main → page: something changed, read again. */
export const NEWS_CHANNEL = "topdog:news";
/** Page → main: the page listens now. Main sends what it has queued. */
export const READY_CHANNEL = "topdog:ready";
/** Main → page: open this route (menu entry, deep link). */
export const OPEN_CHANNEL = "topdog:open";
