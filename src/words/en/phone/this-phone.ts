export const thisPhone = {
  heading: "This phone",
  waiting: "Asking your computer about this phone… If nothing happens, check that Top Dog is running.",
  name: "Name",
  user: "User",
  paired: "Paired",
  expires: "Access expires",
  abilities: "It can",
  install: "Install the app",
} as const;

export const unpair = {
  heading: "Unpair",
  open: "Unpair this phone…",
  question: "Unpair this phone? It will no longer get notifications or approve builds. To undo this, pair it again.",
  keep: "Keep it paired",
  confirm: "Unpair",
  busy: "Unpairing…",
} as const;

/** `label` is beside a menu of languages. */
export const languageChoice = { label: "Language" } as const;

export const rename = {
  label: "Name of this phone",
  save: "Save name",
  saving: "Saving…",
  saved: "Saved. Top Dog shows this name from now on.",
  empty: "Enter a name of 1 to 40 characters.",
} as const;

export const notifications = {
  heading: "Notifications",
  asking: "Checking…",
  unknown: "We couldn't check whether notifications are on.",
  again: "Check again",
  on: "On. You get a notification when an approval is waiting and for important news. It shows the project's name, and nothing else.",
  off: "Off. News and approvals wait here until you open the inbox.",
  allow: "Allow notifications",
  allowing: "Waiting for you to allow them…",
  test: "Send a test notification",
  testing: "Sending…",
  switchOff: "Turn off",
  switchingOff: "Turning off…",
  denied:
    "Blocked: this page isn't allowed to show notifications. Allow them for this page, or for the Top Dog app, in the phone's settings, then come back.",
  /** The same, with where that is: in an app on the Home Screen, and in Chrome. */
  deniedApple:
    "Blocked: this page isn't allowed to show notifications. Open Settings, then Notifications, then Top Dog, and turn on Allow Notifications. Then come back.",
  deniedAndroid:
    "Blocked: this page isn't allowed to show notifications. Tap the icon beside the address, then Permissions, and allow Notifications. Then come back.",
  notAnswered: "You didn't choose. Tap again when you want notifications.",
  homeScreenFirst:
    "On an iPhone or iPad, only apps on the Home Screen get notifications. Add Top Dog to the Home Screen first, and allow them there.",
  noBrowser: "This browser can't show notifications. Open the inbox in another browser, or at its https address.",
  failed: "The browser couldn't turn on notifications. Check that they are allowed on this phone, then try again.",
} as const;

/** How the inbox gets onto an iPhone's Home Screen. */
export const homeScreen = {
  heading: "On your Home Screen",
  why: "An iPhone or iPad shows notifications only from an app on the Home Screen. The app is signed in as this phone.",
  share: "Tap {{sign}} Share in Safari, then “Add to Home Screen”.",
  shareSign: "the Share button",
  openApp: "Open Top Dog from the Home Screen, and allow notifications there.",
  openSafari: "This works in Safari. Open {{address}} there.",
  typeCode: "Type the code below. Safari is then signed in as this phone, and shows the next steps.",
  asking: "Getting a code…",
  ifAsked: "If the app asks for a code, type {{code}}. It works once, until {{time}}.",
  code: "Code: {{code}}. It works once, until {{time}}.",
  again: "Get a code",
  add: "Add to Home Screen",
} as const;

/** How the inbox gets onto an Android phone's Home screen, in its makers' words. */
export const androidHomeScreen =
  "To add it to your Home screen, open the inbox, then the browser's menu, and tap “Add to Home screen” or “Install app”.";
