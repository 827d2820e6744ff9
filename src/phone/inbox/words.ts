import * as words from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { dayOfWeek, timeOfDay } from "../times.ts";
import type { Connection } from "./follow-inbox.ts";
import type { IconName } from "./icon.ts";
import type { NotificationMessage, ResultMessage, Settled } from "./inbox-state.ts";

/** Beside the word for a status, so that colour says nothing alone. */
export const BUILD_SIGNS: Readonly<Record<NotificationMessage["payload"]["status"], IconName>> = {
  initiated: "play",
  in_progress: "clock",
  success: "check",
  failure: "cross",
  approval_pending: "help",
  cancelled: "dash",
};
export const ALERT_SIGN: IconName = "alert";
export const COMMAND_SIGNS: Readonly<Record<ResultMessage["payload"]["status"], IconName>> = { done: "check", failed: "cross" };
export const APPROVAL_SIGNS: Readonly<Record<Settled["status"], IconName>> = {
  pending: "help",
  approved: "check",
  rejected: "cross",
  expired: "clock",
  cancelled: "dash",
};

/** What became of an approval, where and when, as a sentence. */
export function settledBy({ status, decided_by, decided_by_name, decided_at }: Settled, thisPhone: string, now: number): string {
  if (status === "expired") return fill(words.outcome.done, { sentence: words.outcome.expired });
  if (decided_by === undefined || status === "pending" || status === "cancelled")
    return fill(words.outcome.done, { sentence: words.approvalStatus[status] });
  const { computer, here, phone } = words.outcome[status];
  const sentence =
    decided_by === "desk" && decided_by_name === undefined
      ? computer
      : decided_by === thisPhone
        ? here
        : fill(phone, { name: decided_by_name ?? words.outcome.anotherPhone });
  return decided_at === undefined
    ? fill(words.outcome.done, { sentence })
    : fill(words.outcome.at, { sentence, time: momentOf(decided_at, now) });
}

/** A moment in this phone's place: the hour alone where it is today. */
export function momentOf(time: string | number, now: number): string {
  const [then, today] = [new Date(time), new Date(now)];
  const hour = timeOfDay(then);
  if (then.toDateString() === today.toDateString()) return hour;
  return fill(words.dayAndTime, { day: dayOfWeek(then), time: hour });
}

export function timeLeft(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  if (days >= 2) return fill(words.left.days, { count: days });
  if (hours >= 1) return fill(words.left.hours, { hours, minutes: minutes % 60 });
  return fill(words.left.time, { time: `${minutes}:${String(seconds % 60).padStart(2, "0")}` });
}

/** `lastContactAt`: when the computer last answered; never yet: `undefined`. */
export function connectionWords(connection: Connection, lastContactAt: number | undefined, now: number): string {
  const { connecting, connectingSaved, connected, connectedAt, reconnecting, reconnectingSaved, offline, offlineSaved } = words.connection;
  const params = {
    since: "since" in connection ? momentOf(connection.since, Date.now()) : "",
    time: lastContactAt === undefined ? "" : momentOf(lastContactAt, now),
  };
  const sentence = (first: string, afterContact: string): string => fill(lastContactAt === undefined ? first : afterContact, params);
  switch (connection.kind) {
    case "connecting":
      return sentence(connecting, connectingSaved);
    case "connected":
      return sentence(connected, connectedAt);
    case "reconnecting":
      return sentence(reconnecting, reconnectingSaved);
    case "offline":
      return sentence(offline, offlineSaved);
    default:
      return connection satisfies never;
  }
}

/** A difference that people would notice, else nothing. */
export function clockWords(aheadBy: number): string {
  const minutes = Math.round(Math.abs(aheadBy) / 60_000);
  if (minutes === 0) return "";
  const { ahead, behind, minutes: inMinutes, hours } = words.clock;
  const size = minutes < 120 ? fill(inMinutes, { count: minutes }) : fill(hours, { count: Math.round(minutes / 60) });
  return fill(aheadBy > 0 ? ahead : behind, { size });
}
