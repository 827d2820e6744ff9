import { readFileSync } from "node:fs";
import type { AgentOptions } from "node:https";
import type { Twilio as TwilioClient } from "twilio";
import { PairingError, type SmsReport, type SmsTried } from "../../../core/index.ts";
import { say } from "../../../words/say.ts";
import { OutgoingAgent, watchConnection } from "../../system/outgoing.ts";
import { smsFault, smsReport, triedInVain } from "../fault.ts";
import { sendWithoutRefused } from "./optional-parameters.ts";
import type { ProviderSms } from "./provider.ts";
import { canBeReached } from "./reachable.ts";
import { lostBy, type Option, refusedOption, TWILIO, twilioFault } from "./twilio-faults.ts";

export interface TwilioAccount {
  readonly accountSid: string;
  /** Signs delivery reports, and asks for messages where there is no API key. */
  readonly authToken?: string | undefined;
  readonly apiKey?: { readonly sid: string; readonly secret: string } | undefined;
  readonly sender: { readonly from: string } | { readonly messagingServiceSid: string };
  /** In place of Twilio's own. */
  readonly baseUrl?: string | undefined;
}

const TIMEOUT = 8000;
/** Twilio's bounds for ValidityPeriod, in seconds. */
const MAX_VALIDITY_SECONDS = 36_000;
const OWN_HOST = /^api(\.[a-z0-9-]+){0,2}\.twilio\.com$/;
const MESSAGE_SID = /^(SM|MM)[0-9a-fA-F]{32}$/;

/** Text messages by Twilio's own client, which is loaded at the first of them. */
export function createTwilioSms(account: TwilioAccount, timeout = TIMEOUT): ProviderSms {
  let client: Promise<TwilioClient> | undefined;
  const connect = (): Promise<TwilioClient> => (client ??= createClient(account, timeout));
  /** What Twilio refused of a message that it takes without it. Of an address for reports it is the origin: another may be taken. */
  const left = new Set<string>();

  return {
    name: TWILIO.id,
    label: TWILIO.label,
    mayReportUnknown: true,
    reportPath: "/phone/sms/status/",
    warnings: () => [...left].map(warningOf),
    async send({ to, text, validSeconds, reportTo }) {
      const { origin } = new URL(reportTo);
      const options = new Map<Option, string | number>();
      if (!left.has("validityPeriod")) options.set("validityPeriod", Math.min(MAX_VALIDITY_SECONDS, validSeconds));
      if (account.authToken !== undefined && !left.has(origin) && canBeReached(reportTo, account.baseUrl))
        options.set("statusCallback", reportTo);

      const send = async (): Promise<unknown> => {
        const { messages } = await connect();
        const wanted = { to, body: text, ...account.sender, ...Object.fromEntries(options) };
        const { sid } = await watchConnection(async () => messages.create(wanted));
        return sid;
      };
      const leave = (option: Option): void => void left.add(option === "statusCallback" ? origin : option);
      const sid = await sendWithoutRefused(options, send, refusedOption, leave).catch((thrown: unknown) => {
        throw twilioFault(thrown);
      });
      // "Yes" in words that are not Twilio's: it may have been somebody else's.
      if (typeof sid !== "string" || !MESSAGE_SID.test(sid)) throw smsFault(TWILIO, "outcome_unknown", { note: "no message id" });
      return { kind: "handed_over", more: options.has("statusCallback") };
    },

    async readReport({ addresses, headers, body }) {
      const { authToken } = account;
      const signature = headers["x-twilio-signature"] ?? "";
      if (authToken === undefined) throw new PairingError("bad_signature");
      const fields = Object.fromEntries(new URLSearchParams(body));
      const { default: webhooks } = await import("twilio/lib/webhooks/webhooks.js");
      if (!addresses.some((address) => webhooks.validateRequest(authToken, signature, address, { ...fields }))) {
        throw new PairingError("bad_signature");
      }
      return reportOf(fields);
    },

    async tryConnection() {
      try {
        return await tryAccount(account, await connect());
      } catch (thrown) {
        return triedInVain(TWILIO, twilioFault(thrown));
      }
    },

    pausedUntil: () => undefined,
  };
}

