/** Who may act at this computer. */
export const access = {
  heading: "Who may act here",
  windows: "Open settings pages",
  windowsIntro:
    "Pages in browsers that were opened with Top Dog's link. Each can do everything on this page, until its tab is closed or nobody uses it for a day.",
  noWindows: "No settings page is open in a browser.",
  thisPage: "This page",
  browserOn: "{{browser}} on {{system}}",
  noBrowser: "A page in the program that runs Top Dog",
  opened: "opened {{time}}",
  used: "last used {{time}}",
  justNow: "just now",
  end: "End access",
  endThis: "End this page's access",
  about: "{{action}}: {{name}}, opened {{time}}",
  ended: "The page's access has ended. To use it again, open it with Top Dog's link.",
  keyHeading: "Key for other programs",
  keyIntro:
    "Programs that Top Dog doesn't recognize as yours send the content of the file local_key in the storage folder: programs in a container or of an account that you gave it to, and on macOS and Windows all programs.",
  replaceKey: "Replace key",
  replaceKeyTitle: "Replace the key for other programs?",
  replaceKeyText:
    "Programs that send the current key are refused from now on, until they read the file local_key again. topdog-phone reads it each time. Phones and open settings pages aren't affected.",
  keyReplaced: "The key was replaced. Programs have to read the file local_key again.",
} as const;
