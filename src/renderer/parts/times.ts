import { locale } from "../words/words.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `14:32`, in the reader's time zone. */
export function timeOfDay(at: number): string {
  return new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

/** "10:27 PM", as the reader's own customs have it. */
export function clockTime(at: number): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: "short" }).format(at);
}

/** `14:32:07`, for what is over within a minute. */
export function timeWithSeconds(at: number): string {
  return new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(at);
}

/** `2026-11` → "November". */
export function monthOf(month: string): string {
  return new Intl.DateTimeFormat(locale(), { month: "long", timeZone: "UTC" }).format(Date.parse(`${month}-01T00:00:00Z`));
}

export function day(at: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium" }).format(at);
}

/** "Today", "Yesterday", or the date. */
export function dayName(at: number, now = Date.now()): string {
  const midnight = (time: number): number => new Date(time).setHours(0, 0, 0, 0);
  // A day of 23 or 25 hours is one day as well.
  const days = Math.round((midnight(at) - midnight(now)) / DAY);
  if (days < -1 || days > 0) return new Intl.DateTimeFormat(locale(), { dateStyle: "full" }).format(at);
  const name = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(days, "day");
  return name.charAt(0).toLocaleUpperCase(locale()) + name.slice(1);
}

export function dayAndTime(at: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" }).format(at);
}

/** `4:07` until the end; never below zero. */
export function minutesAndSeconds(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / SECOND));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** `0:27` or `1:02:03` until something may be done: what is begun of a second counts, so it is never zero while one waits. */
export function waitOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / SECOND));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** "5 minutes ago"; under a minute there is nothing to say. */
export function ago(at: number, now: number): string | undefined {
  const past = now - at;
  if (past < MINUTE) return undefined;
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  if (past < HOUR) return words.format(-Math.floor(past / MINUTE), "minute");
  if (past < DAY) return words.format(-Math.floor(past / HOUR), "hour");
  if (past < 30 * DAY) return words.format(-Math.floor(past / DAY), "day");
  if (past < 365 * DAY) return words.format(-Math.floor(past / (30 * DAY)), "month");
  return words.format(-Math.floor(past / (365 * DAY)), "year");
}
