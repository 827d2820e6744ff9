export const welcome = {
  title: "Welcome",
  intro: "Four quick steps. Skip any of them; nothing turns on without you.",
  heading: "Step {{step}} of {{steps}}: {{name}}",
  steps: { you: "About you", sms: "Text messages", reachability: "Phone reachability", confirm: "New phones" },
  you: "Your name appears in the text message. Your country is used when you type a number without a country code.",
  now: "Current: {{name}}, {{country}}.",
  nowNameless: "Current: no name, {{country}}.",
  sms: "Top Dog can text the pairing link to a phone. A provider, such as Twilio, sends text messages and charges you for them. Mock mode sends nothing and shows the link here, which is enough to try things out. A QR code needs no provider.",
  reachability:
    "A phone can open the link from anywhere, so this computer needs a public address: a tunnel that you start here, or an address of your own. You can also do this later.",
  confirm:
    "We recommend {{choice}}: you type two digits from each new phone here, so a link that someone forwards or photographs pairs no other phone.",
  back: "Back",
  next: "Next",
  finish: "Finish",
  saving: "Saving…",
  skip: "Skip setup",
  open: "Setup isn't finished. What you typed is still there.",
  goOn: "Continue setup",
  notSaved: "Your progress couldn't be saved",
  again: "Show setup again",
} as const;

export const start = {
  heading: "Top Dog couldn't start pairing",
  fixed: "This is set where Top Dog is started: in its environment, or in the IDE that includes it. Change it there and restart Top Dog.",
  port: "Another port",
  portHint: "A number from 1024 to 65535, or 0 for any free port. It is saved.",
  portWrong: "Enter a whole number from 0 to 65535.",
  usePort: "Use this port",
  chooseFolder: "Choose another folder…",
  waysBack: {
    previous: "Restore the last working settings",
    default: "Use the default instead",
    aside: "Move the file aside and use the defaults",
  },
  trying: "Starting…",
} as const;

export const desktop = {
  heading: "This app",
  close_to_tray: "Keep running in the tray when the window is closed, so phones can still reach it",
  start_at_login: "Start when I log in",
  look_for_updates: "Check for updates and download them; they are installed when you quit the app",
  failed: "This wasn't changed",
} as const;

export const updates = {
  check: "Check now",
  install: "Restart and install",
  idle: "Not checked for updates yet.",
  checking: "Checking for updates…",
  latest: "You have the latest version, {{version}}.",
  loading: "Downloading version {{version}}: {{percent}}%.",
  ready: "Version {{version}} is ready to install.",
  failed: "Couldn't check for updates: {{sentence}} Check the internet connection, then try again.",
} as const;
