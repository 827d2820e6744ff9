import { messageOf } from "../../base/message-of.ts";
import { say } from "../../words/say.ts";
import type { Caller } from "../audit.ts";
import type { Device } from "../devices/device.ts";
import { PairingError } from "../errors.ts";
import { isPlainText, shownText } from "../names.ts";
import type { Ports } from "../ports.ts";
import { DAY, SECOND } from "../time.ts";
import { type CommandResult, MESSAGE_DAYS } from "./outbox.ts";
import { decideApproval } from "./settle-approval.ts";
import type { SpokenCommand, VoiceAnswer, VoiceHandler } from "./voice-command.ts";
import { meantBy, parseCommand, type VoiceAction } from "./voice-grammar.ts";

type VoiceDeps = Pick<Ports, "clock" | "clockWatch" | "random" | "store" | "changeEvents" | "inboxSignals" | "log">;

/** One command of one phone. */
interface VoiceContext {
  readonly deps: VoiceDeps;
  readonly handlers: ReadonlySet<VoiceHandler>;
  readonly phone: Device;
  readonly commandId: string;
  readonly caller: Caller;
  /** Requests a tap; `run` runs after it. */
  ask(context: VoiceContext, command: string, run: () => Promise<Answer>): Answer;
}

/** What a recogniser must be sure of at least, 0 to 1, so that a question is answered without a tap. */
const MIN_CONFIDENCE = 0.75;
const MAX_OFFERED = 10;

async function understand(context: VoiceContext, { text, confidence = 1 }: SpokenCommand): Promise<Answer> {
  const spoken = parseCommand(text);
  switch (spoken.kind) {
    case "unknown":
      return { status: "not_understood", message: say("voice.unknownCommand", { help: helpText(context) }) };
    case "act":
      return act(context, spoken.action, spoken.words);
    case "decide":
      return decide(context, spoken.decision, spoken.words);
    case "help":
    case "status": {
      const answer = async (): Promise<Answer> =>
        spoken.kind === "help" ? { status: "done", message: helpText(context), choices: offered(context) } : readStatus(context);
      return confidence < MIN_CONFIDENCE ? context.ask(context, spoken.kind, answer) : answer();
    }
    default:
      return spoken satisfies never;
  }
}

function act(context: VoiceContext, action: VoiceAction, words: string): Answer {
  const targets = [...context.handlers].flatMap((handler) =>
    handler.commands.filter((command) => command.action === action).flatMap(({ targets }) => targets.map((label) => ({ label, handler }))),
  );
  if (targets.length === 0) return { status: "no_handler", message: say("voice.noHandler") };
  const meant = meantBy(words, targets);
  const [target] = meant;
  if (!target) {
    const known = [...new Set(targets.map(({ label }) => label))].slice(0, MAX_OFFERED).join(", ");
    return { status: "not_understood", message: say("voice.unknownTarget", { action, known }) };
  }
  const labels = [...new Set(meant.map(({ label }) => label))];
  if (labels.length > 1) return { status: "ambiguous", message: say("voice.which"), choices: labels.map((label) => `${action} ${label}`) };
  return context.ask(context, `${action} ${target.label}`, async () => run(context, action, target));
}

function run(
  { deps, handlers, phone, commandId }: VoiceContext,
  action: VoiceAction,
  { label, handler }: { readonly label: string; readonly handler: VoiceHandler },
): Answer {
  if (!handlers.has(handler)) return { status: "no_handler", message: say("voice.noHandler") };
  const command = `${action} ${label}`;
  handler
    .run({ commandId, action, target: label, userId: phone.userId, deviceId: phone.deviceId })
    .catch(() => ({ status: "failed" as const, message: say("voice.failed", { command }) }))
    .then(async ({ status, message }) => sendResult(deps, phone, { commandId, status, message: shownText(message) }))
    .catch((cause: unknown) => deps.log.error("a command's result could not be stored", { reason: messageOf(cause) }));
  return { status: "accepted", message: say("voice.started", { command }), command };
}

