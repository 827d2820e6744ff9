export const page = {
  title: "Inbox · Top Dog",
  /** The browser's title: the view, and before it what waits. */
  viewTitle: "{{view}} · Top Dog",
  titleWaiting: "{{count}} waiting · {{title}}",
  description: "Build notifications and approvals from Top Dog on your computer.",
  noScriptHeading: "This page needs JavaScript",
  noScript:
    "Turn on JavaScript for this site in your browser's settings, then reload the page. Until then, answer in Top Dog on your computer.",
  backTo: "Back to {{view}}",
  inbox: "Inbox",
  tabs: "Views",
  refresh: "Refresh",
  pull: "Pull to refresh",
  release: "Let go to refresh",
} as const;

export const retry = {
  again: "Try again",
  retrying: "Trying again…",
  lost: "No answer. Check your connection, then try again.",
} as const;

export const connection = {
  connecting: "Connecting…",
  connectingSaved: "Connecting… Last updated {{time}}.",
  connected: "Connected.",
  connectedAt: "Connected. Last updated {{time}}.",
  reconnecting: "Can't reach Top Dog since {{since}}. Trying again.",
  reconnectingSaved: "Can't reach Top Dog since {{since}}. Showing saved items. Trying again.",
  offline: "You're offline.",
  offlineSaved: "You're offline. Last updated {{time}}.",
  tryNow: "Try now",
  /** In the top bar. */
  short: { connecting: "Connecting…", connected: "Connected", reconnecting: "Not reachable", offline: "Offline" },
  refreshing: "Refreshing…",
  age: "Last updated {{time}}",
} as const;

/** `{{size}}` is one of `minutes` or `hours`. */
export const clock = {
  ahead: "This phone's clock is {{size}} ahead of your computer's. Times here follow the computer.",
  behind: "This phone's clock is {{size}} behind your computer's. Times here follow the computer.",
  minutes: { one: "{{count}} minute", other: "{{count}} minutes" },
  hours: { one: "{{count}} hour", other: "{{count}} hours" },
} as const;

/** `{{time}}` is minutes and seconds, as in 4:07. */
export const left = {
  days: { one: "{{count}} day left", other: "{{count}} days left" },
  hours: "{{hours}} h {{minutes}} min left",
  time: "{{time}} left",
} as const;

/** A moment that is not today. */
export const dayAndTime = "{{day}}, {{time}}";

export const list = {
  waiting: "Waiting for you",
  waitingCount: "Waiting for you ({{count}})",
  /** While the computer can't be reached: nobody knows what waits now. */
  wasWaiting: "Waiting at {{time}} ({{count}})",
  today: "Today",
  empty: "Nothing here yet. Builds that finish, fail or need your approval show up here.",
  clear: "Nothing is waiting for you",
  clearAll: "Clear all",
  done: "Done",
  approve: "Approval",
  asked: "Requested {{time}}",
  askedBy: "Requested by {{name}}, {{time}}",
  needsYou: "Needs you",
  new: "New",
  alert: "Security alert",
} as const;

export const history = {
  heading: "History",
  open: "See the history",
  search: "Search the history",
  placeholder: "Project, message or file",
  found: { one: "{{count}} of {{total}} message", other: "{{count}} of {{total}} messages" },
  nothing: "Nothing matches “{{typed}}”.",
  empty: "Nothing here yet. Messages stay for a week.",
  today: "Today",
  yesterday: "Yesterday",
} as const;

/** What is announced when messages come. */
export const announced = {
  nothingWaiting: "Nothing is waiting for you.",
  refreshed: "Up to date.",
  cleared: "Cleared. It stays in the history.",
  waiting: { other: "{{count}} waiting for you." },
  approval: "{{project}} needs your approval. {{left}}.",
  approvals: { other: "{{count}} new approvals are waiting for you." },
  messages: { one: "{{count}} new message.", other: "{{count}} new messages." },
  settled: "{{project}}: {{sentence}}",
} as const;

export const build = {
  initiated: "Build started",
  in_progress: "Build running",
  success: "Build succeeded",
  failure: "Build failed",
  approval_pending: "Build needs approval",
  cancelled: "Build cancelled",
} as const;

export const priority = {
  low: "Low priority",
  normal: "",
  high: "High priority",
  critical: "Critical",
} as const;

/** The body of a notification; its title is the project's name. */
export const notification = {
  title: "Top Dog",
  approval: "An approval is waiting for you",
  approvals: { other: "{{count}} approvals are waiting for you" },
  test: "This is a test. Notifications work.",
  alert: "Security alert. Open it to see what to do",
  unknown: "There is something new in your inbox",
} as const;

/** For an address that is not in the inbox. */
export const notHere = {
  approvalHeading: "This approval isn't here",
  approval: "It was answered or expired more than a week ago, or it was sent to another phone. What is waiting for you is in the inbox.",
  heading: "There is nothing at this address",
  page: "The link may be incomplete. Your messages are in the inbox.",
  searching: "Looking for it…",
  open: "Open the inbox",
} as const;

const pairAgain = "To use this phone again, send a new pairing link from Top Dog on your computer.";

/** Why the server rejects this phone, by the error's code. */
export const resultPages = {
  token_missing: {
    heading: "This phone isn't paired",
    meaning: "Pair it to see your inbox.",
    next: "Send a pairing link from Top Dog on your computer. If this phone's browser is already paired, open the inbox there, go to This phone, choose Add to Home Screen, and type the code here.",
  },
  token_revoked: {
    heading: "This phone was unpaired",
    meaning: "It was revoked in Top Dog, or paired again from another browser. Its messages have been deleted from this phone.",
    next: pairAgain,
  },
  token_expired: {
    heading: "This phone's access has expired",
    meaning: "A pairing lasts for a limited time. Its messages have been deleted from this phone.",
    next: pairAgain,
  },
  /** `token_expired`, where this phone's own clock says otherwise. */
  clocks_disagree: {
    heading: "The clocks don't match",
    meaning: "This phone's access has expired by your computer's clock, but not by this phone's. Your messages are still on this phone.",
    next: "Check the date and time on your computer and on this phone, then try again.",
  },
  token_invalid: {
    heading: "This phone is no longer recognized",
    meaning: "Top Dog has no record of its pairing. Its messages have been deleted from this phone.",
    next: pairAgain,
  },
  device_unconfirmed: {
    heading: "This phone isn't confirmed yet",
    meaning: "Nobody at the computer made its pairing link, so it waits until somebody there confirms it.",
    next: "In Top Dog on your computer, open Paired phones and confirm this phone. This page then goes on by itself.",
  },
  device_suspended: {
    heading: "This phone is suspended",
    meaning: "Its access was paused in Top Dog. Its messages have been deleted from this phone.",
    next: "Reactivate it in Top Dog on your computer. This page then goes on by itself.",
  },
  cross_site: {
    heading: "This browser can't show the inbox here",
    meaning:
      "The browser doesn't say which page sends a request, so Top Dog doesn't answer it. Old browsers and addresses without https cause this.",
    next: "Update the browser, or open the inbox at its https address.",
  },
  unpaired: {
    heading: "This phone is unpaired",
    meaning: "Top Dog no longer sends it anything, and its messages have been deleted from this phone.",
    next: pairAgain,
  },
} as const;

/** An error that has no page of its own; the error's sentence is between these. */
export const otherResult = { heading: "Top Dog doesn't accept this phone", next: "Check Top Dog on your computer." } as const;

export const pairHere = {
  label: "Code or pairing link",
  submit: "Continue",
  neither: "That isn't a complete code or a pairing link of this address. Enter all of it.",
} as const;
