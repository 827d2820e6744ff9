export * from "./approval.ts";
export * from "./command.ts";
export * from "./inbox.ts";
export * from "./pair-page.ts";
export * from "./this-phone.ts";

/** For `lang` and `dir`, plural forms, dates and numbers. */
export const language = "en";
export const direction = "ltr";
