import type { Page } from "playwright-core";
import { openSnsDouble } from "../doubles/sns.ts";
import { openTwilioDouble } from "../doubles/twilio.ts";
import { type Bridge, createBridge, type DesktopChoice } from "./page-bridge.ts";
import { ACCOUNT, createScene, type InviteChoice, type PhoneChoice, type Scene } from "./scene.ts";
import { openServer, type Server, type ServerChoice } from "./server.ts";

export interface TopdogChoice extends ServerChoice, DesktopChoice {
  /** Who sends text messages; the default is mock mode. */
  readonly sms?: "mock" | "twilio" | "sns";
  /** Phones that were paired yesterday, the newest first. */
  readonly phones?: readonly PhoneChoice[];
  /** Links that were sent just now, the newest first. */
  readonly invites?: readonly InviteChoice[];
  /** Milliseconds by which the server's clock is ahead of the page's. */
  readonly aheadBy?: number;
}

/** The server behind a page, who acts on it, and what is between it and the page. */
export type Topdog = Server & Scene & Bridge;

const KEYS = { id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };

/** For one page. Its phones and invites are there before the page asks. */
export async function openTopdog(page: Page, { sms, phones, invites, aheadBy = 0, ...choice }: TopdogChoice): Promise<Topdog> {
  const twilio = await openTwilioDouble(ACCOUNT);
  const sns = sms === "sns" ? await openSnsDouble({ [KEYS.id]: KEYS.secret }) : undefined;
  const env = { PAIRING_TWILIO_BASE_URL: twilio.url, ...(sns ? { AWS_ENDPOINT_URL_SNS: sns.url } : {}), ...choice.env };
  const server = await openServer({ ...choice, env });
  server.clock.move(aheadBy);
  const scene = createScene(server, twilio);
  if (sms === "twilio")
    await scene.elsewhere("saveSmsSettings", {
      twilio_account_sid: ACCOUNT.sid,
      twilio_auth_token: ACCOUNT.token,
      twilio_phone_number: "+15005550006",
    });
  if (sms === "sns")
    await scene.elsewhere("saveSmsSettings", { sns_region: "us-east-1", sns_access_key_id: KEYS.id, sns_secret_access_key: KEYS.secret });
  if (phones) await scene.havePhones(phones);
  for (const invite of invites?.toReversed() ?? []) await scene.invite(invite);
  const bridge = createBridge(server, page, choice);
  return {
    ...server,
    ...scene,
    ...bridge,
    async close() {
      bridge.close();
      server.close();
      await Promise.all([twilio.close(), sns?.close()]);
    },
  };
}
