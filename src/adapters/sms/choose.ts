import type { SmsSender } from "../../core/index.ts";
import { createMockSms } from "./mock.ts";

/** No text message can be sent as the settings ask. The message says what to change. */
class SmsProviderError extends Error {
  override readonly name = "SmsProviderError";
}

export interface SmsWish {
  readonly wanted: "auto" | "twilio" | "sns" | "mock";
  /** Whether Twilio's variables are set. */
  readonly twilioGiven: boolean;
}

/** The provider that the settings ask for. Mock only where nothing else was asked for: never in place of a provider that fails. */
export function chooseSms({ wanted, twilioGiven }: SmsWish, print: (block: string) => void): SmsSender {
  if (wanted === "twilio" || wanted === "sns" || (wanted === "auto" && twilioGiven)) {
    throw new SmsProviderError(
      `This version sends no real text messages yet, but ${wanted === "sns" ? "SMS_PROVIDER=sns" : "Twilio"} is configured. Set SMS_PROVIDER=mock to go on without.`,
    );
  }
  return createMockSms(print);
}

/** What the start prints about it. */
export function providerLine(sms: SmsSender): string {
  switch (sms.name) {
    case "twilio":
      return "✓ Twilio SMS provider configured";
    case "sns":
      return "✓ AWS SNS provider configured";
    case "mock":
      return "⚠ No SMS provider configured: MOCK mode";
    default:
      return sms.name satisfies never;
  }
}
