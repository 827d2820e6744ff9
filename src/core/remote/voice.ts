import type { Caller } from "../audit.ts";
import type { Device } from "../devices/device.ts";
import { PairingError } from "../errors.ts";
import { isPlainText } from "../names.ts";
import type { Ports } from "../ports.ts";
import { DAY, type Instant, SECOND } from "../time.ts";
import { type CommandResult, MESSAGE_DAYS } from "./outbox.ts";
import { decideApproval } from "./settle-approval.ts";
import { meantBy, parseCommand, type VoiceAction } from "./voice-grammar.ts";
import { shownText } from "./words.ts";

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

export interface Voice {
  /** Returns a function that unregisters it. */
  register(handler: VoiceHandler): () => void;
  handle(phone: Device, spoken: SpokenCommand, caller: Caller): Promise<VoiceAnswer>;
}

type Deps = Pick<Ports, "clock" | "clockWatch" | "random" | "store" | "changeEvents" | "inboxSignals" | "log">;
type Answer = Omit<VoiceAnswer, "commandId">;
/** An action that waits for a tap. */
interface Waiting {
  readonly jti: string;
  readonly until: Instant;
  readonly does: () => Promise<Answer>;
}

const CONFIRM_WITHIN = 30 * SECOND;
const SURE = 0.75;
const MAX_WAITING = 1000;
const HELP = "Say: status, approve, reject";
const NOBODY = "No IDE listens for this command. Open the project in Top Dog, which says what it can do, and try again.";

