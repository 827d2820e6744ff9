import { constants } from "node:os";

/** The person or the system ends the run: what is under way is finished, and what was made is taken away. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`Interrupted by ${signal}.`);
    this.signal = signal;
  }

  /** As a shell would say it. */
  get exitCode(): number {
    return 128 + constants.signals[this.signal];
  }
}

/** The first signal ends the run in order, the second at once. `signal` is aborted with {@link Interrupted}. */
export function interruptions(heard: () => void): { readonly signal: AbortSignal; stop(): void } {
  const ending = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    const interrupted = new Interrupted(signal);
    if (ending.signal.aborted) process.exit(interrupted.exitCode);
    heard();
    ending.abort(interrupted);
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: ending.signal,
    stop() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
