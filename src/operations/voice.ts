import { present } from "../base/present.ts";
import type { AnswerOf } from "../contract/operations.ts";
import { HANDLER_LAPSE_MS, isoSeconds, PairingError, SECOND, type VoiceAnswer } from "../core/index.ts";
import { asking, type Handlers } from "./handlers.ts";

/** Voice commands of phones, and the IDEs that run them. */
export const VOICE_HANDLERS: Handlers<
  "voiceCommand" | "offerVoiceCommands" | "nextVoiceCommands" | "voiceResult" | "withdrawVoiceCommands"
> = {
  async voiceCommand({ pairing }, { command_text, device_id, confidence, confirms }, context) {
    const phone = asking(context);
    if (device_id !== phone.deviceId) throw new PairingError("device_mismatch");
    return voiceBody(await pairing.handleCommand(phone, { text: command_text, confidence, confirms }, context.caller));
  },

  offerVoiceCommands: async ({ pairing: { voiceHandlers } }, { commands }) => ({
    handler_id: await voiceHandlers.offer(commands),
    expires_in: HANDLER_LAPSE_MS / SECOND,
  }),

  async nextVoiceCommands({ pairing: { voiceHandlers }, polls }, { handler_id, wait }, { signal }) {
    await voiceHandlers.renew(handler_id);
    await polls.wait({
      read: async () => voiceHandlers.countQueued(handler_id),
      enough: (queued) => queued > 0,
      milliseconds: wait * SECOND,
      listen: (listener) => voiceHandlers.listen(handler_id, listener),
      signal,
    });
    await voiceHandlers.renew(handler_id);
    // A client that has left takes no commands: they wait for the next one.
    const commands = signal.aborted ? [] : await voiceHandlers.take(handler_id);
    return {
      commands: commands.map(({ commandId, action, target, userId, deviceId }) => ({
        command_id: commandId,
        action,
        target,
        user_id: userId,
        device_id: deviceId,
      })),
    };
  },

  async voiceResult({ pairing: { voiceHandlers } }, { command_id, status, message }) {
    await voiceHandlers.settle(command_id, { status, message });
    return undefined;
  },

  async withdrawVoiceCommands({ pairing: { voiceHandlers } }, { handler_id }) {
    await voiceHandlers.withdraw(handler_id);
    return undefined;
  },
};

export function voiceBody({ commandId, status, message, command, choices, confirmBy, approvalId }: VoiceAnswer): AnswerOf<"voiceCommand"> {
  const details = {
    ...present({ command }),
    ...(choices === undefined ? {} : { choices: [...choices] }),
    ...(confirmBy === undefined ? {} : { confirm_by: isoSeconds(confirmBy) }),
    ...present({ approval_id: approvalId }),
  };
  return { command_id: commandId, status, message, ...(Object.keys(details).length === 0 ? {} : { details }) };
}
