import { randomUUID } from "node:crypto";
import { type Pairing, PairingError, type VoiceCommand, type VoiceHandler } from "../core/index.ts";
import { say } from "../words/say.ts";

type Outcome = Awaited<ReturnType<VoiceHandler["run"]>>;

interface Registered {
  readonly queue: VoiceCommand[];
  readonly listeners: Set<() => void>;
  readonly running: Set<string>;
  readonly unregister: () => void;
  lapse: NodeJS.Timeout;
}

/** A handler that does not fetch for this long counts as gone: its IDE was closed, or its computer sleeps. */
export const HANDLER_LAPSE_MS = 120_000;

/** IDEs that register and fetch commands over HTTP, each a handler like one in this process. */
export function createVoiceHandlers(pairing: Pick<Pairing, "registerVoiceHandler">) {
  const handlers = new Map<string, Registered>();
  const results = new Map<string, (outcome: Outcome) => void>();

  const withdraw = (handlerId: string): void => {
    const { unregister, lapse, running } = find(handlerId);
    clearTimeout(lapse);
    handlers.delete(handlerId);
    unregister();
    for (const commandId of running) results.get(commandId)?.({ status: "failed", message: say("server.ideGone") });
  };
  const find = (handlerId: string): Registered => {
    const handler = handlers.get(handlerId);
    if (!handler) throw new PairingError("voice_handler_not_found");
    return handler;
  };
  const startLapse = (handlerId: string): NodeJS.Timeout => setTimeout(() => withdraw(handlerId), HANDLER_LAPSE_MS).unref();
  const runOn =
    ({ queue, listeners, running }: Pick<Registered, "queue" | "listeners" | "running">): VoiceHandler["run"] =>
    (command) =>
      new Promise((resolve) => {
        running.add(command.commandId);
        results.set(command.commandId, (outcome) => {
          results.delete(command.commandId);
          running.delete(command.commandId);
          resolve(outcome);
        });
        queue.push(command);
        for (const listener of listeners) listener();
      });

  return {
    /** Returns the handler's id. */
    offer(commands: VoiceHandler["commands"]): string {
      const handlerId = randomUUID();
      const handler = { queue: [], listeners: new Set<() => void>(), running: new Set<string>() };
      const unregister = pairing.registerVoiceHandler({ commands, run: runOn(handler) });
      handlers.set(handlerId, { ...handler, unregister, lapse: startLapse(handlerId) });
      return handlerId;
    },
    /** How many commands wait for the handler. Throws `voice_handler_not_found`. */
    waiting(handlerId: string): number {
      const handler = find(handlerId);
      clearTimeout(handler.lapse);
      handler.lapse = startLapse(handlerId);
      return handler.queue.length;
    },
    /** Each command is handed out once. */
    take: (handlerId: string): readonly VoiceCommand[] => find(handlerId).queue.splice(0),
    listen(handlerId: string, listener: () => void) {
      const { listeners } = find(handlerId);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Throws `voice_command_not_found` when nobody waits for it. */
    settle(commandId: string, outcome: Outcome): void {
      const settle = results.get(commandId);
      if (!settle) throw new PairingError("voice_command_not_found");
      settle(outcome);
    },
    withdraw,
  };
}

export type VoiceHandlers = ReturnType<typeof createVoiceHandlers>;
