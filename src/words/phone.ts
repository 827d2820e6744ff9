/** The words of the phone's pages. The build of each page language puts that language's catalogue in the place of this file. */
export * from "./en/phone/index.ts";
