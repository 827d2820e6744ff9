import type { SmsProviderName, SmsSender, SmsWish, SnsFields, TwilioFields } from "../../core/index.ts";
import { smsFault } from "./fault.ts";
import { createMockSms } from "./mock.ts";
import { pauseFailing } from "./pause-failing.ts";
import { createSnsSms } from "./sns.ts";
import { createTwilioSms, type ProviderSms } from "./twilio.ts";

/** All that decides who sends, environment and settings page together. */
export interface SmsFacts {
  readonly wanted: SmsWish;
  readonly twilio: TwilioFields;
  readonly twilioBaseUrl?: string | undefined;
  readonly sns: SnsFields & { readonly sessionToken?: string | undefined };
  /** Credentials that are neither in the environment nor typed into the page. */
  readonly awsSource?: string | undefined;
  readonly awsProfile?: string | undefined;
  readonly awsEndpoint?: string | undefined;
  /** Credentials that were found may be used. */
  readonly awsAgreed: boolean;
  readonly instanceRole: boolean;
}

/** Who sends, and what it still misses. Something can be missing only where a provider was asked for by name. */
export interface SmsChoice {
  readonly provider: SmsProviderName;
  readonly missing: readonly string[];
}

/** Twilio if it is complete, else SNS if it is, else mock; by name, that one or nothing. */
export function chooseSms(facts: SmsFacts): SmsChoice {
  switch (facts.wanted) {
    case "twilio":
      return { provider: "twilio", missing: twilioMissing(facts.twilio) };
    case "sns":
      return { provider: "sns", missing: snsMissing(facts) };
    case "mock":
      return { provider: "mock", missing: [] };
    case "auto":
      if (twilioMissing(facts.twilio).length === 0) return { provider: "twilio", missing: [] };
      return { provider: snsMissing(facts).length === 0 ? "sns" : "mock", missing: [] };
    default:
      return facts.wanted satisfies never;
  }
}

/** What Twilio still needs, in words and with the variable that would say it. */
export function twilioMissing(fields: TwilioFields): string[] {
  const missing: string[] = [];
  if (fields.accountSid === undefined) missing.push("the account SID (TWILIO_ACCOUNT_SID)");
  if (fields.apiKeySid !== undefined && fields.apiKeySecret === undefined) missing.push("the API key's secret (TWILIO_API_KEY_SECRET)");
  if (fields.apiKeySid === undefined && fields.apiKeySecret !== undefined) missing.push("the API key's SID (TWILIO_API_KEY_SID)");
  if (fields.authToken === undefined && fields.apiKeySid === undefined && fields.apiKeySecret === undefined) {
    missing.push("the auth token (TWILIO_AUTH_TOKEN) or an API key (TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET)");
  }
  if (fields.phoneNumber === undefined && fields.messagingServiceSid === undefined) {
    missing.push("the sender: a phone number (TWILIO_PHONE_NUMBER) or a messaging service (TWILIO_MESSAGING_SERVICE_SID)");
  }
  return missing;
}

/** Whether somebody began to set Twilio up and did not finish. */
export function isTwilioHalfSet(fields: TwilioFields): boolean {
  return twilioMissing(fields).length > 0 && Object.values(fields).some((value) => value !== undefined);
}

/** As for Twilio. Where credentials were found that nobody agreed to, the agreement is what is missing. */
export function snsMissing({ sns, awsSource, awsAgreed, instanceRole }: SmsFacts): string[] {
  const missing: string[] = [];
  if (sns.region === undefined) missing.push("the region (AWS_REGION)");
  if (sns.accessKeyId !== undefined && sns.secretAccessKey === undefined) missing.push("the secret access key (AWS_SECRET_ACCESS_KEY)");
  if (sns.accessKeyId !== undefined) return missing;
  if (awsSource === undefined && !instanceRole) {
    missing.push("credentials: run aws configure, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  } else if (!awsAgreed) {
    missing.push(`your agreement that text messages are paid for with ${awsSource ?? "this machine's AWS role"}`);
  }
  return missing;
}

export const PROVIDER_LABEL: Record<SmsProviderName, string> = { twilio: "Twilio", sns: "AWS SNS", mock: "Mock mode" };

/** Who sends by that choice. One that is incomplete sends nothing and says what is missing. */
export function createSender({ provider, missing }: SmsChoice, facts: SmsFacts, print: (block: string) => void): SmsSender | ProviderSms {
  if (provider === "mock") return createMockSms(print);
  if (missing.length > 0) return sendsNothing(provider, missing);
  return pauseFailing(provider === "twilio" ? createTwilioSms(twilioAccount(facts)) : createSnsSms(snsAccount(facts)));
}

function sendsNothing(provider: SmsProviderName, missing: readonly string[]): SmsSender {
  const refuse = async (): Promise<never> => {
    throw smsFault(provider, "not_set_up", { sentence: `${PROVIDER_LABEL[provider]} cannot send yet. Missing: ${missing.join("; ")}.` });
  };
  return { ...createMockSms(() => undefined), name: provider, send: refuse };
}

function twilioAccount({ twilio, twilioBaseUrl }: SmsFacts): Parameters<typeof createTwilioSms>[0] {
  const { accountSid = "", authToken, apiKeySid, apiKeySecret, phoneNumber = "", messagingServiceSid } = twilio;
  return {
    accountSid,
    authToken,
    ...(apiKeySid !== undefined && apiKeySecret !== undefined ? { apiKey: { sid: apiKeySid, secret: apiKeySecret } } : {}),
    // A service knows its numbers: it chooses among them.
    sender: messagingServiceSid === undefined ? { from: phoneNumber } : { messagingServiceSid },
    baseUrl: twilioBaseUrl,
  };
}

function snsAccount({ sns, awsProfile, awsEndpoint, instanceRole }: SmsFacts): Parameters<typeof createSnsSms>[0] {
  const { region = "", accessKeyId, secretAccessKey, sessionToken, senderId, maxPrice } = sns;
  const keys = accessKeyId !== undefined && secretAccessKey !== undefined ? { accessKeyId, secretAccessKey } : undefined;
  return {
    region,
    keys: keys && sessionToken !== undefined ? { ...keys, sessionToken } : keys,
    profile: keys ? undefined : awsProfile,
    instanceRole,
    senderId,
    maxPrice,
    endpoint: awsEndpoint,
  };
}
