import {
  type Log,
  PairingError,
  type SecretField,
  type SecretStore,
  type SettingField,
  type SmsSender,
  type SmsSettings,
  type SmsSettingsChange,
  type SmsSetup,
  type SmsWish,
  type TwilioFields,
} from "../../core/index.ts";
import { readAwsProfile } from "./aws-files.ts";
import {
  chooseSms,
  createSender,
  isTwilioHalfSet,
  PROVIDER_LABEL,
  type SmsChoice,
  type SmsFacts,
  snsMissing,
  twilioMissing,
} from "./choose.ts";
import { NOTHING_SAVED, type SavedSms, type SmsSecret, savedSmsFile } from "./saved-settings.ts";
import type { ProviderSms } from "./twilio.ts";

/** What the environment says; it wins over what was saved. */
export interface SmsEnvironment {
  readonly wanted?: SmsWish;
  readonly twilio: TwilioFields;
  readonly twilioBaseUrl?: string;
  readonly sns: { readonly senderId?: string; readonly maxPrice?: string };
  readonly instanceRole: boolean;
  readonly aws: AwsInEnvironment;
}

export interface AwsInEnvironment {
  readonly region?: string;
  readonly source?: string;
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  readonly endpoint?: string;
  /** Where AWS's own files are, and which of their profiles counts. */
  readonly files: { readonly profile: string; readonly credentialsFile: string; readonly configFile: string };
}

export interface SmsDeskNeeds {
  readonly environment: SmsEnvironment;
  /** A person's own computer: its AWS credentials are there for something else, so they are asked for once. */
  readonly askBeforeAws: boolean;
  readonly folder: string;
  readonly secrets: SecretStore;
  readonly print: (block: string) => void;
  readonly log: Log;
}

export interface SmsDesk {
  /** Whoever is set up at the moment. */
  readonly sender: SmsSender;
  readonly setup: SmsSetup;
  /** What the start prints about it, as far as it is known by then. */
  readonly lines: readonly string[];
  /** Reads the saved secrets, for who would otherwise wait for them at the first message. Rejects when they cannot be read. */
  warmUp(): Promise<void>;
}

/** No text message can be sent as the environment asks. The message says what to change. */
class SmsProviderError extends Error {
  override readonly name = "SmsProviderError";
}

/** Stands for a secret that is there, and nobody has read yet. */
const UNREAD = "not read yet";

type Secrets = Readonly<Partial<Record<SmsSecret, string>>>;

interface State {
  readonly saved: SavedSms;
  /** `undefined`: there are some, and nobody has read them yet. */
  readonly secrets: Secrets | undefined;
  readonly facts: SmsFacts;
  readonly choice: SmsChoice;
  readonly sender: SmsSender | ProviderSms;
}

