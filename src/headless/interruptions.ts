import { constants } from "node:os";

/** Ctrl+C, a service manager or `kill`, and a terminal that was closed. */
export const INTERRUPTIONS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

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
export function interruptions(listener: () => void): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    const interrupted = new Interrupted(signal);
    if (controller.signal.aborted) process.exit(interrupted.exitCode);
    listener();
    controller.abort(interrupted);
  };
  for (const signal of INTERRUPTIONS) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    stop() {
      for (const signal of INTERRUPTIONS) process.off(signal, onSignal);
    },
  };
}