async function decide(context: VoiceContext, decision: "approve" | "reject", words: string): Promise<Answer> {
  const { deps, phone, caller } = context;
  const pending = (await pendingApprovals(context)).map(({ approvalId, projectName, buildId, match }) => ({
    approvalId,
    match,
    label: `${projectName} ${buildId}`,
  }));
  if (pending.length === 0) return { status: "done", message: say("voice.noApprovals") };
  const meant = meantBy(words, pending);
  const [approval, another] = meant;
  if (!approval) return { status: "not_understood", message: say("voice.unknownApproval") };
  if (another) return { status: "ambiguous", message: say("voice.which"), choices: meant.map(({ label }) => `${decision} ${label}`) };
  const { approvalId, label, match } = approval;
  const command = `${decision} ${label}`;
  // Nothing is spoken that a number must approve: there is nothing to confirm but on the approval's own page.
  if (match && decision === "approve") return { status: "needs_confirmation", message: say("voice.numberNeeded"), command, approvalId };
  const asked = context.ask(context, command, async () => {
    const { status } = await decideApproval(deps, { approvalId, decision }, phone, caller);
    return { status: "done", message: say("voice.decided", { approval: label, status }), command };
  });
  return decision === "approve" ? { ...asked, approvalId } : asked;
}

/** The last build that the phone was notified of, and how many approvals wait. */
async function readStatus(context: VoiceContext): Promise<Answer> {
  const { deps, phone } = context;
  const { userId, deviceId } = phone;
  const sent = await deps.store.pageOfNotifications({ at: deps.clockWatch.retentionNow(), most: 200, filter: { userId } });
  const last = sent.items.find(({ message: { to } }) => to.some((one) => one.userId === userId && one.deviceId === deviceId))?.message
    .content;
  const build =
    last?.type === "notification"
      ? say("voice.build", { project: last.build.projectName, status: last.build.status, message: last.build.message })
      : say("voice.noBuilds");
  const count = (await pendingApprovals(context)).length;
  return { status: "done", message: count === 0 ? build : say("voice.waiting", { build, count }) };
}

async function pendingApprovals({ deps, phone: { userId } }: VoiceContext) {
  return (await deps.store.listApprovals()).filter(({ status, userIds }) => status === "pending" && userIds.includes(userId));
}

/** Examples of commands. */
function offered({ handlers }: VoiceContext): string[] {
  return [...handlers]
    .flatMap(({ commands }) => commands.flatMap(({ action, targets }) => targets.slice(0, 3).map((target) => `${action} ${target}`)))
    .slice(0, MAX_OFFERED);
}

function helpText(context: VoiceContext): string {
  const commands = offered(context).join(", ");
  return commands === "" ? say("voice.helpNoProject") : say("voice.help", { commands });
}

async function sendResult({ clock, random, store, inboxSignals }: VoiceDeps, phone: Device, result: CommandResult): Promise<void> {
  const now = clock.now();
  const message = {
    messageId: random.token(16),
    content: { type: "command_result", result },
    sentAt: now,
    expiresAt: now + MESSAGE_DAYS * DAY,
  } as const;
  inboxSignals.emit(await store.sendMessage({ message, to: [phone], at: now, audit: [] }));
}

type Answer = Omit<VoiceAnswer, "commandId">;

const CONFIRM_WITHIN = 30 * SECOND;
const MAX_WAITING = 1000;

/** Voice commands from phones. Every action is shown first and needs a tap; only registered words have a meaning. */
export function createVoice(deps: VoiceDeps) {
  const handlers = new Set<VoiceHandler>();
  const confirmations = createConfirmations(deps);
  return {
    /** Returns a function that unregisters it. */
    register(handler: VoiceHandler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    async handle(phone: Device, spoken: SpokenCommand, caller: Caller): Promise<VoiceAnswer> {
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
