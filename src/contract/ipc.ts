import type { PageOperation } from "./pairing-api.ts";

/** One channel per question of the page. */
export function channelOf(operation: PageOperation): `topdog:${PageOperation}` {
  return `topdog:${operation}`;
}

/** Main → page: something changed, read again. */
export const NEWS_CHANNEL = "topdog:news";
/** Page → main: the page listens now; what was told before is sent. */
export const READY_CHANNEL = "topdog:ready";
/** Main → page: open this place (menu entry, deep link). */
export const OPEN_CHANNEL = "topdog:open";
