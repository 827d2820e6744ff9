import type * as Cockatiel from "cockatiel";
import { type Instant, PairingError, SECOND, type SmsFault } from "../../core/index.ts";
import { smsFault } from "./fault.ts";
import type { ProviderSms } from "./providers/provider.ts";

/** Failures of the provider's own. What is wrong with a number, an account or a sender says nothing about the next message. */
const PROVIDERS_OWN: ReadonlySet<SmsFault> = new Set<SmsFault>(["busy", "unreachable", "outcome_unknown", "credentials", "other"]);
const FAILURES = 5;
const PAUSE = 30 * SECOND;

/** After five failures in a row nothing is sent for half a minute; then one message tries, and decides. */
export function pauseFailing(sms: ProviderSms, pause = PAUSE): ProviderSms {
  let breaker: Promise<Cockatiel.CircuitBreakerPolicy> | undefined;
  let pausedUntil: Instant | undefined;

  const create = async (): Promise<Cockatiel.CircuitBreakerPolicy> => {
    // CommonJS: bundled, it has a default export and no other.
    const loaded = (await import("cockatiel")) as typeof Cockatiel & { readonly default?: typeof Cockatiel };
    const { circuitBreaker, ConsecutiveBreaker, handleWhen } = loaded.default ?? loaded;
    const policy = circuitBreaker(
      handleWhen((thrown) => thrown instanceof PairingError && thrown.details !== undefined && PROVIDERS_OWN.has(thrown.details.reason)),
      { halfOpenAfter: pause, breaker: new ConsecutiveBreaker(FAILURES) },
    );
    policy.onBreak(() => {
      pausedUntil = Date.now() + pause;
    });
    policy.onReset(() => {
      pausedUntil = undefined;
    });
    return policy;
  };

  return {
    ...sms,
    async send(message) {
      // The clock was set back: the breaker would wait until it is where it was.
      if (pausedUntil !== undefined && pausedUntil - Date.now() > pause) {
        breaker = undefined;
        pausedUntil = undefined;
      }
      breaker ??= create();
      try {
        return await (await breaker).execute(() => sms.send(message));
      } catch (thrown) {
        if (!(thrown instanceof Error) || !("isBrokenCircuitError" in thrown)) throw thrown;
        const left = Math.max(SECOND, (pausedUntil ?? 0) - Date.now());
        throw smsFault({ id: sms.name, label: sms.label }, "paused", { retryAfter: Math.ceil(left / SECOND) });
      }
    },
    pausedUntil() {
      const now = Date.now();
      return pausedUntil !== undefined && now < pausedUntil && pausedUntil - now <= pause ? pausedUntil : undefined;
    },
  };
}
