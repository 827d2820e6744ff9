import type { StorageStatus } from "../../host/inspect-host.ts";
import type { ServerSeen } from "./ask-server.ts";
import { type Finding, ok, warning } from "./check.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A server may have been off for a while, but seldom this long. */
const LONG_DAYS = 30;
const SET_IT = "Check this computer's date, time and time synchronisation. For a day after a jump nothing is deleted because of its age.";

/** The clock against the running server's and against the newest record. */
export function checkClock(seen: ServerSeen, { data }: StorageStatus, now: number): Finding {
  if (seen.kind === "open") {
    const apart = Date.parse(seen.overview.now) - now;
    if (Math.abs(apart) > MINUTE) return warning(`The server's clock is ${inWords(apart)} this computer's.`, SET_IT);
  }
  const here = `${new Date(now).toISOString().slice(0, 19)}Z`;
  if (data.kind !== "whole" || data.newest === undefined) return ok(`${here}. There is no record to compare it with.`);
  const age = now - data.newest;
  if (age < -MINUTE) return warning(`${here}. The newest record is ${inWords(-age)} this clock.`, SET_IT);
  if (age > LONG_DAYS * DAY)
    return warning(`${here}. The newest record is ${Math.floor(age / DAY)} days old: the server was off, or this clock is ahead.`, SET_IT);
  return ok(`${here}. It agrees with the newest record.`);
}

function inWords(apart: number): string {
  const size = Math.abs(apart);
  const [unit, name] = size > 1.5 * DAY ? [DAY, "day"] : size > 1.5 * HOUR ? [HOUR, "hour"] : [MINUTE, "minute"];
  const count = Math.round(size / unit);
  const many = `${count} ${name}${count === 1 ? "" : "s"}`;
  return `${many} ${apart < 0 ? "behind" : "ahead of"}`;
}
