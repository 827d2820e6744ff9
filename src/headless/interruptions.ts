import { constants } from "node:os";
import { messageOf } from "../base/message-of.ts";
import { say } from "../words/say.ts";

/** Ctrl+C, a service manager or `kill`, and a terminal that was closed. */
export const INTERRUPTIONS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The person or the system ended the run. The run cleans up before it exits. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(say("commandLine.interrupted", { signal }));
    this.signal = signal;
  }

  /** A shell's exit code for the signal. */
  get exitCode(): number {
    return 128 + constants.signals[this.signal];
  }
}

/** The first signal aborts `signal` with {@link Interrupted}, so that the run can clean up; the second one exits immediately. */
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

/**
 * Runs what ends in order when it is interrupted. Prints the text that `run` resolves with to standard output, errors to standard error.
 * Resolves with the exit code: 0 done, 1 failed, 128 + n ended by signal n.
 */
export async function runInterruptible(run: (interrupted: AbortSignal) => Promise<string>): Promise<number> {
  const print = (line: string): void => void process.stderr.write(`${line}\n`);
  const interruption = interruptions(() => print(say("commandLine.cleaningUp")));
  try {
    process.stdout.write(`${await run(interruption.signal)}\n`);
    return 0;
  } catch (cause) {
    print(messageOf(cause));
    return cause instanceof Interrupted ? cause.exitCode : 1;
  } finally {
    interruption.stop();
  }
}
