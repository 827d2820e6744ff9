/**
 * The pages are written in English, and so are their times: Arabic digits inside an English sentence change its order. Of the phone's
 * own language the clock stays, with 12 or 24 hours.
 */
function language(): string {
  return navigator.languages.find((tag) => /^en(?:-|$)/i.test(tag)) ?? "en";
}

function clock(): Intl.DateTimeFormatOptions {
  const { hourCycle } = new Intl.DateTimeFormat([], { hour: "numeric" }).resolvedOptions();
  return hourCycle === undefined ? {} : { hourCycle };
}

/** `2:05 PM` or `14:05`. */
export function timeOfDay(at: Date): string {
  return new Intl.DateTimeFormat(language(), { hour: "numeric", minute: "2-digit", ...clock() }).format(at);
}

/** `Tue, Nov 24`. */
export function dayOfWeek(at: Date): string {
  return new Intl.DateTimeFormat(language(), { weekday: "short", day: "numeric", month: "short" }).format(at);
}

/** `Nov 24, 2026, 14:05`. */
export function dayAndTime(at: Date): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short", ...clock() }).format(at);
}
