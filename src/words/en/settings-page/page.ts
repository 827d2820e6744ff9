export const page = {
  title: "Phone Pairing",
  intro:
    "A paired phone can give voice commands, receive build notifications and approve builds. It can never read your files or pair another phone.",
  skip: "Skip to your phones",
  waiting: "Waiting for a phone",
  locked: "Locked",
  failed: "Not loaded",
  loading: "Loading…",
  retry: "Try again",
  lost: "Connection lost, trying again",
  dismiss: "Dismiss",
  cancel: "Cancel",
  lockedBy: "Set by {{variable}}. Change it there and start Top Dog again.",
} as const;

export const form = {
  save: "Save",
  saving: "Saving…",
  undo: "Discard changes",
  unsaved: "You have changes that are not saved.",
  unchanged: "Nothing has been changed.",
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
  foundFirst_one: "The first {{count}} found is shown.",
  foundFirst_other: "The first {{count}} found are shown.",
  none: "Nothing matches “{{text}}”. Try other words, or clear the search.",
} as const;

export const broken = {
  page: "This page ran into an error and can't go on. Nothing on this computer or on your phones has changed because of it. Reload the page. If it happens again, report the error below.",
  card: "“{{name}}” ran into an error and can't be shown. The rest of the page works. Reload the page. If it happens again, report the error below.",
  notLoaded:
    "“{{name}}” could not be loaded. The rest of the page works. Check that Top Dog is running on this computer, then try again. If Top Dog was updated meanwhile, reload the page.",
  error: "Error: {{message}}",
  reload: "Reload the page",
} as const;

export const gate = {
  heading: "Admin token needed",
  required: "This server asks for its admin token before it shows paired phones.",
  wrong: "This admin token is wrong. Compare it with ADMIN_TOKEN on the server.",
  label: "Admin token",
  hint: "Kept in this window's memory only, until you close or reload it.",
  show: "Show token",
  hide: "Hide token",
  submit: "Unlock",
  empty: "Type the admin token.",
  desktop: "Top Dog itself was asked for an admin token. Restart Top Dog; if this stays, check ADMIN_TOKEN.",
} as const;

export const problem = {
  offline: "Top Dog does not answer. Check that it is running on this computer, then try again.",
  unreadable: "Top Dog answered in a way that this page does not understand. Reload the page, then try again.",
  unexpected: "Something went wrong on this page. Try again; if it stays, restart Top Dog.",
} as const;
