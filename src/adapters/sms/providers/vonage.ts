import { createHash } from "node:crypto";
import http from "node:http";
import https from "node:https";
import { json } from "node:stream/consumers";
import * as z from "zod";
import { present } from "../../../base/present.ts";
import { PairingError, type SignedReport, type SmsReport, type SmsTried } from "../../../core/index.ts";
import { say } from "../../../words/say.ts";
import { OutgoingAgent, watchConnection } from "../../system/outgoing.ts";
import { smsFault, smsReport, triedInVain } from "../fault.ts";
import { sendWithoutRefused } from "./optional-parameters.ts";
import { CREDENTIAL } from "./patterns.ts";
import type { ProviderSms, SmsProvider } from "./provider.ts";
import { canBeReached } from "./reachable.ts";
import { lostBy, VONAGE, VonageRejection, vonageFault } from "./vonage-faults.ts";

/** Vonage's Messages API, version 1 (https://developer.vonage.com/en/api/messages). */
export const vonage: SmsProvider = {
  ...VONAGE,
  configured: () => say("sms.vonageConfigured"),
  fields: [
    {
      name: "api_key",
      variable: "VONAGE_API_KEY",
      called: () => say("sms.vonageApiKey"),
      pattern: /^[0-9A-Za-z]{4,64}$/,
      rule: () => say("sms.vonageApiKeyRule"),
      orFile: true,
    },
    {
      name: "api_secret",
      variable: "VONAGE_API_SECRET",
      called: () => say("sms.vonageApiSecret"),
      ...CREDENTIAL,
      secret: "vonage-api-secret",
    },
    {
      name: "sender",
      variable: "VONAGE_SENDER",
      called: () => say("sms.vonageSender"),
      pattern: /^(\+?[1-9]\d{6,14}|\d{4,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/,
      rule: () => say("sms.senderRule"),
      personal: true,
      orFile: true,
    },
    {
      name: "signature_secret",
      variable: "VONAGE_SIGNATURE_SECRET",
      called: () => say("sms.vonageSignatureSecret"),
      ...CREDENTIAL,
      secret: "vonage-signature-secret",
    },
  ],
  needs: [{ anyOf: [["api_key"]] }, { anyOf: [["api_secret"]] }, { anyOf: [["sender"]] }],
  address: {
    variable: "PAIRING_VONAGE_BASE_URL",
    defaultValue: "https://api.nexmo.com",
  },
  reports: { with: "signature_secret" },
  // Vonage's prices are per destination network, and no list of them is part of this program.
  price: () => undefined,
  atHand: ({ fields, addresses }) => ({
    given: fields[VONAGE.id] ?? {},
    connect: ({ api_key = "", api_secret = "", sender = "", signature_secret }) =>
      createVonageSms({
        apiKey: api_key,
        apiSecret: api_secret,
        sender,
        signatureSecret: signature_secret,
        baseUrl: addresses[VONAGE.id],
      }),
  }),
};

export interface VonageAccount {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly sender: string;
  readonly signatureSecret?: string | undefined;
  /** In place of Vonage's own. */
  readonly baseUrl?: string | undefined;
}

const MESSAGES = "https://api.nexmo.com";
/** The account's balance is asked for there, which costs nothing and shows whether the credentials are known. */
const ACCOUNT = "https://rest.nexmo.com";
const TIMEOUT = 8000;
/** Vonage's bounds for `ttl`, in seconds. */
const TTL = { least: 20, most: 604_800 };
const Taken = z.object({ message_uuid: z.string().min(1).max(100) });
const Problem = z.object({ type: z.string().max(300), detail: z.string().optional() });

export function createVonageSms(account: VonageAccount, timeout = TIMEOUT): ProviderSms {
  const { sender, signatureSecret, baseUrl } = account;
  const ask = async (url: string, body?: object): Promise<unknown> => askVonage(account, url, body, timeout);
  /** What Vonage refused of a message that it takes without it. */
  const left = new Set<Option>();

  return {
    name: VONAGE.id,
    label: VONAGE.label,
    mayReportUnknown: signatureSecret !== undefined,
    reportPath: "/phone/sms/status/vonage/",
    warnings: () => [...left].map(warningOf),

    async send({ to, text, validSeconds, reportTo }) {
      const options = new Map<Option, string | number>();
      if (!left.has("ttl")) options.set("ttl", Math.min(TTL.most, Math.max(TTL.least, validSeconds)));
      if (signatureSecret !== undefined && !left.has("webhook_url") && canBeReached(reportTo, baseUrl)) {
        options.set("webhook_url", reportTo);
      }
      const send = async (): Promise<unknown> =>
        ask(`${baseUrl ?? MESSAGES}/v1/messages`, {
          ...{ message_type: "text", channel: "sms", to: withoutPlus(to), from: withoutPlus(sender), text },
          ...Object.fromEntries(options),
          ...(options.has("webhook_url") ? { webhook_version: "v1" } : {}),
        });
      const leave = (option: Option): void => void left.add(option);
      const answer = await sendWithoutRefused(options, send, refusedOption, leave).catch((thrown: unknown) => {
        throw vonageFault(thrown);
      });
      if (!Taken.safeParse(answer).success) throw smsFault(VONAGE, "outcome_unknown", { note: "no message id" });
      return { kind: "handed_over", more: options.has("webhook_url") };
    },

    readReport: async (report) => readReport(account, report),

    async tryConnection(): Promise<SmsTried> {
      try {
        await ask(`${baseUrl ?? ACCOUNT}/account/get-balance`);
        return { ok: true, provider: VONAGE.id, sentence: say("sms.vonageKnown") };
      } catch (thrown) {
        return triedInVain(VONAGE, vonageFault(thrown));
      }
    },

    pausedUntil: () => undefined,
  };
}

async function readReport({ apiKey, signatureSecret }: VonageAccount, { headers, body }: SignedReport): Promise<SmsReport | undefined> {
  const [, token] = /^Bearer\s+(\S+)$/i.exec(headers["authorization"] ?? "") ?? [];
  if (signatureSecret === undefined || token === undefined) throw new PairingError("bad_signature");
  const { jwtVerify } = await import("jose");
  // https://developer.vonage.com/en/getting-started/concepts/webhooks: an HS256 token whose claim is the hash of the body.
  const claims = await jwtVerify(token, new TextEncoder().encode(signatureSecret), {
    algorithms: ["HS256"],
    clockTolerance: "5m",
    // Vonage repeats what was not taken for a day.
    maxTokenAge: "25h",
  }).then(
    ({ payload }) => payload,
    () => undefined,
  );
  const hash = createHash("sha256").update(body).digest("hex");
  const isOurs = claims !== undefined && (claims["api_key"] === undefined || claims["api_key"] === apiKey);
  if (!isOurs || String(claims["payload_hash"]).toLowerCase() !== hash) throw new PairingError("bad_signature");
  return reportOf(body);
}

type Option = "ttl" | "webhook_url";

function warningOf(refused: Option): string {
  return refused === "ttl" ? say("sms.noValidity", { provider: VONAGE.label }) : say("sms.vonageNoReports");
}

function refusedOption(thrown: unknown): Option | undefined {
  if (!(thrown instanceof VonageRejection) || thrown.status < 400 || thrown.status >= 500) return undefined;
  if (thrown.code === "1130" || /\bttl\b/i.test(thrown.detail)) return "ttl";
  return /webhook[_ ]?(url|version)/i.test(thrown.detail) ? "webhook_url" : undefined;
}

/** Vonage writes numbers without it. */
function withoutPlus(number: string): string {
  return number.replace(/^\+(?=\d)/, "");
}

/** One request and never a second one. Rejects with {@link VonageRejection} for every answer that is not what was asked for. */
async function askVonage({ apiKey, apiSecret }: VonageAccount, url: string, body: object | undefined, timeout: number): Promise<unknown> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const { status, answer } = await watchConnection(
    async () =>
      new Promise<{ status: number; answer: unknown }>((resolve, reject) => {
        const request = (url.startsWith("http:") ? http : https).request(url, {
          method: text === undefined ? "GET" : "POST",
          agent: new OutgoingAgent(),
          signal: AbortSignal.timeout(timeout),
          headers: {
            accept: "application/json",
            authorization: `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString("base64")}`,
            "user-agent": "TopDog",
            ...(text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
          },
        });
        request.on("error", reject);
        request.on("response", (response) => {
          const { statusCode = 0 } = response;
          json(response).then(
            (value) => resolve({ status: statusCode, answer: value }),
            (cause: unknown) => {
              if (cause instanceof SyntaxError) resolve({ status: statusCode, answer: undefined });
              else reject(cause instanceof Error ? cause : new Error("the answer broke off"));
            },
          );
        });
        request.end(text);
      }),
  );
  if (status >= 200 && status < 300 && answer !== undefined) return answer;
  const problem = Problem.safeParse(answer).data;
  const code = problem && /[#/]([\w-]{1,40})$/.exec(problem.type)?.[1];
  throw new VonageRejection(status, code, problem?.detail ?? "");
}

const Report = z.object({
  status: z.string(),
  to: z.string().max(40).optional(),
  error: z.object({ type: z.string().optional(), title: z.union([z.string(), z.number()]).optional() }).optional(),
});
const STATES: ReadonlyMap<string, SmsReport["state"]> = new Map(
  Object.entries({
    submitted: "sent",
    delivered: "delivered",
    read: "delivered",
    undeliverable: "undelivered",
    rejected: "failed",
  } as const),
);

/** `undefined`: it says nothing about what became of a message. */
function reportOf(body: string): SmsReport | undefined {
  const report = Report.safeParse(JSON.parse(body.replace(/^\ufeff/, ""))).data;
  const state = STATES.get(report?.status ?? "");
  if (state === undefined) return undefined;
  const code = /#(\d{1,6})$/.exec(report?.error?.type ?? "")?.[1] ?? /^\d{1,6}$/.exec(String(report?.error?.title ?? ""))?.[0];
  // The signature is of the body alone: another message's report could be sent here.
  const to = report?.to === undefined ? undefined : `+${report.to}`;
  return { ...smsReport(VONAGE, state, code, lostBy), ...present({ to }) };
}
