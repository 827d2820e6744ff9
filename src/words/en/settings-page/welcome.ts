export const welcome = {
  title: "Welcome",
  intro: "Three steps, and each may be skipped. Nothing is switched on unless you switch it on.",
  heading: "Step {{step}} of {{steps}}: {{name}}",
  steps: { you: "Who you are", sms: "Text messages", reachability: "Phone reachability" },
  you: "A text message greets with your name. A number that is typed without a country code is taken as one of your country.",
  now: "Now: {{name}}, {{country}}.",
  nowNameless: "Now: no name, {{country}}.",
  sms: "The link that pairs a phone can be texted to it. Twilio, AWS SNS and Vonage send it and charge you for it. Mock mode sends nothing and shows the link here, which is enough to try things out. A QR code needs none of them.",
  reachability:
    "A phone opens the link from wherever it is, so this computer needs a public address: a tunnel that Top Dog starts when you say so, or an address of your own. You can also do this later.",
  back: "Back",
  next: "Next",
  finish: "Finish",
  saving: "Saving…",
  skip: "Skip the welcome",
  open: "The first steps are not finished. What you typed there is kept.",
  goOn: "Go on with them",
  notKept: "That you have seen this was not remembered",
  again: "Show the welcome again",
} as const;

export const start = {
  heading: "Top Dog could not start pairing",
  fixed: "This is set where Top Dog is started: in its environment, or in the IDE around it. Change it there and start Top Dog again.",
  port: "Another port",
  portHint: "A number from 1024 to 65535, or 0 for any that is free. It is remembered.",
  portWrong: "Type a whole number from 0 to 65535.",
  usePort: "Use this port",
  chooseFolder: "Choose another folder…",
  waysBack: {
    previous: "Go back to the settings that worked",
    default: "Use the default instead",
    aside: "Move the file aside and use the defaults",
  },
  trying: "Starting…",
} as const;

export const desktop = {
  heading: "This app",
  close_to_tray: "Keep running in the tray when the window is closed. Phones still reach it then",
  start_at_login: "Start when I log in",
  look_for_updates: "Look for new versions and download them; they are installed when the app is quit",
  failed: "This was not changed",
} as const;

export const updates = {
  look: "Look now",
  install: "Restart and install",
  idle: "Nobody has looked for a new version yet.",
  looking: "Looking for a new version…",
  latest: "This is the newest version, {{version}}.",
  loading: "Version {{version}} is being downloaded: {{percent}} %.",
  ready: "Version {{version}} is ready.",
  failed: "New versions could not be looked for: {{sentence}} Check the internet connection and try again.",
} as const;
