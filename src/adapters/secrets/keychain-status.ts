import { messageOf } from "../../base/message-of.ts";
import { present } from "../../base/present.ts";
import type { Log, SecretPlaceStatus } from "../../core/index.ts";
import type { KeychainErrands } from "./keychain-calls.ts";
import { SecretsUnavailable } from "./secrets-unavailable.ts";

const FIRST_RETRY_MS = 3000;
const MAX_RETRY_MS = 30_000;

interface KeychainStatusDeps {
  readonly log: Log;
  readonly errands: Pick<KeychainErrands, "hangs" | "wasAskedOfPerson">;
  readonly home: () => SecretPlaceStatus["kind"];
  readonly retry: () => Promise<void>;
  readonly changed: () => void;
}

type State = Pick<SecretPlaceStatus, "state" | "sentence">;

export interface KeychainStatus {
  readonly now: () => State;
  /** Takes the outcome of an attempt: `undefined`, or what it failed with. A failure is retried later, each time after a longer wait. */
  readonly settle: (cause: unknown) => void;
  /** The error for a caller who must not wait for an attempt that is known to fail. */
  readonly rejection: () => SecretsUnavailable | undefined;
  readonly restore: (state: State) => void;
  readonly resetWait: () => void;
  readonly close: () => void;
}

/** Whether the secrets can be used, and the retries while they cannot. */
export function createKeychainStatus({ log, errands, home, retry, changed }: KeychainStatusDeps): KeychainStatus {
  let current: State = { state: "opening" };
  let wait = FIRST_RETRY_MS;
  let timer: NodeJS.Timeout | undefined;
  let wasReady = false;
  let closed = false;

  const retryLater = (): void => {
    // A person who is being asked, or a call that hangs, is not asked a second time.
    if (errands.hangs() || errands.wasAskedOfPerson()) return;
    timer = setTimeout(() => void retry(), wait);
    timer.unref();
    wait = Math.min(wait * 2, MAX_RETRY_MS);
  };
  return {
    now: () => current,
    settle(cause) {
      if (closed) return;
      clearTimeout(timer);
      const failure = cause === undefined ? undefined : failureOf(cause, wasReady);
      const former = current;
      current = { state: failure?.failure ?? "ready", ...present({ sentence: failure?.message }) };
      if (failure) retryLater();
      else {
        wasReady = true;
        wait = FIRST_RETRY_MS;
      }
      if (former.state === current.state && former.sentence === current.sentence) return;
      if (failure) log.warn("secrets cannot be used", { state: current.state });
      else log.info("secrets can be used", { kept_in: home() });
      changed();
    },
    rejection() {
      const { state, sentence } = current;
      return state === "ready" || state === "opening" ? undefined : new SecretsUnavailable(state, present({ sentence }));
    },
    restore(state) {
      current = state;
    },
    resetWait() {
      wait = FIRST_RETRY_MS;
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

function failureOf(cause: unknown, wasReady: boolean): SecretsUnavailable {
  if (!(cause instanceof SecretsUnavailable)) return new SecretsUnavailable("file_unusable", { sentence: messageOf(cause, ""), cause });
  const gone = cause.failure === "locked" || cause.failure === "no_service" || cause.failure === "no_bus";
  return wasReady && gone ? new SecretsUnavailable("stopped", { cause }) : cause;
}
