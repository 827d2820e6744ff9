import { say } from "../../words/say.ts";
import type { Caller } from "../audit.ts";
import type { Device } from "../devices/device.ts";
import { PairingError } from "../errors.ts";
import { isPlainText } from "../names.ts";
import { SECOND } from "../time.ts";
import { understand, type VoiceContext, type VoiceDeps } from "./understand-command.ts";
import type { SpokenCommand, VoiceAnswer, VoiceHandler } from "./voice-command.ts";

export interface Voice {
  /** Returns a function that unregisters it. */
  register(handler: VoiceHandler): () => void;
  handle(phone: Device, spoken: SpokenCommand, caller: Caller): Promise<VoiceAnswer>;
}

type Answer = Omit<VoiceAnswer, "commandId">;

const CONFIRM_WITHIN = 30 * SECOND;
const MAX_WAITING = 1000;

/** Voice commands from phones. Every action is shown first and needs a tap; only registered words have a meaning. */
export function createVoice(deps: VoiceDeps): Voice {
  const handlers = new Set<VoiceHandler>();
  const confirmations = createConfirmations(deps);
  return {
    register(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    async handle(phone, spoken, caller) {
      if (!isPlainText(spoken.text)) throw new PairingError("invalid_request", { params: { reason: "hidden_characters" } });
      const commandId = spoken.confirms ?? deps.random.token(16);
      // A command that cannot be recorded in the audit trail is not run.
      await deps.store.checkWritable();
      const context: VoiceContext = { deps, handlers, phone, commandId, caller, ask: confirmations.ask };
      const answer = await (spoken.confirms === undefined ? understand(context, spoken) : confirmations.confirm(phone, commandId));
      await deps.store.appendAudit(deps.clock.now(), {
        event: "voice_command",
        user_id: phone.userId,
        device_id: phone.deviceId,
        reason: answer.command === undefined ? answer.status : `${answer.status}: ${answer.command}`,
        ...caller,
      });
      return { commandId, ...answer };
    },
  };
}

/** Actions that wait for a tap. Without one in time nothing happens. */
function createConfirmations({ clock }: Pick<VoiceDeps, "clock">) {
  const waiting = new Map<string, { readonly jti: string; readonly until: number; readonly run: () => Promise<Answer> }>();
  return {
    ask({ phone, commandId }: VoiceContext, command: string, run: () => Promise<Answer>): Answer {
      const until = clock.now() + CONFIRM_WITHIN;
      const oldest = waiting.keys().next().value;
      if (waiting.size >= MAX_WAITING && oldest !== undefined) waiting.delete(oldest);
      waiting.set(commandId, { jti: phone.jti, until, run });
      return { status: "needs_confirmation", message: say("voice.confirm", { command }), command, confirmBy: until };
    },
    async confirm({ jti }: Device, commandId: string): Promise<Answer> {
      const found = waiting.get(commandId);
      const left = (found?.until ?? 0) - clock.now();
      // More time left than at the start: the clock was set back.
      if (found?.jti !== jti || left <= 0 || left > CONFIRM_WITHIN)
        return { status: "not_understood", message: say("voice.nothingToConfirm") };
      waiting.delete(commandId);
      return found.run();
    },
  };
}