/** Who sends text messages, by environment and settings page, and the page's way to change it. Rejects when the start must not go on. */
export async function openSmsDesk(needs: SmsDeskNeeds): Promise<SmsDesk> {
  const { environment, log } = needs;
  const aws = await findAws(environment.aws);

  const stateOf = (saved: SavedSms, secrets: Secrets | undefined): State => {
    // Who sends is decided by what was saved, not by whether it can be read at the moment: a locked keychain is no change of mind.
    const facts = factsOf(needs, aws, saved, secrets ?? Object.fromEntries(saved.secrets.map((name) => [name, UNREAD])));
    const choice = chooseSms(facts);
    return { saved, secrets, facts, choice, sender: createSender(choice, facts, needs.print) };
  };

  const file = savedSmsFile(needs.folder);
  const saved = file.read() ?? NOTHING_SAVED;
  let state = stateOf(saved, saved.secrets.length > 0 ? undefined : {});
  const { choice } = state;
  if (environment.wanted === choice.provider && choice.missing.length > 0) {
    throw new SmsProviderError(
      `SMS_PROVIDER=${choice.provider}, but ${PROVIDER_LABEL[choice.provider]} is not complete. Missing: ${choice.missing.join("; ")}. Set it, or SMS_PROVIDER=mock to go on without text messages.`,
    );
  }

  /** One after another, so that no save undoes another's half. */
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };

  const readyState = async (): Promise<State> => {
    if (!state.secrets) {
      await inTurn(async () => {
        if (!state.secrets) state = stateOf(state.saved, await readSecrets(needs.secrets, state.saved));
      });
    }
    return state;
  };
  /** Whoever sends, once it has its secrets. */
  const readySender = async (): Promise<State["sender"]> => {
    try {
      const { sender } = await readyState();
      return sender;
    } catch (cause) {
      throw new PairingError("secrets_unavailable", {
        sentence: `No text message can be sent: ${cause instanceof Error ? cause.message : "the saved secrets cannot be read."}`,
        cause,
      });
    }
  };

  const save = async (change: SmsSettingsChange): Promise<SmsSettings> => {
    refuseLocked(environment, change);
    const next = stateOf(changed(state.saved, change), state.secrets && changedSecrets(state.secrets, change));
    if (change.provider !== undefined && next.choice.missing.length > 0) {
      throw new PairingError("sms_settings_incomplete", {
        sentence: `${PROVIDER_LABEL[next.choice.provider]} cannot send yet. Missing: ${next.choice.missing.join("; ")}.`,
      });
    }
    await keepSecrets(needs.secrets, change);
    await file.write(next.saved).catch((cause: unknown) => {
      throw new PairingError("storage_unavailable", { cause });
    });
    state = next;
    log.info("text message provider set", { provider: next.choice.provider });
    return viewOf(needs, state);
  };

  return {
    get lines() {
      return linesOf(state.facts, state.choice);
    },
    sender: {
      get name() {
        return state.sender.name;
      },
      async send(message) {
        const sender = await readySender();
        const before = warningsOf(sender);
        try {
          return await sender.send(message);
        } finally {
          // Once, and not for each message.
          for (const warning of warningsOf(sender)) if (!before.includes(warning)) log.warn(warning, { provider: sender.name });
        }
      },
      readReport: async (report) => (await readySender()).readReport(report),
      pausedUntil: () => state.sender.pausedUntil(),
    },
    setup: {
      read: () => viewOf(needs, state),
      save: async (change) => inTurn(async () => save(change)),
      async tryConnection() {
        const sender = await readySender();
        if ("tryConnection" in sender) return sender.tryConnection();
        const { problem } = viewOf(needs, state);
        return {
          ok: false,
          provider: sender.name,
          sentence: problem ?? "Mock mode prints messages instead of sending them. Choose a provider first.",
        };
      },
    },
    async warmUp() {
      await readyState();
    },
  };
}

function warningsOf(sender: SmsSender | ProviderSms): readonly string[] {
  return "warnings" in sender ? sender.warnings() : [];
}

function linesOf(facts: SmsFacts, { provider, missing }: SmsChoice): string[] {
  if (missing.length > 0)
    return [`⚠ ${PROVIDER_LABEL[provider]} is chosen but not complete: no text message can be sent. Missing: ${missing.join("; ")}`];
  const half =
    facts.wanted === "auto" && isTwilioHalfSet(facts.twilio)
      ? [`⚠ Twilio is not complete, so it is not used. Missing: ${twilioMissing(facts.twilio).join("; ")}`]
      : [];
  switch (provider) {
    case "twilio":
      return ["✓ Twilio SMS provider configured"];
    case "sns":
      return [...half, "✓ AWS SNS provider configured"];
    case "mock":
      return [...half, "⚠ No SMS provider configured: MOCK mode"];
    default:
      return provider satisfies never;
  }
}

/** Where AWS's credentials and region come from, environment and files together. */
interface AwsFound {
  readonly region?: string;
  readonly source?: string;
  /** Set when the credentials are in a profile. */
  readonly profile?: string;
}

