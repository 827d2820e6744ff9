import http from "node:http";
import https from "node:https";
import webPush from "web-push";
import type { PushMessage } from "../../core/index.ts";
import { OutgoingAgent } from "../system/outgoing.ts";
import { lookupPublic } from "./public-lookup.ts";
import type { PushService } from "./push-services.ts";
import type { VapidKeys } from "./vapid-keys.ts";

/** What every push service takes (RFC 8030, section 7.2). */
const MAX_PUSH = 4096;

export interface Post {
  readonly message: PushMessage;
  readonly keys: VapidKeys;
  /** Who a push service may write to: an https address. */
  readonly subject: string;
  readonly service: PushService;
  readonly signal: AbortSignal;
}

/** Encrypts and signs a message, and posts it once, following nobody. Answers the status; rejects when there is none. */
export async function postPush({ message, keys, subject, service: { url, own }, signal }: Post): Promise<number> {
  const { subscription, body, validSeconds, urgency, topic } = message;
  const { p256dh, auth, endpoint } = subscription;
  const { headers, body: sealed } = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, body, {
    vapidDetails: { subject, ...keys },
    TTL: validSeconds,
    urgency,
    topic,
  });
  if (sealed.length > MAX_PUSH) throw new Error("it is too large for a push service");
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      { method: "POST", headers, signal, agent: new OutgoingAgent(), ...(own ? {} : { lookup: lookupPublic }) },
      (response) => {
        // Its words are of no use here, and may be endless.
        response.on("error", () => undefined);
        response.destroy();
        resolve(response.statusCode ?? 0);
      },
    );
    asked.on("error", reject);
    asked.end(sealed);
  });
}
