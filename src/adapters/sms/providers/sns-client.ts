import type * as ClientSns from "@aws-sdk/client-sns";
import { messageOf } from "../../../base/message-of.ts";
import { present } from "../../../base/present.ts";
import { PairingError, type SmsTried } from "../../../core/index.ts";
import { say } from "../../../words/say.ts";
import { OutgoingAgent, watchConnection } from "../../system/outgoing.ts";
import { within } from "../../system/within.ts";
import { type FaultFacts, smsFault, triedInVain } from "../fault.ts";
import { sendWithoutRefused } from "./optional-parameters.ts";
import type { ProviderSms } from "./provider.ts";
import { SNS, snsFault } from "./sns-faults.ts";

export interface SnsAccount {
  readonly region: string;
  /** Absent: the SDK finds them where the profile or the environment says. */
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string } | undefined;
  readonly profile?: string | undefined;
  /** The network may be asked for the machine's own credentials. */
  readonly instanceRole: boolean;
  readonly senderId?: string | undefined;
  readonly maxPrice?: string | undefined;
  readonly endpoint?: string | undefined;
}

export interface SnsTimes {
  readonly connect: number;
  readonly answer: number;
  /** For everything, finding the credentials included. */
  readonly whole: number;
}

const TIMES: SnsTimes = { connect: 3000, answer: 8000, whole: 10_000 };

/** Text messages by the AWS SDK, which is loaded at the first of them. */
export function createSnsSms(account: SnsAccount, times: SnsTimes = TIMES): ProviderSms {
  let client: Promise<Connected> | undefined;
  const connect = (): Promise<Connected> => (client ??= createClient(account, times));
  /** Optional attributes that AWS refused. What a person set as a limit is never among them. */
  const left = new Set<Attribute>();

  const publish = async ({ sdk, sns }: Connected, to: string, text: string): Promise<string | undefined> => {
    const attributes = new Map(Object.entries(attributesOf(account)).filter(([name]) => !left.has(name as Attribute)));
    const send = async () => {
      const command = new sdk.PublishCommand({ PhoneNumber: to, Message: text, MessageAttributes: Object.fromEntries(attributes) });
      return watchConnection(async () => sns.send(command, { abortSignal: AbortSignal.timeout(times.whole) }));
    };
    const leave = (option: Attribute): void => void left.add(option);
    const { MessageId } = await sendWithoutRefused(attributes as Map<Attribute, unknown>, send, refusedAttribute, leave);
    return MessageId;
  };

  return {
    name: SNS.id,
    label: SNS.label,
    mayReportUnknown: false,
    reportPath: "/phone/sms/status/sns/",
    warnings: () => [...left].map((option) => say(LEFT_OUT[option])),
    async send({ to, text }) {
      let messageId: string | undefined;
      try {
        const connected = await connect();
        await findCredentials(connected.sns, account, times);
        messageId = await publish(connected, to, text);
      } catch (thrown) {
        throw errorOf(thrown);
      }
      if (messageId === undefined) throw smsFault(SNS, "outcome_unknown", { note: "no message id" });
      // SNS has no word about a single message afterwards.
      return { kind: "handed_over", more: false };
    },

    readReport: async () => Promise.reject(new PairingError("bad_signature")),

    async tryConnection() {
      try {
        return await tryAccount(await connect(), account, times);
      } catch (thrown) {
        return triedInVain(SNS, errorOf(thrown));
      }
    },
    pausedUntil: () => undefined,
  };
}

function errorOf(thrown: unknown): PairingError {
  return thrown instanceof PairingError ? (thrown as PairingError) : snsFault(thrown);
}

async function tryAccount({ sdk, sns }: Connected, account: SnsAccount, times: SnsTimes): Promise<SmsTried> {
  await findCredentials(sns, account, times);
  const { IsInSandbox: sandbox } = await sns.send(new sdk.GetSMSSandboxAccountStatusCommand({}), {
    abortSignal: AbortSignal.timeout(times.whole),
  });
  return {
    ok: true,
    provider: SNS.id,
    sentence: say(sandbox ? "sms.snsSandbox" : "sms.snsKnown"),
  };
}

