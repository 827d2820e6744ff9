export const page = {
  title: "Phone Pairing",
  intro:
    "A paired phone can give voice commands, receive build notifications and approve builds. It can never read your files or pair another phone.",
  skip: "Skip to the content",
  waiting: "Waiting for a phone",
  locked: "Locked",
  failed: "Couldn't load",
  loading: "Loading…",
  retry: "Try again",
  lost: "Connection lost. Trying again…",
  noScript: "This page needs JavaScript.",
  dismiss: "Dismiss",
  cancel: "Cancel",
  language: "Language",
  lockedBy: "Set by {{variable}}. Change it there and restart Top Dog.",
} as const;

export const alerts = {
  label: "Alerts",
  showPhone: "Show phone",
  dismiss: "Dismiss alert",
} as const;

export const form = {
  save: "Save",
  saving: "Saving…",
  undo: "Discard changes",
  unsaved: "You have unsaved changes.",
  unchanged: "No changes to save.",
  discarded: "Your changes were discarded.",
  notSaved: "Nothing was saved",
} as const;

export const limit = {
  again: "Try again in {{left}}.",
  over: "You can try again now.",
} as const;

export const list = {
  more: "Show more",
  about: "{{action}}: {{list}}",
  shown_one: "{{count}} shown.",
  shown_other: "{{count}} shown.",
  shownOf_one: "{{count}} of {{total}} shown.",
  shownOf_other: "{{count}} of {{total}} shown.",
  found_one: "{{count}} found.",
  found_other: "{{count}} found.",
  foundFirst_one: "Showing the first {{count}} found.",
  foundFirst_other: "Showing the first {{count}} found.",
  none: "Nothing matches “{{text}}”. Try other words, or clear the search.",
} as const;

export const broken = {
  page: "Something went wrong and this page can't continue. Nothing changed on this computer or on your phones. Reload the page. If it happens again, report the error below.",
  card: "Something went wrong and “{{name}}” can't be shown. The rest of the page works. Reload the page. If it happens again, report the error below.",
  notLoaded:
    "“{{name}}” couldn't be loaded. The rest of the page works. Check that Top Dog is running on this computer, then try again. If Top Dog was updated in the meantime, reload the page.",
  error: "Error: {{message}}",
  reload: "Reload the page",
} as const;

export const gate = {
  heading: "Admin token required",
  required: "This server requires its admin token before it shows paired phones.",
  wrong: "This admin token is wrong. Compare it with ADMIN_TOKEN on the server.",
  label: "Admin token",
  hint: "Kept only in this window's memory, until you close or reload it.",
  show: "Show token",
  hide: "Hide token",
  submit: "Unlock",
  empty: "Enter the admin token.",
  linkHeading: "Open this page with its link",
  linkRequired:
    "Only a person at this computer may see and change this. Top Dog printed a link in its terminal when it started: open that link, or paste it here.",
  linkWrong: "This link isn't valid. The server was restarted since: use the link that it printed last.",
  linkLabel: "Link, or admin token",
  linkHint: "Kept for this tab only, until you close it.",
  linkShow: "Show link",
  linkHide: "Hide link",
  linkSubmit: "Open",
  linkEmpty: "Paste the link, or enter the admin token.",
  desktop: "Top Dog was asked for its own admin token. Restart Top Dog. If this happens again, check ADMIN_TOKEN.",
} as const;

export const problem = {
  offline: "Can't reach Top Dog. Check that it's running on this computer, then try again.",
  unreadable: "This page couldn't read Top Dog's answer. Reload the page, then try again.",
  requestId: "Look there for {{id}}.",
  unexpected: "Something went wrong on this page. Try again. If it happens again, restart Top Dog.",
} as const;

export const views = {
  waits: "Waiting elsewhere",
  phones: "Phones",
  approvals: "Approvals",
  activity: "Activity",
  settings: "Settings",
  waiting_one: "{{count}} waiting",
  waiting_other: "{{count}} waiting",
  phonesWait_one: "{{count}} phone shows two digits and waits for you to type them.",
  phonesWait_other: "{{count}} phones show two digits and wait for you to type them.",
  confirmPhone: "Confirm phone",
  approvalsWait_one: "{{count}} approval waits for your answer.",
  approvalsWait_other: "{{count}} approvals wait for your answer.",
  showApprovals: "Show approvals",
  pairPhone: "Pair phone",
  closePairing: "Close pairing",
  about: {
    approvals: "Builds and commands that ask before they run. The first answer counts, here or on a phone.",
    activity: "What happened, when, and from where.",
    settings: "How phones reach this computer, and what they may do.",
  },
} as const;

export const statusBar = {
  label: "Connectivity",
  address: "Address",
  sms: "Text messages",
  secrets: "Keys",
  mock: "Mock mode",
  kinds: { keychain: "Keychain", file: "File", environment: "Environment", memory: "Memory", database: "Database" },
  unusable: "Can't be used",
} as const;

export const palette = {
  open: "Commands",
  label: "Commands",
  field: "Command, setting or phone",
  matches: "Matches",
  none: "Nothing matches. Try another word.",
  pair: "Pair phone by text message",
  qr: "Pair phone by QR code",
  claims: "Confirm a phone by its two digits",
  show: "Show {{view}}",
  phone: "Phone",
  setting: "Setting",
} as const;
