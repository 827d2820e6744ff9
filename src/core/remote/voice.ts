import { say } from "../../words/say.ts";
import type { Caller } from "../audit.ts";
import type { Device } from "../devices/device.ts";
import { PairingError } from "../errors.ts";
import { isPlainText } from "../names.ts";
import type { Ports, VoiceOffer } from "../ports.ts";
import { SECOND } from "../time.ts";
import { decideApproval } from "./settle-approval.ts";
import type { AskedAction, SpokenCommand, VoiceAnswer } from "./voice-command.ts";
import { meantBy, parseCommand, type VoiceAction } from "./voice-grammar.ts";

type VoiceDeps = Pick<Ports, "clock" | "clockWatch" | "random" | "store" | "changeEvents" | "inboxSignals" | "voiceBoard">;

/** One command of one phone. */
interface VoiceContext {
  readonly deps: VoiceDeps;
  readonly offers: readonly VoiceOffer[];
  readonly phone: Device;
  readonly commandId: string;
  readonly caller: Caller;
}

/** What a recogniser must be sure of at least, 0 to 1, so that a question is answered without a tap. */
const MIN_CONFIDENCE = 0.75;
const MAX_OFFERED = 10;
const CONFIRM_WITHIN = 30 * SECOND;

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
    case "status":
      return confidence < MIN_CONFIDENCE ? ask(context, spoken.kind, { kind: spoken.kind }) : perform(context, { kind: spoken.kind });
    default:
      return spoken satisfies never;
  }
}

/** Requests a tap, after which the action is performed. Without one in time nothing happens. */
async function ask({ deps, phone, commandId }: VoiceContext, command: string, action: AskedAction): Promise<Answer> {
  const confirmBy = deps.clock.now() + CONFIRM_WITHIN;
  await deps.voiceBoard.ask({ commandId, jti: phone.jti, action }, CONFIRM_WITHIN);
  return { status: "needs_confirmation", message: say("voice.confirm", { command }), command, confirmBy };
}

async function perform(context: VoiceContext, action: AskedAction): Promise<Answer> {
  switch (action.kind) {
    case "help":
      return { status: "done", message: helpText(context), choices: offered(context) };
    case "status":
      return readStatus(context);
    case "run":
      return run(context, action);
    case "decide": {
      const { deps, phone, caller } = context;
      const { approvalId, decision, label } = action;
      const { status } = await decideApproval(deps, { approvalId, decision }, phone, caller);
      return { status: "done", message: say("voice.decided", { approval: label, status }), command: `${decision} ${label}` };
    }
    default:
      return action satisfies never;
  }
}

async function act(context: VoiceContext, action: VoiceAction, words: string): Promise<Answer> {
  const targets = context.offers.flatMap(({ handlerId, commands }) =>
    commands.filter((command) => command.action === action).flatMap(({ targets }) => targets.map((label) => ({ label, handlerId }))),
  );
  if (targets.length === 0) return { status: "no_handler", message: say("voice.noHandler") };
  const meant = meantBy(words, targets);
  const [target] = meant;
  if (!target) {
    const known = [...new Set(targets.map(({ label }) => label))].slice(0, MAX_OFFERED).join(", ");
    return { status: "not_understood", message: say("voice.unknownTarget", { action, known }) };
  }
  const { label, handlerId } = target;
  const labels = [...new Set(meant.map((one) => one.label))];
  if (labels.length > 1) return { status: "ambiguous", message: say("voice.which"), choices: labels.map((one) => `${action} ${one}`) };
  return ask(context, `${action} ${label}`, { kind: "run", action, target: label, handlerId });
}

async function run(
  { deps, phone: { userId, deviceId }, commandId }: VoiceContext,
  { action, target, handlerId }: Extract<AskedAction, { kind: "run" }>,
): Promise<Answer> {
  if (!(await deps.voiceBoard.queue(handlerId, { commandId, action, target, userId, deviceId })))
    return { status: "no_handler", message: say("voice.noHandler") };
  const command = `${action} ${target}`;
  return { status: "accepted", message: say("voice.started", { command }), command };
}

async function decide(context: VoiceContext, decision: "approve" | "reject", words: string): Promise<Answer> {
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
  const asked = await ask(context, command, { kind: "decide", decision, approvalId, label });
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
function offered({ offers }: VoiceContext): string[] {
  return offers
    .flatMap(({ commands }) => commands.flatMap(({ action, targets }) => targets.slice(0, 3).map((target) => `${action} ${target}`)))
    .slice(0, MAX_OFFERED);
}

function helpText(context: VoiceContext): string {
  const commands = offered(context).join(", ");
  return commands === "" ? say("voice.helpNoProject") : say("voice.help", { commands });
}

type Answer = Omit<VoiceAnswer, "commandId">;

/** Voice commands from phones. Every action is shown first and needs a tap; only registered words have a meaning. */
export async function handleCommand(deps: VoiceDeps, phone: Device, spoken: SpokenCommand, caller: Caller): Promise<VoiceAnswer> {
  if (!isPlainText(spoken.text)) throw new PairingError("invalid_request", { params: { reason: "hidden_characters" } });
  const commandId = spoken.confirms ?? deps.random.token(16);
  // A command that cannot be recorded in the audit trail is not run.
  await deps.store.checkWritable();
  const context: VoiceContext = { deps, offers: await deps.voiceBoard.offers(), phone, commandId, caller };
  const answer = await (spoken.confirms === undefined ? understand(context, spoken) : confirm(context));
  await deps.store.appendAudit(deps.clock.now(), {
    event: "voice_command",
    user_id: phone.userId,
    device_id: phone.deviceId,
    reason: answer.command === undefined ? answer.status : `${answer.status}: ${answer.command}`,
    ...caller,
  });
  return { commandId, ...answer };
}

async function confirm(context: VoiceContext): Promise<Answer> {
  const action = await context.deps.voiceBoard.confirm(context.commandId, context.phone.jti);
  return action ? perform(context, action) : { status: "not_understood", message: say("voice.nothingToConfirm") };
}
