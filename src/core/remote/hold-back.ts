import type { Ports } from "../ports.ts";
import { type Instant, SECOND } from "../time.ts";

/** When phones are not woken. Minutes of a day in the server's time zone. */
export interface PushSettings {
  /** `to` is the first minute after the quiet hours; it may be on the next day. */
  readonly quietHours?: { readonly from: number; readonly to: number } | undefined;
  /** Approvals and critical notifications are sent during quiet hours as well. */
  readonly urgentInQuietHours: boolean;
  readonly notAtKeyboard: boolean;
}

/** A person who used mouse or keyboard since then is at the computer, which shows the same. */
const AT_KEYBOARD = 120 * SECOND;

/** Whether a notification is not pushed. If presence is unknown, the phone is woken. */
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
