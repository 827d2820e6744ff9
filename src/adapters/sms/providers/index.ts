import type { SmsProvider } from "./provider.ts";
import { sns } from "./sns.ts";
import { twilio } from "./twilio.ts";
import { vonage } from "./vonage.ts";

/** All there are, in the order in which one of them is chosen automatically. */
export const SMS_PROVIDERS: readonly SmsProvider[] = [twilio, sns, vonage];