type Sdk = typeof ClientSns;
interface Connected {
  readonly sdk: Sdk;
  readonly sns: InstanceType<Sdk["SNSClient"]>;
}

async function createClient(account: SnsAccount, { connect, answer }: SnsTimes): Promise<Connected> {
  // Where there are no credentials the SDK would ask a metadata address for them, at every message, for seconds or for ever.
  if (!account.instanceRole) process.env["AWS_EC2_METADATA_DISABLED"] ??= "true";
  // That it will need a newer Node.js one day matters when it is updated, and the lockfile holds it until then.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  // CommonJS: bundled, it has a default export and no other.
  const loaded = (await import("@aws-sdk/client-sns")) as Sdk & { readonly default?: Sdk };
  const sdk = loaded.default ?? loaded;
  const { defaultProvider } = await import("@aws-sdk/credential-provider-node");
  const agent = new OutgoingAgent();
  const requestHandler = {
    connectionTimeout: connect,
    requestTimeout: answer,
    // Without it the SDK logs that time is over and waits on.
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
  };
  const named = present({ profile: account.profile });
  const sns = new sdk.SNSClient({
    region: account.region,
    // Requests for credentials (SSO, STS) go the same way; by itself the SDK would send them past a proxy.
    credentials: account.keys ?? defaultProvider({ ...named, clientConfig: { requestHandler } }),
    ...named,
    ...present({ endpoint: account.endpoint }),
    // Of the SDK's own tries any may have sent the message.
    maxAttempts: 1,
    requestHandler,
    customUserAgent: "TopDog",
  });
  return { sdk, sns };
}

/** Before anything is sent, so that what goes wrong here is no unknown outcome. The SDK's own search has no end of its own. */
async function findCredentials(sns: Connected["sns"], { profile }: SnsAccount, { whole }: SnsTimes): Promise<void> {
  try {
    await within(whole, sns.config.credentials(), () => {
      throw new Error("no credentials in time");
    });
  } catch (thrown) {
    throw smsFault(SNS, "credentials", {
      note: thrown instanceof Error ? thrown.name : "not an error",
      params: credentialsParams(thrown, profile),
    });
  }
}

/** The SDK names the command that signs in again; of its words nothing else is shown. */
function credentialsParams(thrown: unknown, profile: string | undefined): NonNullable<FaultFacts["params"]> {
  const message = messageOf(thrown, "");
  const named = profile === undefined || profile === "default" ? "" : ` --profile ${profile}`;
  if (/aws sso login/i.test(message)) return { reason: "aws_not_signed_in", command: `aws sso login${named}` };
  // Not all of its words about `aws login` name the command.
  if (/aws login|re-?authenticate|failed to (load|refresh) token|token validation failed/i.test(message))
    return { reason: "aws_not_signed_in", command: `aws login${named}` };
  return { reason: "aws_no_credentials" };
}

type Attribute = "AWS.SNS.SMS.SenderID" | "AWS.SNS.SMS.SMSType";
const LEFT_OUT = {
  "AWS.SNS.SMS.SenderID": "sms.snsNoSenderId",
  "AWS.SNS.SMS.SMSType": "sms.snsNoType",
} as const satisfies Record<Attribute, string>;

function refusedAttribute(thrown: unknown): Attribute | undefined {
  if (!(thrown instanceof Error) || !/^(InvalidParameter|ParameterValueInvalid)/.test(thrown.name)) return undefined;
  if (/Sender\s?ID/i.test(thrown.message)) return "AWS.SNS.SMS.SenderID";
  return /SMSType/i.test(thrown.message) ? "AWS.SNS.SMS.SMSType" : undefined;
}

function attributesOf({ senderId, maxPrice }: SnsAccount) {
  const text = (value: string) => ({ DataType: "String", StringValue: value });
  return {
    "AWS.SNS.SMS.SMSType": text("Transactional"),
    ...(senderId === undefined ? {} : { "AWS.SNS.SMS.SenderID": text(senderId) }),
    ...(maxPrice === undefined ? {} : { "AWS.SNS.SMS.MaxPrice": { DataType: "Number", StringValue: maxPrice } }),
  };
}
