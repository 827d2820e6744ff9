/** What the page asks of the desktop app itself, beside the operations. Only names: their schemas would weigh on the preload. */
export const DESK_QUESTIONS = [
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
export type DeskQuestion = (typeof DESK_QUESTIONS)[number];
