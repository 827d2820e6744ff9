/** What the page asks of the desktop app itself, beside the operations. Only names: their schemas would weigh on the preload. */
export const WINDOW_REQUESTS = [
  "serverState",
  "startServer",
  "restartServer",
  "goBack",
  "chooseFolder",
  "preferences",
  "setPreferences",
  "updateState",
  "lookForUpdates",
  "installUpdate",
] as const;
export type WindowRequest = (typeof WINDOW_REQUESTS)[number];
