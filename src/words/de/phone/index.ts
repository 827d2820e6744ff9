export * from "./approval.ts";
export * from "./command.ts";
export * from "./inbox.ts";
export * from "./pair-page.ts";
export * from "./this-phone.ts";

export const language = "de";
export const direction = "ltr";
