/**
 * Requests of the page to the desktop app itself, beside the operations. Names only, because their schemas would enlarge the
 * preload script.
 */
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
