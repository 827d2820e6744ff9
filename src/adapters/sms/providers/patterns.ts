import { say } from "../../../words/say.ts";

/** Texts that several providers' fields are. */

/** It goes into a header. */
export const CREDENTIAL = { pattern: /^[\x21-\x7e]{1,512}$/, rule: () => say("sms.credentialRule") };

/** One of Twilio's ids. */
export function sid(prefix: string): { readonly pattern: RegExp; readonly rule: () => string } {
  return {
    pattern: new RegExp(`^${prefix}[0-9a-fA-F]{32}$`),
    rule: () => say("sms.twilioSidRule", { prefix }),
  };
}
