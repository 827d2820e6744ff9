import { language } from "../words/phone.ts";

/**
 * Times are in the language of the page: Arabic digits inside an English sentence change its order. Of the phone's own language the
 * clock stays, with 12 or 24 hours.
 */
function locale(): string {
  return navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
}

function clock(): Intl.DateTimeFormatOptions {
  const { hourCycle } = new Intl.DateTimeFormat([], { hour: "numeric" }).resolvedOptions();
  return hourCycle === undefined ? {} : { hourCycle };
}

/** `2:05 PM` or `14:05`. */
export function timeOfDay(at: Date): string {
  return new Intl.DateTimeFormat(locale(), { hour: "numeric", minute: "2-digit", ...clock() }).format(at);
}

/** `Tue, Nov 24`. */
export function dayOfWeek(at: Date): string {
  return new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "short" }).format(at);
}

/** `Nov 24, 2026, 14:05`. */
export function dayAndTime(at: Date): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short", ...clock() }).format(at);
}

/** `1:05`. */
export function minutesAndSeconds(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
