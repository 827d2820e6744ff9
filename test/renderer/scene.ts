import type { AnswerOf, InputOf } from "../../src/contract/operations.ts";
import { DAY, MINUTE, SECOND } from "../../src/core/index.ts";
import { signReport, type TwilioDouble } from "../doubles/twilio.ts";
import type { Server } from "./server.ts";

type Accepting = InputOf<"acceptInvite">;

/** A phone, as it describes itself. */
export interface PhoneChoice extends Partial<Pick<Accepting, "device_id" | "device_name" | "device_type" | "os_version">> {
  readonly user_id?: string;
  readonly level?: InputOf<"sendInvite">["level"];
  readonly paired_via?: "sms" | "qr";
  readonly status?: "active" | "suspended" | "revoked";
  /** A program has invited it, and nobody has confirmed it. */
  readonly confirmed?: false;
}

export interface InviteChoice extends Partial<InputOf<"sendInvite">> {
  /** Milliseconds. */
  readonly ago?: number;
}

export interface SentInvite {
  readonly code: string;
  readonly session_id: string;
}

const WINDOW = { callerClass: "window", caller: { ua: "desktop" } } as const;
const PROGRAM = { callerClass: "local", caller: { ua: "curl/8.14" } } as const;
/** An iPhone's browser. */
const PHONE = {
  callerClass: "anonymous",
  caller: {
    ip: "203.0.113.7",
    ua: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  },
} as const;

/** Settings of a server that may send as many links as a test has phones. */
export const MANY_PHONES = { PAIRING_SMS_PER_DAY: "10000" } as const;

const NUMBER = "+14155552671";

