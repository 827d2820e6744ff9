import { messageOf } from "../../base/message-of.ts";
import { say } from "../../words/say.ts";
import { PairingError } from "../errors.ts";
import { shownText } from "../names.ts";
import type { Ports, SettledCommand } from "../ports.ts";
import { DAY, MINUTE, SECOND } from "../time.ts";
import { MESSAGE_DAYS } from "./outbox.ts";
import type { VoiceCommand, VoiceHandler } from "./voice-command.ts";

type Deps = Pick<Ports, "clock" | "random" | "store" | "inboxSignals" | "voiceBoard" | "log">;

/** A handler that does not fetch for this long counts as gone: its IDE was closed, or its computer sleeps. */
export const HANDLER_LAPSE_MS = 120 * SECOND;
/** After this long a phone is not left waiting: its command may have been lost on its way to the IDE, or runs on. */
const RESULT_WITHIN_MS = 15 * MINUTE;

/** The IDEs that run phones' commands: in this process, or over HTTP at any of the servers that share the storage. */
export function createVoiceHandlers(deps: Deps) {
  const { random, voiceBoard } = deps;
  const checkFound = (found: boolean): void => {
    if (!found) throw new PairingError("voice_handler_not_found");
  };
  const answerUnanswered = async (): Promise<void> => {
    const gone = { status: "failed", message: say("server.ideGone") } as const;
    const overdue = { status: "failed", message: say("server.resultUnknown", { count: RESULT_WITHIN_MS / MINUTE }) } as const;
    for (const settled of await voiceBoard.takeUnanswered({ gone, overdue })) await sendResult(deps, settled);
  };
  return {
    /** Registers a handler of this process. Returns a function that unregisters it. */
    register: (handler: VoiceHandler) => registerHere(deps, handler, answerUnanswered),
    /** Returns the id of a handler that fetches its commands. */
    async offer(commands: VoiceHandler["commands"]): Promise<string> {
      const handlerId = random.token(16);
      await voiceBoard.offer({ handlerId, commands }, HANDLER_LAPSE_MS);
      return handlerId;
    },
    /** The handler is still there. Rejects with `voice_handler_not_found`. */
    renew: async (handlerId: string) => checkFound(await voiceBoard.renew(handlerId, HANDLER_LAPSE_MS)),
    countQueued: voiceBoard.countQueued,
    /** Each command is handed out once. */
    take: async (handlerId: string) => voiceBoard.take(handlerId, RESULT_WITHIN_MS),
    listen: voiceBoard.listen,
    /** Sends the result to the phone. Rejects with `voice_command_not_found` when nobody waits for it. */
    async settle(commandId: string, outcome: SettledCommand["outcome"]): Promise<void> {
      const settled = await voiceBoard.settle(commandId, outcome);
      if (!settled) throw new PairingError("voice_command_not_found");
      await sendResult(deps, settled);
    },
    /** Rejects with `voice_handler_not_found`. */
    async withdraw(handlerId: string): Promise<void> {
      checkFound(await voiceBoard.withdraw(handlerId));
      await answerUnanswered();
    },
    /** Answers phones whose handlers are gone or do not answer, and those whose server was gone before they had their result. Called periodically, by every server. */
    answerUnanswered,
  };
}

/** A result that cannot be stored now is sent later. The message is named after the command, so that it is stored once. */
async function sendResult({ clock, store, inboxSignals, voiceBoard, log }: Deps, settled: SettledCommand): Promise<void> {
  const { command, outcome, isLate } = settled;
  const { commandId, userId, deviceId } = command;
  const now = clock.now();
  const result = { commandId, status: outcome.status, message: shownText(outcome.message) };
  const message = {
    messageId: isLate ? `${commandId}-late` : commandId,
    content: { type: "command_result", result },
    sentAt: now,
    expiresAt: now + MESSAGE_DAYS * DAY,
  } as const;
  try {
    inboxSignals.emit(await store.sendMessage({ message, to: [{ userId, deviceId }], at: now, audit: [] }));
    await voiceBoard.forget(settled);
  } catch (cause) {
    log.error("a command's result could not be stored", { reason: messageOf(cause) });
  }
}

function registerHere(deps: Deps, handler: VoiceHandler, answerUnanswered: () => Promise<void>): () => void {
  const { random, voiceBoard, log } = deps;
  const handlerId = random.token(16);
  const failed = (cause: unknown): void => log.error("a voice handler failed", { reason: messageOf(cause) });
  const running = new Set<Promise<void>>();
  const run = async (command: VoiceCommand): Promise<void> => {
    const outcome = await handler
      .run(command)
      .catch(() => ({ status: "failed" as const, message: say("voice.failed", { command: `${command.action} ${command.target}` }) }));
    const settled = await voiceBoard.settle(command.commandId, outcome);
    if (settled) await sendResult(deps, settled);
  };
  const takeAll = async (): Promise<void> => {
    for (const command of await voiceBoard.take(handlerId, RESULT_WITHIN_MS)) {
      const work: Promise<void> = run(command)
        .catch(failed)
        .finally(() => running.delete(work));
      running.add(work);
    }
  };
  const stopListening = voiceBoard.listen(handlerId, () => void takeAll().catch(failed));
  // Its row is written again by the board where this fails.
  const offered = voiceBoard.offer({ handlerId, commands: handler.commands }).catch(failed);
  const unregister = async (): Promise<void> => {
    await offered;
    // It offers nothing more, and what runs may still settle.
    await voiceBoard.offer({ handlerId, commands: [] });
    stopListening();
    await Promise.all(running);
    await voiceBoard.withdraw(handlerId);
    await answerUnanswered();
  };
  return () => void unregister().catch(failed);
}
