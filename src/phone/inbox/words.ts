import { dayOfWeek, timeOfDay } from "../times.ts";
import type { Connection } from "./follow-inbox.ts";
import type { NotificationMessage, ResultMessage, Settled } from "./kept-inbox.ts";

type BuildStatus = NotificationMessage["payload"]["status"];
type Priority = NotificationMessage["payload"]["priority"];

/** A sign and a word, so that colour says nothing alone. The sign is never read aloud. */
export const BUILD: Readonly<Record<BuildStatus, { readonly sign: string; readonly word: string }>> = {
  initiated: { sign: "▸", word: "Build started" },
  in_progress: { sign: "…", word: "Build running" },
  success: { sign: "✓", word: "Build succeeded" },
  failure: { sign: "✕", word: "Build failed" },
  approval_pending: { sign: "?", word: "Build waits for approval" },
  cancelled: { sign: "–", word: "Build cancelled" },
};

export const PRIORITY: Readonly<Record<Priority, string>> = {
  low: "Low priority",
  normal: "",
  high: "High priority",
  critical: "Critical",
};

export const OWN_NAME = {
  label: "Name of this phone",
  save: "Save the name",
  saving: "Saving…",
  again: "Trying again…",
  saved: "Saved. Top Dog shows this name from now on.",
  empty: "Give the phone a name of 1 to 40 characters.",
} as const;

export const NOTIFICATIONS = {
  heading: "Notifications",
  asking: "Asking…",
  unknown: "Whether this phone gets notifications is not known now.",
  again: "Ask again",
  on: "On. This phone is woken when an approval waits and for important news. They name the project, and nothing else.",
  off: "Off. News and approvals wait here until you open the inbox.",
  allow: "Allow notifications",
  allowing: "Waiting for you to allow them…",
  test: "Send a test notification",
  testing: "Sending…",
  switchOff: "Switch off",
  switchingOff: "Switching off…",
  denied:
    "Blocked: notifications from this page were refused. Allow them for this page, or for the Top Dog app, in the phone’s settings, then come back.",
  notAnswered: "You were asked and did not answer. Tap again when you want them.",
  homeScreenFirst:
    "On an iPhone or iPad only apps on the Home Screen get notifications. Add Top Dog to the Home Screen first, and allow them there.",
  noBrowser: "This browser cannot show notifications. Open the inbox in another, or at its https address.",
  failed: "The browser did not let itself be woken. Check that notifications are allowed on this phone, then try again.",
} as const;

/** How the inbox comes onto an iPhone's Home Screen. */
export const HOME_SCREEN = {
  heading: "On your Home Screen",
  why: "An iPhone or iPad shows notifications only from an app on the Home Screen. It is signed in as this phone.",
  tapShare: "Tap ",
  share: "the Share button",
  thenAdd: " Share in Safari, then “Add to Home Screen”.",
  openApp: "Open Top Dog from the Home Screen, and allow notifications there.",
  openSafari: (address: string): string => `This works in Safari. Open ${address} there.`,
  typeCode: "Type the code below. Safari is then signed in as this phone, and shows the next steps.",
  asking: "Getting a code…",
  ifAsked: "If the app asks for a code, type ",
  typeThere: "Code: ",
  until: (time: string): string => `. It works once, until ${time}.`,
  again: "Get a code",
  add: "Add to Home Screen",
} as const;

/** What is opened by an address that leads nowhere in the inbox. */
export const NOT_HERE = {
  approvalHeading: "This approval is not here",
  approval:
    "It may have been answered or have expired more than a week ago, or it was sent to another phone. What waits for you is in the inbox.",
  heading: "There is nothing at this address",
  page: "The link may be incomplete. Your messages are in the inbox.",
  looking: "Looking for it…",
  open: "Open the inbox",
} as const;

/** What a notification says beside the project's name. */
export const WAKING = {
  title: "Top Dog",
  approval: "An approval waits for you",
  approvals: (count: number) => `${count} approvals wait for you`,
  test: "This is a test. Notifications work.",
  unknown: "There is something new in your inbox",
} as const;

export const COMMAND: Readonly<Record<ResultMessage["payload"]["status"], { readonly sign: string; readonly word: string }>> = {
  done: { sign: "✓", word: "Command done" },
  failed: { sign: "✕", word: "Command failed" },
};

export const APPROVAL: Readonly<Record<Settled["status"], { readonly sign: string; readonly word: string }>> = {
  pending: { sign: "?", word: "Waiting for you" },
  approved: { sign: "✓", word: "Approved" },
  rejected: { sign: "✕", word: "Rejected" },
  expired: { sign: "–", word: "Expired: nobody answered in time" },
  cancelled: { sign: "–", word: "Cancelled in Top Dog" },
};

