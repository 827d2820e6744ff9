import { type Answered, ask, type Question } from "../ask.ts";
import type { Client } from "./client.ts";
import type { Model } from "./model.ts";

/** One kind of request: how often it was asked and not answered as it should, and how long its answers took. */
export interface Tally {
  requests: number;
  failures: number;
  readonly milliseconds: number[];
}

/** What a client may repeat without harm, and what it may not. */
export interface Tallies {
  readonly repeatable: Tally;
  readonly others: Tally;
}

const newTally = (): Tally => ({ requests: 0, failures: 0, milliseconds: [] });

/**
 * A client that asks once and has to be answered: by a proxy that may ask another server, never by asking again itself. A request that may
 * be repeated (by its method, or by its `Idempotency-Key`) and is not answered, or with 5xx, is a violation.
 */
export function createDirectClient(proxies: Readonly<Record<"local" | "phone", string>>, model: Model, roll: () => number) {
  const tallies: Tallies = { repeatable: newTally(), others: newTally() };
  const attempt = async (address: string, method: string, path: string, question: Question = {}): Promise<Answered | undefined> => {
    const mayRepeat = method !== "POST" || "idempotency-key" in (question.headers ?? {});
    const tally = mayRepeat ? tallies.repeatable : tallies.others;
    tally.requests += 1;
    const from = performance.now();
    const failed = (why: string): undefined => {
      tally.failures += 1;
      const sentence = `${method} ${path.replace(/[\w-]{20,}/, "…")} after ${Math.round(performance.now() - from)} ms: ${why}`;
      if (mayRepeat) model.violated("failed", sentence);
      else model.note(sentence);
    };
    try {
      const answered = await ask(address, method, path, { ...question, fresh: true });
      if (answered.status >= 500) return failed(`${answered.status} ${String(answered.body?.code ?? "")}`);
      // One that waits for something to happen takes as long as that.
      if (!/[?&]wait=/.test(path)) tally.milliseconds.push(performance.now() - from);
      return answered;
    } catch (cause) {
      return failed((cause as Error).message);
    }
  };
  const client: Client = {
    attempt,
    async certainly(door, method, path, question) {
      for (;;) {
        const address = proxies[door === "any" ? (roll() < 0.5 ? "local" : "phone") : door];
        // A failure is counted above; the story goes on.
        const answered = await attempt(address, method, path, question);
        if (answered) return answered;
      }
    },
  };
  return { client, tallies };
}
