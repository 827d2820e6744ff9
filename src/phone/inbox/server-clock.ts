/*
 * The computer's time. The phone's own clock may be wrong, so only what passes on it counts, by the larger of its two clocks: one may
 * stop while the phone sleeps, the other jumps when it is set.
 */
let latest: { readonly server: number; readonly wall: number; readonly steady: number } | undefined;

/** Takes the `Date` of an answer that has just come. */
export function noteServerTime(date: string | null): void {
  const server = Date.parse(date ?? "");
  if (!Number.isNaN(server)) latest = { server, wall: Date.now(), steady: performance.now() };
}

export function serverNow(): number {
  if (!latest) return Date.now();
  return latest.server + Math.max(Date.now() - latest.wall, performance.now() - latest.steady);
}

/** Milliseconds by which this phone's clock is ahead. */
export function phoneIsAhead(): number {
  return latest ? latest.wall - latest.server : 0;
}
