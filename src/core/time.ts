/** A moment: milliseconds since 1970-01-01 UTC. A number, so that a hundred thousand records stay small and compare fast. */
export type Instant = number;

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;

/** ISO 8601 in UTC, whole seconds, with `Z`: the only form in which a time leaves the product. */
export function isoSeconds(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