/** What people, phones and programs do, by the operations that they have for it. */
export function createScene(server: Server, twilio: TwilioDouble) {
  let count = 0;
  /** By device id. */
  const tokens = new Map<string, string>();

  const invites = async (): Promise<AnswerOf<"findInvites">["invites"]> => (await server.as(WINDOW, "findInvites", {})).invites;

  const waiting = async (): Promise<AnswerOf<"findInvites">["invites"][number]> => {
    const found = (await invites()).find(({ status }) => status === "pending");
    if (found?.invite_code === undefined) throw new Error("no invite waits for a phone");
    return found;
  };

  /** By a text message to a number that had none before; `mustConfirm`: a program sends it. */
  const send = async ({ ago = 0, ...part }: InviteChoice, program = false): Promise<string> => {
    server.clock.move(-ago);
    const input = { phone_number: NUMBER, user_id: "john", user_name: "John Doe", ...part };
    const { invite_code } = await server.as(program ? PROGRAM : WINDOW, "sendInvite", input);
    server.clock.move(ago);
    return invite_code;
  };

  const accept = async (
    code: string,
    method: "sms" | "qr",
    part: PhoneChoice = {},
    otp_code = "012345",
  ): Promise<{ readonly digits?: string }> => {
    count += 1;
    const phone = {
      device_id: part.device_id ?? `device-${count}`,
      device_name: part.device_name ?? "John's iPhone",
      device_type: part.device_type ?? "ios",
      os_version: part.os_version ?? "iOS 18.6",
      app_version: "web",
    };
    const answer =
      method === "qr"
        ? await server.as(PHONE, "pairByQr", { pairing_token: code, otp_code, ...phone })
        : await server.as(PHONE, "acceptInvite", { invite_code: code, ...phone });
    if ("jwt_token" in answer) tokens.set(phone.device_id, answer.jwt_token);
    return answer as { readonly digits?: string };
  };

  /** One that had no message before. */
  const nextNumber = (): string => `+1415556${String(1000 + count).slice(-4)}`;

  const pair = async ({ status, confirmed, ...part }: PhoneChoice = {}): Promise<void> => {
    const { user_id = "john", level = "command" } = part;
    const invited = { user_id, user_name: "John Doe", level };
    const { digits } =
      part.paired_via === "qr"
        ? await accept((await server.as(WINDOW, "generateQr", invited)).pairing_token, "qr", part)
        : await accept(await send({ ...invited, phone_number: nextNumber() }, confirmed === false), "sms", part);
    if (digits !== undefined) await server.as(WINDOW, "confirmClaim", { digits });
    const device = { device_id: part.device_id ?? `device-${count}`, user_id };
    if (status === "suspended") await server.as(WINDOW, "suspendDevice", device);
    if (status === "revoked") await server.as(WINDOW, "revokeDevice", device);
  };

  const byPhone = async (deviceId: string) =>
    ({ ...PHONE, callerClass: "phone", device: await server.pairing().authenticateDevice(tokens.get(deviceId)) }) as const;

  return {
    twilio,
    invites,
    pair,
    byPhone,
    /** Phones that were paired some time ago, a second apart: the first one is the newest. */
    async havePhones(phones: readonly PhoneChoice[], ago = DAY): Promise<void> {
      // As they would be numbered in this order.
      const named = phones.map((phone, place) => ({ device_id: `device-${place + 1}`, ...phone }));
      server.clock.move(-ago);
      for (const phone of named.toReversed()) {
        await pair(phone);
        server.clock.move(SECOND);
      }
      server.clock.move(ago - named.length * SECOND);
      // The page is opened long after their alerts.
      server.restart();
    },
    /** Sends a link. */
    async invite(part: InviteChoice = {}): Promise<SentInvite> {
      const code = await send(part);
      return { code, session_id: (await invites()).find(({ invite_code }) => invite_code === code)?.session_id ?? "" };
    },
    /** A phone follows the newest waiting link and accepts; where it has to be confirmed, this answers its digits. */
    async accept(part: PhoneChoice = {}): Promise<string | undefined> {
      const { invite_code = "", method } = await waiting();
      return (await accept(invite_code, method, part)).digits;
    },
    /** The same by this link. */
    acceptBy: async (code: string, part: PhoneChoice = {}): Promise<string | undefined> => (await accept(code, "sms", part)).digits,
    /** A person opens the newest waiting link on a phone. */
    async openLink(): Promise<void> {
      await server.as(PHONE, "noteOpened", { code: (await waiting()).invite_code ?? "" });
    },
    /** One link of each kind: one that waits, one with a former address, and one that may not have been sent. With Twilio set up. */
    async inviteInAllWays(): Promise<void> {
      const base_url = (await server.as(WINDOW, "reachability", {})).base_url.value;
      await server.as(WINDOW, "saveReachability", { base_url: "https://former.example.com" });
      await send({ phone_number: "+442079460958" });
      await server.as(WINDOW, "saveReachability", { base_url });
      twilio.answer(NUMBER, "garbage 201");
      await send({}).catch(() => undefined);
      twilio.answer(NUMBER);
      // The others are sent by nobody.
      await server.as(WINDOW, "saveSmsSettings", { provider: "mock" });
      await send({});
    },
    async decline(): Promise<void> {
      await server.as(PHONE, "declineInvite", { invite_code: (await waiting()).invite_code ?? "" });
    },
    /** A phone sends a wrong one-time password for the newest QR code. */
    async guessPassword(): Promise<void> {
      const { invite_code = "" } = await waiting();
      await accept(invite_code, "qr", {}, "999999").catch(() => undefined);
    },
    /** A program sends wrong admin tokens, until it has to wait. */
    async guessAdminToken(): Promise<void> {
      const guesser = { caller: { ip: "127.0.0.1" }, key: "127.0.0.1" };
      for (let failed = false; !failed; )
        await server
          .pairing()
          .tryAdminToken(guesser, false)
          .catch(() => {
            failed = true;
          });
    },
    /** The screen of another window changes something. */
    elsewhere: async <N extends Parameters<Server["as"]>[1]>(name: N, input: InputOf<N>): Promise<AnswerOf<N>> =>
      server.as(WINDOW, name, input),
    /** An IDE asks for an approval. */
    async requestApproval(part: Partial<InputOf<"requestApproval">> = {}): Promise<AnswerOf<"requestApproval">> {
      return server.as(PROGRAM, "requestApproval", {
        build_id: "build-1",
        project_name: "web-shop",
        plan: "1. Migrate the database\n2. Restart the servers",
        affected_files: ["deploy/production.yaml", "db/0042_orders.sql"],
        estimated_duration: "2 minutes",
        requires_approval_by: new Date(server.clock.now() + 10 * MINUTE).toISOString(),
        ...part,
      });
    },
    /** An IDE notifies phones of a build. */
    notify: async (part: Partial<InputOf<"sendNotification">> = {}): Promise<AnswerOf<"sendNotification">> =>
      server.as(PROGRAM, "sendNotification", {
        build_id: "build-1",
        project_name: "web-shop",
        status: "success",
        message: "Done",
        ...part,
      }),
    /** A phone fetches what waits for it, and shows it where `read` names one. */
    async fetchMessages(deviceId: string, read?: string): Promise<void> {
      const asker = await byPhone(deviceId);
      const { next } = await server.as(asker, "readInbox", {});
      await server.as(asker, "acknowledgeMessages", read === undefined ? { seq: next } : { seq: next, read: [read] });
    },
    decide: async (deviceId: string, decision: InputOf<"decideApproval">): Promise<AnswerOf<"decideApproval">> =>
      server.as(await byPhone(deviceId), "decideApproval", decision),
    /** Twilio reports what became of its newest message. */
    async report(status: "sent" | "delivered" | "undelivered" | "failed", code?: number): Promise<void> {
      const message = twilio.messages.at(-1);
      const address = message?.form["StatusCallback"];
      if (message === undefined || address === undefined) throw new Error("no message asked for a report");
      const fields = {
        MessageSid: message.sid,
        MessageStatus: status,
        To: message.form["To"] ?? "",
        ...(code === undefined ? {} : { ErrorCode: String(code) }),
      };
      const signed = {
        headers: { "x-twilio-signature": signReport(ACCOUNT.token, address, fields) },
        body: new URLSearchParams(fields).toString(),
      };
      await server.as({ ...PHONE, signed }, "noteDelivery", { opaque: new URL(address).pathname.split("/").at(-1) ?? "", ...fields });
    },
  };
}

export type Scene = ReturnType<typeof createScene>;

/** At the stand-in for Twilio. */
export const ACCOUNT = { sid: `AC${"0".repeat(32)}`, token: "twilio-token-of-the-tests" };
