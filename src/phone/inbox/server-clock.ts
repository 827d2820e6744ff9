/*
 * What time it is at the computer. The phone's own clock may be wrong, so only its pace is used, and of that the larger: one of the
 * two stands still while a phone sleeps, the other one jumps when somebody sets it.
 */
let heard: { readonly server: number; readonly wall: number; readonly steady: number } | undefined;

/** Takes the `Date` of an answer that has just come. */
export function noteServerTime(date: string | null): void {
  const server = Date.parse(date ?? "");
  if (!Number.isNaN(server)) heard = { server, wall: Date.now(), steady: performance.now() };
}

export function serverNow(): number {
  if (!heard) return Date.now();
  return heard.server + Math.max(Date.now() - heard.wall, performance.now() - heard.steady);
}

/** Milliseconds by which this phone's clock is ahead. */
export function phoneIsAhead(): number {
  return heard ? heard.wall - heard.server : 0;
}
