import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "./client.ts";
import type { Model, PhoneRecord } from "./model.ts";

/** A phone that is on the line for its messages. */
export interface InboxPhone {
  /** Resolves when it has got all notifications with these texts; reports a violation when they do not come. */
  receives(texts: readonly string[]): Promise<void>;
  /** Its access is about to be taken away: from now on it may be refused. */
  expectEnd(): void;
  /** Resolves when it was refused, or was stopped. */
  readonly ended: Promise<void>;
  stop(): void;
}

const WAIT_SECONDS = 8;
const GIVE_UP_MS = 120_000;

/** The notifications that a phone received, without repetitions. */
export interface Received {
  add(text: string): void;
  /** As {@link InboxPhone.receives}. */
  all(texts: readonly string[]): Promise<void>;
}

export function createReceived({ deviceId }: PhoneRecord, model: Model): Received {
  const received: string[] = [];
  return {
    add: (text) => void received.push(text),
    async all(texts) {
      const until = performance.now() + GIVE_UP_MS;
      const missing = (): readonly string[] => texts.filter((text) => !received.includes(text));
      while (missing().length > 0 && performance.now() < until) await delay(50);
      if (missing().length > 0) model.violated("messages", `${deviceId} never got ${missing().join(", ")}`);
      const inOrder = received.filter((text) => texts.includes(text));
      if (inOrder.some((text, index) => text !== texts[index]))
        model.violated("messages", `${deviceId} got ${inOrder.join(", ")} of ${texts.join(", ")}`);
    },
  };
}

/** A phone that waits for its messages, one request after another, at any server. */
export function startInboxPhone(phone: PhoneRecord, proxy: string, client: Client, model: Model): InboxPhone {
  const received = createReceived(phone, model);
  const ids = new Set<string>();
  let since = 0;
  let mayEnd = false;
  let stopped = false;
  const take = ({ seq, message_id, type, payload }: any): void => {
    if (seq <= since) model.violated("messages", `${phone.deviceId} had everything up to ${since} and got number ${seq}`);
    since = seq;
    if (ids.has(message_id)) model.violated("messages", `${phone.deviceId} got message ${message_id} twice`);
    ids.add(message_id);
    if (type === "notification") received.add(payload.message);
    model.count("messages received");
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      const answered = await client.attempt(proxy, "GET", `/phone/inbox?since=${since}&wait=${WAIT_SECONDS}`, {
        headers: { authorization: `Bearer ${phone.token}` },
        fresh: true,
      });
      if (answered?.status === 200) for (const message of answered.body.messages) take(message);
      else if (answered?.status === 401 && mayEnd) return;
      else if (answered)
        model.violated("answers", `${phone.deviceId} waits for messages and is answered ${answered.status} ${answered.body?.code}`);
      if (answered?.status !== 200) await delay(200);
    }
  };
  return {
    ended: run(),
    receives: received.all,
    expectEnd() {
      mayEnd = true;
    },
    stop() {
      stopped = true;
    },
  };
}
