import { ECDH } from "node:crypto";
import { type Log, PairingError, type PushOutcome, type PushSender, type SecretStore } from "../../core/index.ts";
import { say } from "../../words/say.ts";
import { createLanes } from "./lanes.ts";
import { pushServiceOf } from "./push-services.ts";
import { createVapidKeys } from "./vapid-keys.ts";

export interface WebPushDeps {
  readonly secrets: SecretStore;
  readonly log: Log;
  /** Push services beside the known ones, read at each use. */
  readonly services: () => readonly string[];
  /** Who a push service may write to: an https address. */
  readonly subject: () => string;
  /** Milliseconds that a push service may take; absent: as long as real ones need. */
  readonly timeouts?: number | undefined;
}

export interface WebPush extends PushSender {
  /** Gives up what is under way. */
  close(): void;
}

const TIMEOUT_MS = 10_000;
/** Of one push service. */
const LANES = { atOnce: 4, waiting: 1000 };

/** Web Push (RFC 8030, 8291, 8292). Nothing is tried again: a message that is late is a message that is in the inbox. */
export function createWebPush({ secrets, log, services, subject, timeouts = TIMEOUT_MS }: WebPushDeps): WebPush {
  const keys = createVapidKeys(secrets, log);
  const lanes = createLanes(LANES);
  const underWay = new Set<AbortController>();
  let closed = false;

  /** For as long as a push service may take, or until this server stops. */
  const within = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const control = new AbortController();
    const late = setTimeout(() => control.abort(), timeouts);
    underWay.add(control);
    if (closed) control.abort();
    try {
      return await work(control.signal);
    } finally {
      clearTimeout(late);
      underWay.delete(control);
    }
  };

  const failed = (host: string, why: string): PushOutcome => {
    if (!closed) log.warn("a push service did not take a notification", { service: host, reason: why });
    return { kind: "failed", why };
  };

  return {
    publicKey: async () => (await keys()).publicKey,

    examine: ({ endpoint, p256dh, auth }) => {
      if (!pushServiceOf(endpoint, services())) return "service";
      return areKeys(p256dh, auth) ? undefined : "keys";
    },

    async send(message) {
      const service = pushServiceOf(message.subscription.endpoint, services());
      if (!service) return { kind: "not_allowed" };
      const { host } = service.url;
      try {
        const [{ postPush }, own] = await Promise.all([import("./post-push.ts"), keys()]);
        const status = await lanes.run(host, async () =>
          within((signal) => postPush({ message, keys: own, subject: subject(), service, signal })),
        );
        if (status === undefined) return failed(host, say("server.pushBusy"));
        if (status >= 200 && status < 300) return { kind: "accepted" };
        if (status === 404 || status === 410) return { kind: "gone" };
        return failed(host, say("server.pushAnswered", { status }));
      } catch (cause) {
        if (cause instanceof PairingError) return failed(host, cause.message);
        const { name, message: reason } = cause instanceof Error ? cause : new Error("unknown");
        return failed(host, name === "AbortError" ? say("server.pushLate") : say("server.pushUnreachable", { reason }));
      }
    },

    close() {
      closed = true;
      for (const control of underWay) control.abort();
    },
  };
}

function areKeys(p256dh: string, auth: string): boolean {
  try {
    ECDH.convertKey(Buffer.from(p256dh, "base64url"), "prime256v1");
  } catch {
    return false;
  }
  return Buffer.from(auth, "base64url").length === 16;
}