/** Voice commands from phones. Every action is shown first and needs a tap; only registered words have a meaning. */
export function createVoice(deps: Deps): Voice {
  const handlers = new Set<VoiceHandler>();
  const waiting = new Map<string, Waiting>();

  const targetsOf = (action: VoiceAction) =>
    [...handlers].flatMap((handler) =>
      handler.commands
        .filter((command) => command.action === action)
        .flatMap(({ targets }) => targets.map((label) => ({ label, handler }))),
    );

  /** Requests a tap. Without one in time nothing happens. */
  const ask = (phone: Device, commandId: string, command: string, does: () => Promise<Answer>): Answer => {
    const until = deps.clock.now() + CONFIRM_WITHIN;
    const oldest = waiting.keys().next().value;
    if (waiting.size >= MAX_WAITING && oldest !== undefined) waiting.delete(oldest);
    waiting.set(commandId, { jti: phone.jti, until, does });
    return { status: "needs_confirmation", message: `Tap to confirm: ${command}.`, command, confirmBy: until };
  };

  const run = (phone: Device, commandId: string, action: VoiceAction, target: { label: string; handler: VoiceHandler }): Answer => {
    if (!handlers.has(target.handler)) return { status: "no_handler", message: NOBODY };
    const command: VoiceCommand = { commandId, action, target: target.label, userId: phone.userId, deviceId: phone.deviceId };
    target.handler
      .run(command)
      .catch(() => ({ status: "failed" as const, message: `The IDE could not ${action} ${target.label}.` }))
      .then(async ({ status, message }) => reportResult(deps, phone, { commandId, status, message: shownText(message) }))
      .catch((cause: unknown) =>
        deps.log.error("a command's result could not be kept", { reason: cause instanceof Error ? cause.message : "unknown" }),
      );
    return { status: "accepted", message: `On its way: ${action} ${target.label}.`, command: `${action} ${target.label}` };
  };

  const act = (phone: Device, commandId: string, action: VoiceAction, words: string): Answer => {
    const targets = targetsOf(action);
    if (targets.length === 0) return { status: "no_handler", message: NOBODY };
    const meant = meantBy(words, targets);
    const [target] = meant;
    const labels = [...new Set(meant.map(({ label }) => label))];
    if (!target) {
      const known = [...new Set(targets.map(({ label }) => label))].slice(0, 10);
      return { status: "not_understood", message: `There is nothing of that name to ${action}. Known: ${known.join(", ")}.` };
    }
    if (labels.length > 1) return { status: "ambiguous", message: "Which one?", choices: labels.map((label) => `${action} ${label}`) };
    return ask(phone, commandId, `${action} ${target.label}`, async () => run(phone, commandId, action, target));
  };

  const decide = async (
    phone: Device,
    commandId: string,
    decision: "approve" | "reject",
    words: string,
    caller: Caller,
  ): Promise<Answer> => {
    const pending = (await deps.store.listApprovals())
      .filter((approval) => approval.status === "pending" && approval.userIds.includes(phone.userId))
      .map(({ approvalId, projectName, buildId }) => ({ approvalId, label: `${projectName} ${buildId}` }));
    if (pending.length === 0) return { status: "done", message: "Nothing waits for your approval." };
    const meant = meantBy(words, pending);
    const [approval, another] = meant;
    if (!approval) return { status: "not_understood", message: "No approval of that name waits." };
    if (another) return { status: "ambiguous", message: "Which one?", choices: meant.map(({ label }) => `${decision} ${label}`) };
    const asked = ask(phone, commandId, `${decision} ${approval.label}`, async () => {
      const decided = await decideApproval(deps, { approvalId: approval.approvalId, decision }, phone, caller);
      return { status: "done", message: `${approval.label}: ${decided.status}.`, command: `${decision} ${approval.label}` };
    });
    return decision === "approve" ? { ...asked, approvalId: approval.approvalId } : asked;
  };

  const status = async ({ userId, deviceId }: Device): Promise<Answer> => {
    const sent = await deps.store.pageOfNotifications({ at: deps.clockWatch.retentionNow(), most: 200, filter: { userId } });
    const last = sent.items.find(({ message: { to } }) => to.some((one) => one.userId === userId && one.deviceId === deviceId))?.message
      .content;
    const waits = (await deps.store.listApprovals()).filter(
      (approval) => approval.status === "pending" && approval.userIds.includes(userId),
    ).length;
    const build =
      last?.type === "notification" ? `${last.build.projectName}: ${last.build.status}. ${last.build.message}` : "No build news yet.";
    return { status: "done", message: waits === 0 ? build : `${build} Waiting for you: ${waits}.` };
  };

  /** Examples of commands. */
  const offered = (): string[] =>
    [...handlers]
      .flatMap(({ commands }) => commands.flatMap(({ action, targets }) => targets.slice(0, 3).map((target) => `${action} ${target}`)))
      .slice(0, 10);
  const help = (): string => {
    const known = offered();
    return known.length === 0 ? `${HELP}. More when a project is open in Top Dog.` : `${HELP}, ${known.join(", ")}.`;
  };

  const understand = async (phone: Device, commandId: string, { text, confidence = 1 }: SpokenCommand, caller: Caller): Promise<Answer> => {
    const spoken = parseCommand(text);
    switch (spoken.kind) {
      case "unknown":
        return { status: "not_understood", message: `This is no command. ${help()}` };
      case "act":
        return act(phone, commandId, spoken.action, spoken.words);
      case "decide":
        return decide(phone, commandId, spoken.decision, spoken.words, caller);
      case "help":
      case "status": {
        const answer = async (): Promise<Answer> =>
          spoken.kind === "help" ? { status: "done", message: help(), choices: offered() } : status(phone);
        return confidence < SURE ? ask(phone, commandId, spoken.kind, answer) : answer();
      }
      default:
        return spoken satisfies never;
    }
  };

  const confirm = async ({ jti }: Device, commandId: string): Promise<Answer> => {
    const found = waiting.get(commandId);
    const left = (found?.until ?? 0) - deps.clock.now();
    // More time left than at the start: the clock was set back.
    if (found?.jti !== jti || left <= 0 || left > CONFIRM_WITHIN)
      return { status: "not_understood", message: "There is nothing to confirm any more. Say it again." };
    waiting.delete(commandId);
    return found.does();
  };

  return {
    register(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    async handle(phone, spoken, caller) {
      if (!isPlainText(spoken.text)) {
        throw new PairingError("invalid_request", { params: { reason: "hidden_characters" } });
      }
      const commandId = spoken.confirms ?? deps.random.token(16);
      // A command that cannot be recorded in the audit trail is not run.
      await deps.store.checkWritable();
      const answer = await (spoken.confirms === undefined ? understand(phone, commandId, spoken, caller) : confirm(phone, commandId));
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

async function reportResult(deps: Deps, phone: Device, result: CommandResult): Promise<void> {
  const now = deps.clock.now();
  const recipients = await deps.store.sendMessage({
    message: {
      messageId: deps.random.token(16),
      content: { type: "command_result", result },
      sentAt: now,
      expiresAt: now + MESSAGE_DAYS * DAY,
    },
    to: [phone],
    at: now,
    audit: [],
  });
  deps.inboxSignals.emit(recipients);
}
