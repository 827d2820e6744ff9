import type { Ports } from "../ports.ts";
import { type Instant, SECOND } from "../time.ts";

/** When phones are left in peace. Minutes of a day by the server's own clock and time zone. */
export interface PushSettings {
  /** `to` is the first minute that is not quiet any more; it may be of the next day. */
  readonly quietHours?: { readonly from: number; readonly to: number } | undefined;
  /** Approvals and critical news come all the same in quiet hours. */
  readonly urgentInQuietHours: boolean;
  readonly notAtKeyboard: boolean;
}

/** Whoever touched mouse or keyboard since then is at the desk, which shows the same. */
const AT_KEYBOARD = 120 * SECOND;

/** Whether a notification stays in the inbox alone. Where nobody knows who sits at the keyboard, the phone is woken. */
export function isHeldBack({ clock, presence }: Pick<Ports, "clock" | "presence">, settings: PushSettings, urgent: boolean): boolean {
  const { quietHours, urgentInQuietHours, notAtKeyboard } = settings;
  if (quietHours && !(urgent && urgentInQuietHours) && isWithin(quietHours, minuteOfDay(clock.now()))) return true;
  const idle = notAtKeyboard ? presence.idleFor() : undefined;
  return idle !== undefined && idle < AT_KEYBOARD;
}

function isWithin({ from, to }: { readonly from: number; readonly to: number }, minute: number): boolean {
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

function minuteOfDay(at: Instant): number {
  const time = new Date(at);
  return time.getHours() * 60 + time.getMinutes();
}
