/** The question of the pairing page. Its first lines and its abilities are the setup guide's words. */
export const pairPage = {
  title: "Pair with Top Dog?",
  wants: "Top Dog wants to pair with your phone",
  device: "Device: {{name}}",
  user: "User: {{name}}",
  noUser: "not named",
  computer: "Computer: {{name}}",
  able: "This phone will be able to",
  otp: "One-time password",
  otpHint: "The six digits shown next to the QR code on your computer.",
  name: "Name this phone",
  nameHint: "Top Dog shows it in your list of paired phones.",
  elsewhere: "This app doesn't keep data, so the pairing may be lost when you close it. Open the link in Safari or Chrome instead.",
  caution: "Only accept if you just started this in Top Dog. If not, decline.",
  expiresUtc: "Expires at {{time}} UTC",
  accept: "Accept",
  decline: "Decline",
} as const;

/** By the level that each needs. A phone that may do everything has all three, in the setup guide's words and order. */
export const abilities = {
  command: "Give voice commands",
  view: "Receive build notifications",
  answer: "Approve builds remotely",
} as const;

/** While somebody at the computer has to type the digits that this phone shows. */
export const pairClaim = {
  title: "Confirm on your computer",
  heading: "Confirm {{digits}} on {{computer}}",
  headingNoName: "Confirm {{digits}} on your computer",
  todo: "In Top Dog on the computer, type these two digits. Then this phone is paired.",
  nobody: "Nobody at the computer? Accept again when somebody is there: the link works until it expires.",
  check: "Check again",
} as const;

export const timeLeft = {
  seconds: "(in less than a minute)",
  minutes: { one: "(in {{count}} minute)", other: "(in {{count}} minutes)" },
} as const;

/** What the page's script adds. */
export const pairScript = {
  pairing: "Pairing…",
  declining: "Declining…",
  tryAgain: "Try again",
  retrying: "Trying again…",
  lostRetrying: "Connection lost. Trying again…",
  lost: "No answer. Check your connection, then try again. Your answer counts only once.",
  left: "({{time}} left)",
  claimLeft: "{{time}} left to type them",
  lastMinute: "Less than a minute left.",
  expires: "Expires at {{time}}",
  noLink: "That isn't a pairing link. Copy the whole link and paste it here.",
} as const;

/** Below what a paired phone may do: whether it gets notifications. */
export const notify = {
  off: "Build notifications are off until you allow them on this phone.",
  allow: "Allow notifications",
  blocked: "Notifications are blocked for this page. Allow them in the phone's settings, then open your inbox.",
  waiting: "Build notifications are in your inbox. A phone can't get notifications from this address.",
  apple: "Build notifications are off until Top Dog is on your Home Screen. {{link}}",
  addIt: "Add to Home Screen",
} as const;

/** Pages after an answer, or without a question, by the error's code or by what was done. */
export const pairResults = {
  paired: {
    title: "Phone is paired",
    heading: "Done! Phone is paired",
    meaning: "You can now:",
    next: "You can close this page.",
  },
  unconfirmed: {
    title: "Confirm on your computer",
    heading: "One more step",
    meaning: "Nobody at the computer made this link, so this phone waits until somebody there confirms it.",
    next: "In Top Dog on your computer, open Paired phones and confirm this phone. Without that it's removed after an hour.",
  },
  declined: {
    title: "Declined",
    heading: "Declined",
    meaning: "This phone wasn't paired, and the link no longer works.",
    next: "You can close this page.",
  },
  invite_already_used: {
    title: "Link already used",
    heading: "This link was already used",
    meaning: "If this is the phone you paired, you're done.",
    next: "If that wasn't you, open Phone Pairing in Top Dog's settings and revoke the phone you don't know.",
  },
  invite_expired: {
    title: "Link expired",
    heading: "This link has expired",
    meaning: "Links work only for a short time. This phone wasn't paired.",
    next: "Send the link again from Top Dog on your computer.",
  },
  invite_cancelled: {
    title: "Invite cancelled",
    heading: "This invite was cancelled",
    meaning:
      "It was declined, cancelled in Top Dog, or a wrong one-time password or wrong digits were entered too often. This phone wasn't paired.",
    next: "To pair it, send a new link or show a new QR code in Top Dog, then open it on this phone.",
  },
  invite_not_found: {
    title: "Link not recognized",
    heading: "This link isn't recognized",
    meaning: "Part of it may be missing.",
    next: "Open the link in the text message again. If that doesn't help, send a new one from Top Dog.",
  },
  no_link: {
    title: "Top Dog on your phone",
    heading: "Top Dog on your phone",
    meaning: "To pair this phone, open the link in the text message, or scan the QR code that Top Dog shows on your computer.",
    next: "Or paste the pairing link here.",
  },
  rate_limited: {
    title: "Too many attempts",
    heading: "Too many attempts",
    meaning: "There were too many requests from your network.",
    next: "Wait a minute, then open the link in the text message again.",
  },
  storage_unavailable: {
    title: "Can't pair right now",
    heading: "Can't pair right now",
    meaning: "Your computer couldn't save the change, so nothing was changed. The link still works.",
    next: "Check Top Dog on your computer, then open the link again.",
  },
  cross_site: {
    title: "Not from the pairing page",
    heading: "This didn't come from the pairing page",
    meaning: "Another page tried to answer for you. Nothing was changed.",
    next: "Open the link in the text message, and answer there.",
  },
  invalid_request: {
    title: "Request not understood",
    heading: "The request wasn't understood",
    meaning: "Part of it was lost on the way. Nothing was changed.",
    next: "Open the link in the text message again.",
  },
  internal_error: {
    title: "Something went wrong",
    heading: "Something went wrong",
    meaning: "Your computer couldn't finish this.",
    next: "Check Top Dog on your computer, then open the link again.",
  },
} as const;

export const pairResultParts = {
  /** In the place of "next" where the server says how long. */
  wait: "Wait {{wait}}, then open the link in the text message again.",
  seconds: { one: "{{count}} second", other: "{{count}} seconds" },
  minutes: { one: "{{count}} minute", other: "{{count}} minutes" },
  pairedAlready: "This phone is already paired",
  openInbox: "Open your inbox",
  anotherLink: "Use another link",
  link: "Pairing link",
  openLink: "Open the link",
} as const;
