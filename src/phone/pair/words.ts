/** Every way a visit can end, or fail to begin. Names of refusals are the wire's own (`code`). */
export type ResultName =
  | "paired"
  | "declined"
  | "invite_already_used"
  | "invite_expired"
  | "invite_cancelled"
  | "invite_not_found"
  | "no_link"
  | "rate_limited"
  | "storage_unavailable"
  | "cross_site"
  | "invalid_request"
  | "internal_error";

/** What a page says: one heading, what it means, and the one thing to do next. */
export interface ResultWords {
  readonly title: string;
  readonly heading: string;
  readonly meaning: string;
  readonly next: string;
}

/** What a paired phone may do, in the words that the setup guide uses. */
export const ABILITIES = ["Give voice commands", "Receive build notifications", "Approve builds remotely"] as const;

/** Below what a paired phone may do: whether it is woken by notifications is another question. */
export const NOTIFY = {
  off: "Build notifications are off until you allow them on this phone.",
  allow: "Allow notifications",
  blocked: "Notifications are blocked for this page. Allow them in the phone’s settings, then open your inbox.",
  waiting: "Build notifications wait in your inbox: at this address a phone cannot be woken.",
  apple: "Build notifications are off until Top Dog is on your Home Screen.",
  addIt: "Add to Home Screen",
} as const;

/** For the phone that is paired, on a link that was used. */
export const PAIRED_ALREADY = "This phone is already paired";

export const RESULTS: Readonly<Record<ResultName, ResultWords>> = {
  paired: {
    title: "Phone is paired",
    heading: "Done! Phone is paired",
    meaning: "You can now:",
    next: "You can close this page.",
  },
  declined: {
    title: "Declined",
    heading: "Declined",
    meaning: "This phone was not paired, and the link no longer works.",
    next: "You can close this page.",
  },
  invite_already_used: {
    title: "Link already used",
    heading: "This link was already used",
    meaning: "If this is the phone you paired, you are done.",
    next: "If that was not you, open Phone Pairing in Top Dog’s settings and revoke the phone you do not know.",
  },
  invite_expired: {
    title: "Link expired",
    heading: "This link has expired",
    meaning: "Links work for a short time only. This phone was not paired.",
    next: "In Top Dog on your computer, send the link again.",
  },
  invite_cancelled: {
    title: "Invite cancelled",
    heading: "This invite was cancelled",
    meaning: "It was declined, taken back in Top Dog, or a wrong one-time password was typed too often. This phone was not paired.",
    next: "If you still want to pair, send a new link or show a new QR code in Top Dog, then open it on this phone.",
  },
  invite_not_found: {
    title: "Link not known",
    heading: "This link is not known",
    meaning: "A part of it may be missing.",
    next: "Open the link in the text message again. If that does not help, send a new one from Top Dog.",
  },
  no_link: {
    title: "Top Dog on your phone",
    heading: "Top Dog on your phone",
    meaning: "To pair this phone, open the link in the text message, or scan the QR code that Top Dog shows on your computer.",
    next: "Or paste the pairing link here.",
  },
  rate_limited: {
    title: "Too many tries",
    heading: "Too many tries",
    meaning: "Somebody on your network asked too often, so Top Dog waits a moment.",
    next: "Wait a minute, then open the link in the text message again.",
  },
  storage_unavailable: {
    title: "Cannot pair right now",
    heading: "Cannot pair right now",
    meaning: "Your computer could not save the change, so nothing was changed. The link still works.",
    next: "Look at Top Dog on your computer, then open the link again.",
  },
  cross_site: {
    title: "Not from this page",
    heading: "This did not come from the pairing page",
    meaning: "Another page tried to answer for you. Nothing was changed.",
    next: "Open the link in the text message, and answer there.",
  },
  invalid_request: {
    title: "Not understood",
    heading: "That was not understood",
    meaning: "Something got lost on the way. Nothing was changed.",
    next: "Open the link in the text message again.",
  },
  internal_error: {
    title: "Something went wrong",
    heading: "Something went wrong",
    meaning: "Your computer could not finish this.",
    next: "Look at Top Dog on your computer, then open the link again.",
  },
};

/** How long is left, as a person says it. */
export function timeLeft(seconds: number): string {
  if (seconds < 60) return "in less than a minute";
  const minutes = Math.round(seconds / 60);
  return `in ${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
}

/** How long to wait, rounded up: asking a second too early would only be refused again. */
export function waitTime(seconds: number): string {
  if (seconds < 100) return `${seconds} ${seconds === 1 ? "second" : "seconds"}`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