async function findAws({ region, source, files }: AwsInEnvironment): Promise<AwsFound> {
  const { profile } = files;
  const read = await readAwsProfile(files);
  const found = region ?? read.region;
  return {
    ...(found === undefined ? {} : { region: found }),
    ...(source !== undefined ? { source } : read.usable ? { source: `the AWS profile "${profile}"`, profile } : {}),
  };
}

function factsOf({ environment, askBeforeAws }: SmsDeskNeeds, found: AwsFound, saved: SavedSms, secrets: Secrets): SmsFacts {
  const { twilio, sns, aws } = environment;
  const keys = aws.keys ?? { accessKeyId: saved.access_key_id, secretAccessKey: secrets["aws-secret-access-key"] };
  return {
    wanted: environment.wanted ?? saved.provider ?? "auto",
    twilio: {
      accountSid: twilio.accountSid ?? saved.account_sid,
      authToken: twilio.authToken ?? secrets["twilio-auth-token"],
      apiKeySid: twilio.apiKeySid ?? saved.api_key_sid,
      apiKeySecret: twilio.apiKeySecret ?? secrets["twilio-api-key-secret"],
      phoneNumber: twilio.phoneNumber ?? saved.phone_number,
      messagingServiceSid: twilio.messagingServiceSid ?? saved.messaging_service_sid,
    },
    twilioBaseUrl: environment.twilioBaseUrl,
    sns: {
      region: aws.region ?? saved.region ?? found.region,
      // On a person's own computer even these are there for something else, until that person has said so.
      ...(aws.keys && !mayUseFound(environment, askBeforeAws, saved) ? {} : keys),
      senderId: sns.senderId ?? saved.sender_id,
      maxPrice: sns.maxPrice ?? saved.max_price,
    },
    awsSource: found.source,
    awsProfile: found.profile,
    awsEndpoint: aws.endpoint,
    awsAgreed: mayUseFound(environment, askBeforeAws, saved),
    instanceRole: environment.instanceRole,
  };
}

function mayUseFound(environment: SmsEnvironment, askBeforeAws: boolean, saved: SavedSms): boolean {
  return !askBeforeAws || environment.wanted === "sns" || saved.aws_agreed === true;
}

function viewOf(
  { environment, askBeforeAws, secrets }: SmsDeskNeeds,
  { saved, facts, choice, sender, secrets: known }: State,
): SmsSettings {
  const { twilio, sns, aws } = environment;
  const field = (said: string | undefined, kept: string | undefined): SettingField => ({
    value: said ?? kept ?? "",
    locked: said !== undefined,
  });
  const secret = (said: string | undefined, name: SmsSecret): SecretField => ({
    set: said !== undefined || (known ? name in known : saved.secrets.includes(name)),
    locked: said !== undefined,
  });
  const problem =
    choice.missing.length > 0 ? `${PROVIDER_LABEL[choice.provider]} cannot send yet. Missing: ${choice.missing.join("; ")}.` : undefined;
  return {
    provider: { value: facts.wanted, locked: environment.wanted !== undefined },
    active: choice.provider,
    ...(problem === undefined ? {} : { problem }),
    twilio: {
      accountSid: field(twilio.accountSid, saved.account_sid),
      authToken: secret(twilio.authToken, "twilio-auth-token"),
      apiKeySid: field(twilio.apiKeySid, saved.api_key_sid),
      apiKeySecret: secret(twilio.apiKeySecret, "twilio-api-key-secret"),
      phoneNumber: field(twilio.phoneNumber, saved.phone_number),
      messagingServiceSid: field(twilio.messagingServiceSid, saved.messaging_service_sid),
      missing: twilioMissing(facts.twilio),
    },
    sns: {
      region: field(aws.region, facts.sns.region),
      accessKeyId: field(aws.keys?.accessKeyId, saved.access_key_id),
      secretAccessKey: secret(aws.keys?.secretAccessKey, "aws-secret-access-key"),
      senderId: field(sns.senderId, saved.sender_id),
      maxPrice: field(sns.maxPrice, saved.max_price),
      missing: snsMissing(facts),
      ...(facts.awsSource === undefined ? {} : { found: facts.awsSource }),
      agreed: mayUseFound(environment, askBeforeAws, saved),
    },
    warnings: warningsOf(sender),
    secretsIn: secrets.kind,
  };
}

