import { messageOf } from "../base/message-of.ts";
import { VoiceOffer } from "../contract/remote.ts";
import type { VoiceHandler } from "../core/index.ts";
import { say } from "../words/say.ts";
import { checked } from "./checked.ts";
import type { Disposable } from "./disposable.ts";
import type { ServerSupervisor } from "./server-supervisor.ts";

export type VoiceAction = VoiceHandler["commands"][number]["action"];

/** What phones may ask for by voice, and of what: an action with the names of its targets, as people say them. */
export interface VoiceCommandOffer {
  readonly action: VoiceAction;
  readonly targets: readonly string[];
}

/** A command that a person has seen and tapped. `target` is one of those that were offered, word for word. */
export interface PhoneCommand {
  readonly commandId: string;
  readonly action: VoiceAction;
  readonly target: string;
  readonly userId: string;
  readonly deviceId: string;
}

export interface PluginVoice {
  /**
   * Offers commands to phones until it is disposed. `run` runs one; the phone shows what it resolves with, or the message of its
   * error. Throws for an offer that is not valid.
   */
  readonly onVoiceCommand: (offers: readonly VoiceCommandOffer[], run: (command: PhoneCommand) => Promise<string>) => Disposable;
}

/** The longest result that a phone shows. */
const MAX_RESULT_CHARACTERS = 1000;

/** An offer outlives restarts of the server: it is registered with each one that starts. */
export function voiceFor(supervisor: Pick<ServerSupervisor, "onServer">): PluginVoice {
  return {
    onVoiceCommand(offers, run) {
      const { commands } = checked(VoiceOffer, { commands: offers });
      const handler: VoiceHandler = { commands, run: async (command) => resultOf(async () => run(command)) };
      return { dispose: supervisor.onServer(({ pairing }) => pairing.registerVoiceHandler(handler)) };
    },
  };
}

async function resultOf(run: () => Promise<string>): ReturnType<VoiceHandler["run"]> {
  try {
    return { status: "done", message: textOf(await run(), say("voice.done")) };
  } catch (cause) {
    return { status: "failed", message: textOf(messageOf(cause), say("voice.failedSilently")) };
  }
}

function textOf(text: unknown, otherwise: string): string {
  const words = typeof text === "string" ? text.trim() : "";
  return words === "" ? otherwise : words.slice(0, MAX_RESULT_CHARACTERS);
}
