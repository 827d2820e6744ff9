import { randomUUID } from "node:crypto";
import { type Pairing, PairingError, type VoiceCommand, type VoiceHandler } from "../core/index.ts";

type Outcome = Awaited<ReturnType<VoiceHandler["run"]>>;

/** IDEs that register and fetch commands over HTTP, each a handler like one in this process. */
export interface VoiceHandlers {
  /** Answers the handler's id. */
  offer(commands: VoiceHandler["commands"]): string;
  /** How many commands wait for the handler. Throws `voice_handler_not_found`. */
  waiting(handlerId: string): number;
  /** Hands them out, once. */
  take(handlerId: string): readonly VoiceCommand[];
  listen(handlerId: string, listener: () => void): () => void;
  /** Throws `voice_command_not_found` where nobody waits for it. */
  settle(commandId: string, outcome: Outcome): void;
  withdraw(handlerId: string): void;
}

interface Registered {
  readonly queue: VoiceCommand[];
  readonly listeners: Set<() => void>;
  readonly running: Set<string>;
  readonly unregister: () => void;
  lapse: NodeJS.Timeout;
}

/** Milliseconds without a question: the IDE was closed, or its computer sleeps. */
export const VOICE_LAPSE = 120_000;
const GONE: Outcome = { status: "failed", message: "The IDE went away before it said what came of it." };

export function createVoiceHandlers(pairing: Pick<Pairing, "registerVoiceHandler">): VoiceHandlers {
  const handlers = new Map<string, Registered>();
  const results = new Map<string, (outcome: Outcome) => void>();

  const withdraw = (handlerId: string): void => {
    const { unregister, lapse, running } = found(handlerId);
    clearTimeout(lapse);
    handlers.delete(handlerId);
    unregister();
    for (const commandId of running) results.get(commandId)?.(GONE);
  };
  const found = (handlerId: string): Registered => {
    const handler = handlers.get(handlerId);
    if (!handler) throw new PairingError("voice_handler_not_found");
    return handler;
  };
  const lapseOf = (handlerId: string): NodeJS.Timeout => setTimeout(() => withdraw(handlerId), VOICE_LAPSE).unref();

  return {
    offer(commands) {
      const handlerId = randomUUID();
      const queue: VoiceCommand[] = [];
      const listeners = new Set<() => void>();
      const running = new Set<string>();
      const unregister = pairing.registerVoiceHandler({
        commands,
        run: (command) =>
          new Promise((resolve) => {
            running.add(command.commandId);
            results.set(command.commandId, (outcome) => {
              results.delete(command.commandId);
              running.delete(command.commandId);
              resolve(outcome);
            });
            queue.push(command);
            for (const listener of listeners) listener();
          }),
      });
      handlers.set(handlerId, { queue, listeners, running, unregister, lapse: lapseOf(handlerId) });
      return handlerId;
    },
    waiting(handlerId) {
      const handler = found(handlerId);
      clearTimeout(handler.lapse);
      handler.lapse = lapseOf(handlerId);
      return handler.queue.length;
    },
    take: (handlerId) => found(handlerId).queue.splice(0),
    listen(handlerId, listener) {
      const { listeners } = found(handlerId);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    settle(commandId, outcome) {
      const settle = results.get(commandId);
      if (!settle) throw new PairingError("voice_command_not_found");
      settle(outcome);
    },
    withdraw,
  };
}
