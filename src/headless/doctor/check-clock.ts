import type { StorageStatus } from "../../host/inspect-host.ts";
import { say } from "../../words/say.ts";
import type { ServerSeen } from "./ask-server.ts";
import { type Finding, ok, warning } from "./check.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A server may have been off for a while, but seldom this long. */
const LONG_DAYS = 30;

/** The clock against the running server's and against the newest record. */
export function checkClock(seen: ServerSeen, { data }: StorageStatus, now: number): Finding {
  if (seen.kind === "open") {
    const apart = Date.parse(seen.overview.now) - now;
    if (Math.abs(apart) > MINUTE) return warning(say("doctor.clockServer", { apart: inWords(apart) }), say("doctor.clockTodo"));
  }
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`;
  if (data.kind !== "whole" || data.newest === undefined) return ok(say("doctor.clockAlone", { now: time }));
  const age = now - data.newest;
  if (age < -MINUTE) return warning(say("doctor.clockRecord", { now: time, apart: inWords(-age) }), say("doctor.clockTodo"));
  if (age > LONG_DAYS * DAY) return warning(say("doctor.clockOld", { now: time, days: Math.floor(age / DAY) }), say("doctor.clockTodo"));
  return ok(say("doctor.clockOk", { now: time }));
}

function inWords(apart: number): string {
  const size = Math.abs(apart);
  const [unit, key] =
    size > 1.5 * DAY
      ? ([DAY, "doctor.days"] as const)
      : size > 1.5 * HOUR
        ? ([HOUR, "doctor.hours"] as const)
        : ([MINUTE, "doctor.minutes"] as const);
  const duration = say(key, { count: Math.round(size / unit) });
  return apart < 0 ? say("doctor.clockBehind", { duration }) : say("doctor.clockAhead", { duration });
}
