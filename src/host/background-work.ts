import type { SmsAdapter } from "../adapters/sms/open-sms.ts";
import { warmUpPhoneNumbers } from "../adapters/system/phone-numbers.ts";
import type { JoseTokens } from "../adapters/tokens/jose-tokens.ts";
import { messageOf } from "../base/message-of.ts";
import { emitChanges, type Log, type Pairing, type PairingStore } from "../core/index.ts";
import type { HostContext } from "./context.ts";
import type { OpenDoors } from "./open-doors.ts";

const SWEEP_INTERVAL_MS = 5000;
/** Reads every phone, so it is done less often. */
const END_UNCONFIRMED_EVERY_MS = 60_000;
const LOAD_REST_AFTER_MS = 1000;

export interface BackgroundWork {
  /** Starts nothing new from now on. */
  stop(): void;
  /** Resolves when the work of the start is finished: a key that was being made is saved. */
  finished(): Promise<void>;
}

export interface BackgroundDeps {
  readonly store: PairingStore;
  readonly pairing: Pairing;
  readonly tokens: JoseTokens;
  readonly sms: SmsAdapter;
  readonly doors: Pick<OpenDoors, "warmUp">;
}

/** What a server does without being asked. */
export function startBackgroundWork(context: HostContext, { store, pairing, tokens, sms, doors }: BackgroundDeps): BackgroundWork {
  const { clockWatch, changeEvents, log } = context;
  let stopped = false;
  const watching = clockWatch
    .begin(emitChanges({ store, changeEvents }).store)
    .catch(warn(log, "the clock could not be compared with the records"));
  const sweep = setInterval(() => {
    clockWatch.check();
    pairing.emitSeenPhones();
    Promise.all([
      pairing.expireDueInvites(),
      pairing.expireApprovals(),
      pairing.dropEndedSubscriptions(),
      pairing.voiceHandlers.answerUnanswered(),
      pairing.writeDenials(),
    ]).catch(warn(log, "sweep failed"));
  }, SWEEP_INTERVAL_MS).unref();
  const endUnconfirmed = setInterval(() => {
    pairing.endUnconfirmed().catch(warn(log, "sweep failed"));
  }, END_UNCONFIRMED_EVERY_MS).unref();
  // A start must not wait for the log's writer to load and a first signing key to be made: the doors already answer.
  const warmed = new Promise<void>((resolve) => {
    setImmediate(() => {
      log.begin();
      void Promise.all([tokens.warmUp(), sms.warmUp().catch(() => undefined)]).then(() => resolve());
    });
  });
  // Node.js never retries a module that it could not load once, and later there may be no file descriptor left to load it with.
  const loadRest = setTimeout(() => {
    void Promise.all([tokens.warmUp(), warmUpPhoneNumbers(), doors.warmUp()]).then(() => {
      // The log may be closed by now.
      if (!stopped) log.info("everything is loaded");
    });
  }, LOAD_REST_AFTER_MS).unref();
  return {
    stop() {
      stopped = true;
      clearInterval(sweep);
      clearInterval(endUnconfirmed);
      clearTimeout(loadRest);
    },
    async finished() {
      await Promise.all([warmed, watching]);
    },
  };
}

function warn(log: Log, message: string): (cause: unknown) => void {
  return (cause) => log.warn(message, { reason: messageOf(cause, "unknown") });
}
