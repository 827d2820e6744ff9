import { setTimeout as delay } from "node:timers/promises";
import { type Answered, ask, type Question } from "../ask.ts";
import type { Model } from "./model.ts";
import type { Doors } from "./replicas.ts";

/** Where requests go: to a proxy that picks a server for each, or to one server. */
export interface Addresses {
  readonly proxyLocal: string;
  readonly proxyPhone: string;
  readonly replicas: readonly Doors[];
}

export interface Client {
  /** A request that got no answer, or one that says to try again, is `undefined`: what became of it is unknown. */
  attempt(address: string, method: string, path: string, question?: Question): Promise<Answered | undefined>;
  /** Asks until there is an answer, each time at an address of that door. Only for requests that may be repeated. */
  certainly(door: "local" | "phone" | "any", method: string, path: string, question?: Question): Promise<Answered>;
}

/** What a proxy or a server without its database answers. */
const TRY_AGAIN = new Set([502, 503, 504]);
const RETRY_MS = 150;
/** Longer than any of the faults; after it a request that may be repeated counts as never answered. */
const GIVE_UP_MS = 180_000;

export function createClient(addresses: Addresses, model: Model, roll: () => number): Client {
  const addressOf = (door: "local" | "phone"): string => {
    const replica = addresses.replicas[Math.floor(roll() * addresses.replicas.length)];
    if (roll() < 0.6 || !replica) return door === "local" ? addresses.proxyLocal : addresses.proxyPhone;
    return door === "local" ? replica.localAddress : replica.phoneAddress;
  };
  const attempt: Client["attempt"] = async (address, method, path, question = {}) => {
    model.count("requests");
    try {
      const answered = await ask(address, method, path, { ...question, fresh: question.fresh ?? roll() < 0.2 });
      if (!TRY_AGAIN.has(answered.status)) {
        if (answered.status >= 500)
          model.violated("answers", `${method} ${path} was answered ${answered.status} ${JSON.stringify(answered.body)}`);
        return answered;
      }
      model.count(`answered ${answered.status} ${String(answered.body?.code ?? "")}`);
    } catch {
      model.count("no answer");
    }
    return undefined;
  };
  return {
    attempt,
    async certainly(door, method, path, question) {
      const until = performance.now() + GIVE_UP_MS;
      while (performance.now() < until) {
        const answered = await attempt(addressOf(door === "any" ? (roll() < 0.5 ? "local" : "phone") : door), method, path, question);
        if (answered) return answered;
        await delay(RETRY_MS);
      }
      throw new Error(`${method} ${path} got no answer in ${GIVE_UP_MS / 1000} s`);
    },
  };
}
