/** What the start, the settings page, doctor and the log say about text messages. Why one failed is in `sms-failures.ts`. */
export const sms = {
  theProvider: "The provider",
  mock: "Mock mode",
  mockTried: "Mock mode prints messages instead of sending them. Choose a provider first.",

  // Which provider sends. `missing` is a list of what a field is called.
  noProvider: "⚠ No SMS provider configured: MOCK mode",
  chosenIncomplete: "⚠ {{provider}} is chosen but not complete: no text message can be sent. Missing: {{missing}}",
  unused: "{{provider}} is not complete, so it is not used. Missing: {{missing}}",
  startIncomplete:
    "SMS_PROVIDER={{id}}, but {{provider}} is not complete. Missing: {{missing}}. Set it, or SMS_PROVIDER=mock to go on without text messages.",
  newerVersion: "a version of Top Dog that knows this provider",
  agreement: "your agreement that text messages are paid for with {{found}}",
  late: "{{provider}} did not answer in time. Check this computer's network and try again.",

  // What is wrong with a change, after the name of its field
  oneOf: "must be one of {{choices}}",
  unknownField: "is no setting of a text message service",
  credentialRule: "must be letters, digits and signs without spaces",
  senderRule: "must be like +15551234567, a short code or a sender name",

  // What a provider did not take of a message
  noValidity:
    "{{provider}} did not take the time after which a message is worth nothing, so messages are sent without it and may come late.",

  twilioConfigured: "✓ Twilio SMS provider configured",
  twilioAccountSid: "the account SID",
  twilioAuthToken: "the auth token",
  twilioApiKeySid: "the API key's SID",
  twilioApiKeySecret: "the API key's secret",
  twilioPhoneNumber: "a phone number",
  twilioService: "a messaging service",
  twilioCredentials: "the auth token (TWILIO_AUTH_TOKEN) or an API key (TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET)",
  twilioSender: "the sender: a phone number (TWILIO_PHONE_NUMBER) or a messaging service (TWILIO_MESSAGING_SERVICE_SID)",
  twilioSidRule: "must begin with {{prefix}} and have 32 hexadecimal digits after it",
  twilioNoReports:
    "Twilio cannot report to {{origin}}, so messages are sent without delivery reports. Set PAIRING_BASE_URL to a public https address.",
  twilioKnowsKey: "Twilio knows this API key.",
  // `{{named}}` is the account's name in quotation marks, after a space, or nothing.
  twilioKnowsAccount: "Twilio knows the account{{named}}.",
  twilioTrial:
    "Twilio knows the account{{named}}. It is a trial account: it sends to numbers that are verified in Twilio's console, and to no other.",
  twilioInactive: "The Twilio account{{named}} is not active. Reactivate it in Twilio's console.",

  snsConfigured: "✓ AWS SNS provider configured",
  snsRegion: "the region",
  snsAccessKeyId: "the access key ID",
  snsSecretAccessKey: "the secret access key",
  snsSenderId: "the sender ID",
  snsMaxPrice: "the most that a message may cost",
  snsCredentials: "credentials: run aws configure, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  snsRegionRule: "must be a region like us-east-1",
  snsAccessKeyIdRule: "must be an access key id like AKIA…",
  snsSenderIdRule: "must be 1 to 11 letters and digits, at least one letter",
  snsMaxPriceRule: "must be US dollars like 0.05",
  snsNoSenderId: "AWS SNS did not take the sender ID (PAIRING_SNS_SENDER_ID), so messages are sent without it.",
  snsNoType: "AWS SNS did not take the type of the message (transactional), so messages are sent without it.",
  snsKnown: "AWS SNS knows these credentials.",
  snsSandbox:
    "AWS SNS knows these credentials. The account is in the SMS sandbox: it sends to numbers that are verified in the AWS console, and to no other.",
  // Where AWS's credentials were found
  awsRole: "this machine's AWS role",
  awsProfile: 'the AWS profile "{{profile}}"',
  awsEnvironment: "the environment ({{variable}})",
  awsContainer: "the container ({{variable}})",

  vonageConfigured: "✓ Vonage SMS provider configured",
  vonageApiKey: "the API key",
  vonageApiSecret: "the API secret",
  vonageSender: "the sender",
  vonageSignatureSecret: "the signature secret",
  vonageApiKeyRule: "must be the API key of the dashboard, letters and digits",
  vonageNoReports:
    "Vonage cannot report to this server, so messages are sent without delivery reports. Set PAIRING_BASE_URL to a public https address.",
  vonageKnown: "Vonage knows the account.",
} as const;