/** Who settled it and when, as a sentence. */
export function settledBy({ status, decided_by, decided_by_name, decided_at }: Settled, thisPhone: string, now: number): string {
  const { word } = APPROVAL[status];
  if (decided_by === undefined) return `${word}.`;
  const who =
    decided_by === "desk" && decided_by_name === undefined
      ? "at the desk"
      : decided_by === thisPhone
        ? "on this phone"
        : `on ${decided_by_name ?? "another phone"}`;
  return `${word} ${who}${decided_at === undefined ? "" : `, ${momentOf(decided_at, now)}`}.`;
}

/** A moment in this phone's place: the hour alone where it is today. */
export function momentOf(time: string | number, now: number): string {
  const [then, today] = [new Date(time), new Date(now)];
  const hour = timeOfDay(then);
  if (then.toDateString() === today.toDateString()) return hour;
  return `${dayOfWeek(then)}, ${hour}`;
}

export function timeLeft(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  if (days >= 2) return `${days} days left`;
  if (hours >= 1) return `${hours} h ${minutes % 60} min left`;
  return `${minutes}:${String(seconds % 60).padStart(2, "0")} left`;
}

/** `heardAt`: when the computer was last heard from; none yet: `undefined`. */
export function connectionWords(connection: Connection, lastContactAt: number | undefined, now: number): string {
  const asOf = lastContactAt === undefined ? "" : ` As of ${momentOf(lastContactAt, now)}.`;
  switch (connection.kind) {
    case "connecting":
      return `Connecting…${asOf}`;
    case "connected":
      return `Connected.${lastContactAt === undefined ? "" : ` Last heard ${momentOf(lastContactAt, now)}.`}`;
    case "reconnecting":
      return `Top Dog does not answer since ${momentOf(connection.since, Date.now())}. Trying again.${asOf}`;
    case "offline":
      return `This phone is offline since ${momentOf(connection.since, Date.now())}.${asOf}`;
    default:
      return connection satisfies never;
  }
}

/** A difference that people would notice, else nothing. */
export function clockWords(aheadBy: number): string {
  const minutes = Math.round(Math.abs(aheadBy) / 60_000);
  if (minutes === 0) return "";
  const size = minutes < 120 ? `${minutes} ${minutes === 1 ? "minute" : "minutes"}` : `${Math.round(minutes / 60)} hours`;
  return `This phone’s clock is ${size} ${aheadBy > 0 ? "ahead of" : "behind"} the computer’s. Times here follow the computer.`;
}

export interface ResultWords {
  readonly heading: string;
  readonly meaning: string;
  readonly next: string;
  /** What can be done right here. */
  readonly offer: "pair" | "again" | "nothing";
}

const PAIR_AGAIN = "To use this phone again, send a new pairing link from Top Dog on your computer.";

/** Why this phone is not let in, by the refusal's code. */
export const RESULTS: Readonly<Record<string, ResultWords>> = {
  token_missing: {
    heading: "This phone is not paired",
    meaning: "Nothing is shown here until it is.",
    next: "Send a pairing link from Top Dog on your computer. Or, where this phone’s browser is paired already, open its inbox there, then This phone, then Add to Home Screen, and type its code here.",
    offer: "pair",
  },
  token_revoked: {
    heading: "This phone was unpaired",
    meaning: "Its access was taken back in Top Dog, or it was paired anew. What was shown here has been deleted.",
    next: PAIR_AGAIN,
    offer: "pair",
  },
  token_expired: {
    heading: "This phone’s pairing has ended",
    meaning: "A pairing lasts for a limited time. What was shown here has been deleted.",
    next: PAIR_AGAIN,
    offer: "pair",
  },
  /** `token_expired`, where this phone's own clock says otherwise. */
  clocks_disagree: {
    heading: "The clocks disagree",
    meaning:
      "By the computer’s clock this phone’s pairing has ended, by this phone’s it has not. What was shown here is kept until that is clear.",
    next: "Check the date on your computer and on this phone, then try again.",
    offer: "again",
  },
  token_invalid: {
    heading: "This phone is not known any more",
    meaning: "Top Dog does not know its pairing. What was shown here has been deleted.",
    next: PAIR_AGAIN,
    offer: "pair",
  },
  device_suspended: {
    heading: "This phone is suspended",
    meaning: "Somebody paused its access in Top Dog. What was shown here has been deleted.",
    next: "Once it is reactivated in Top Dog on your computer, try again.",
    offer: "again",
  },
  cross_site: {
    heading: "This browser cannot show the inbox here",
    meaning: "It does not say which page asks, so Top Dog does not answer. Old browsers do that, and addresses without https.",
    next: "Update the browser, or open the inbox at its https address.",
    offer: "again",
  },
  unpaired: {
    heading: "This phone is unpaired",
    meaning: "It gets nothing from Top Dog any more, and what was shown here has been deleted.",
    next: PAIR_AGAIN,
    offer: "nothing",
  },
};