/** A field that the environment says cannot be changed from the page: it would seem changed, and not be. */
function refuseLocked({ wanted, twilio, sns, aws }: SmsEnvironment, change: SmsSettingsChange): void {
  const locked: Record<Exclude<keyof SmsSettingsChange, "awsAgreed">, boolean> = {
    provider: wanted !== undefined,
    accountSid: twilio.accountSid !== undefined,
    authToken: twilio.authToken !== undefined,
    apiKeySid: twilio.apiKeySid !== undefined,
    apiKeySecret: twilio.apiKeySecret !== undefined,
    phoneNumber: twilio.phoneNumber !== undefined,
    messagingServiceSid: twilio.messagingServiceSid !== undefined,
    region: aws.region !== undefined,
    accessKeyId: aws.keys !== undefined,
    secretAccessKey: aws.keys !== undefined,
    senderId: sns.senderId !== undefined,
    maxPrice: sns.maxPrice !== undefined,
  };
  for (const [name, isLocked] of Object.entries(locked)) {
    if (isLocked && change[name as keyof SmsSettingsChange] !== undefined) throw new PairingError("setting_locked");
  }
}

function changed(saved: SavedSms, change: SmsSettingsChange): SavedSms {
  const next: SavedSms = {
    provider: change.provider ?? saved.provider,
    account_sid: change.accountSid ?? saved.account_sid,
    api_key_sid: change.apiKeySid ?? saved.api_key_sid,
    phone_number: change.phoneNumber ?? saved.phone_number,
    messaging_service_sid: change.messagingServiceSid ?? saved.messaging_service_sid,
    region: change.region ?? saved.region,
    access_key_id: change.accessKeyId ?? saved.access_key_id,
    sender_id: change.senderId ?? saved.sender_id,
    max_price: change.maxPrice ?? saved.max_price,
    aws_agreed: change.awsAgreed ?? saved.aws_agreed,
    secrets: SECRETS.flatMap(([name, field]) => ((change[field] ?? (saved.secrets.includes(name) ? "kept" : "")) === "" ? [] : [name])),
  };
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== "" && value !== undefined)) as SavedSms;
}

const SECRETS = [
  ["twilio-auth-token", "authToken"],
  ["twilio-api-key-secret", "apiKeySecret"],
  ["aws-secret-access-key", "secretAccessKey"],
] as const satisfies readonly (readonly [SmsSecret, keyof SmsSettingsChange])[];

function changedSecrets(secrets: Secrets, change: SmsSettingsChange): Secrets {
  const next = SECRETS.map(([name, field]) => [name, change[field] ?? secrets[name] ?? ""] as const);
  return Object.fromEntries(next.filter(([, secret]) => secret !== ""));
}

async function readSecrets(store: SecretStore, saved: SavedSms): Promise<Secrets> {
  const read = await Promise.all(saved.secrets.map(async (name) => [name, await store.get(name)] as const));
  return Object.fromEntries(read.filter(([, secret]) => secret !== undefined));
}

async function keepSecrets(store: SecretStore, change: SmsSettingsChange): Promise<void> {
  try {
    for (const [name, field] of SECRETS) {
      const given = change[field];
      if (given === "") await store.remove(name);
      else if (given !== undefined) await store.set(name, given);
    }
  } catch (cause) {
    throw new PairingError("secrets_unavailable", { note: cause instanceof Error ? cause.name : "not an error", cause });
  }
}
