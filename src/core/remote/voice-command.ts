import type { Instant } from "../time.ts";
import type { CommandResult } from "./outbox.ts";
import type { VoiceAction } from "./voice-grammar.ts";

/** A voice command handler of an IDE, registered while the IDE runs. */
export interface VoiceHandler {
  readonly commands: readonly { readonly action: VoiceAction; readonly targets: readonly string[] }[];
  /** Runs the command. The phone gets the result, also of a rejection. */
  run(command: VoiceCommand): Promise<Omit<CommandResult, "commandId">>;
}

export interface VoiceCommand {
  readonly commandId: string;
  readonly action: VoiceAction;
  readonly target: string;
  readonly userId: string;
  readonly deviceId: string;
}

/** What a tap does. */
export type AskedAction =
  | { readonly kind: "help" | "status" }
  | { readonly kind: "run"; readonly action: VoiceAction; readonly target: string; readonly handlerId: string }
  | { readonly kind: "decide"; readonly decision: "approve" | "reject"; readonly approvalId: string; readonly label: string };

export interface SpokenCommand {
  readonly text: string;
  /** The recogniser's confidence, 0 to 1. */
  readonly confidence?: number | undefined;
  /** The command that the tap confirms. */
  readonly confirms?: string | undefined;
}

export interface VoiceAnswer {
  readonly commandId: string;
  readonly status: "done" | "accepted" | "needs_confirmation" | "ambiguous" | "not_understood" | "no_handler";
  readonly message: string;
  /** What was understood. */
  readonly command?: string;
  /** For `ambiguous`: the alternatives. For `help`: the available commands. */
  readonly choices?: readonly string[];
  /** For `needs_confirmation`: until when. */
  readonly confirmBy?: Instant;
  /** For `needs_confirmation`: the approval. A person must see all of it first. */
  readonly approvalId?: string;
}