function warningOf(refused: string): string {
  return refused === "validityPeriod" ? say("sms.noValidity", { provider: TWILIO.label }) : say("sms.twilioNoReports", { origin: refused });
}

async function createClient({ accountSid, authToken, apiKey, baseUrl }: TwilioAccount, timeout: number): Promise<TwilioClient> {
  const { default: twilio } = await import("twilio");

  /** Asks Twilio, or what stands in for it, and nobody else. A request ends after `timeout` however slowly it is answered. */
  class OneHostClient extends twilio.RequestClient {
    constructor() {
      // A connection that was kept may be closed by the other side just when it is used: nobody would know whether the message went.
      super({ timeout, keepAlive: false });
      // In place of its own, which read HTTP_PROXY alone, and for Twilio's own address too.
      const bundle = process.env["TWILIO_CA_BUNDLE"];
      const options: AgentOptions = bundle === undefined ? {} : { ca: readFileSync(bundle) };
      const agent = new OutgoingAgent(options);
      this.axios.interceptors.request.use((config) => ({
        ...config,
        proxy: false,
        httpAgent: agent,
        httpsAgent: agent,
        signal: AbortSignal.timeout(timeout),
      }));
    }
    override request: InstanceType<typeof twilio.RequestClient>["request"] = async (options) => {
      const { hostname, pathname, search } = new URL(options.uri);
      if (!OWN_HOST.test(hostname)) throw new Error("no host of Twilio's API");
      return super.request(baseUrl === undefined ? options : { ...options, uri: baseUrl + pathname + search });
    };
  }

  const [user, password] = apiKey ? [apiKey.sid, apiKey.secret] : [accountSid, authToken];
  return twilio(user, password, {
    accountSid,
    timeout,
    autoRetry: false,
    // Its debug level prints messages.
    logLevel: "none",
    userAgentExtensions: ["TopDog"],
    httpClient: new OneHostClient(),
  });
}

/** An API key may not read the account, but the messages that it sends. */
async function tryAccount({ accountSid, apiKey }: TwilioAccount, client: TwilioClient): Promise<SmsTried> {
  if (apiKey) {
    await client.messages.page({ pageSize: 1 });
    return { ok: true, provider: "twilio", sentence: say("sms.twilioKnowsKey") };
  }
  const { status, type, friendlyName } = await client.api.v2010.accounts(accountSid).fetch();
  const named = typeof friendlyName === "string" && friendlyName !== "" ? ` "${friendlyName.slice(0, 64)}"` : "";
  if (status !== "active") {
    return { ok: false, provider: "twilio", sentence: say("sms.twilioInactive", { named }) };
  }
  return {
    ok: true,
    provider: "twilio",
    sentence: say(type === "Trial" ? "sms.twilioTrial" : "sms.twilioKnowsAccount", { named }),
  };
}

const STATES: ReadonlyMap<string, SmsReport["state"]> = new Map(
  Object.entries({
    accepted: "handed_over",
    scheduled: "handed_over",
    queued: "handed_over",
    sending: "handed_over",
    sent: "sent",
    delivered: "delivered",
    read: "delivered",
    undelivered: "undelivered",
    failed: "failed",
    canceled: "failed",
  } as const),
);

function reportOf({ MessageStatus = "", ErrorCode }: Readonly<Record<string, string>>): SmsReport | undefined {
  const state = STATES.get(MessageStatus);
  if (state === undefined) return undefined;
  const code = ErrorCode !== undefined && /^\d{1,6}$/.test(ErrorCode) ? ErrorCode : undefined;
  return smsReport(TWILIO, state, code, lostBy);
}
