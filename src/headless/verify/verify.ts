import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { messageOf } from "../../base/message-of.ts";
import { checkSettings } from "../../host/check-settings.ts";
import { say } from "../../words/say.ts";
import { localDoorOf } from "../ask-local-door.ts";
import { padCells, widestOf } from "../columns.ts";
import { defaultFolder } from "../default-folder.ts";
import { Interrupted, interruptions } from "../interruptions.ts";
import { type Checklist, type Run, runChecklist } from "./checklist.ts";
import { connect, findServer, NoServer } from "./server.ts";
import { createTraces } from "./traces.ts";

export interface VerifyOptions extends Pick<Run, "restart" | "wait"> {
  readonly json: boolean;
}

const PASSED = 0;
const FAILED = 1;
const NOT_RUN = 3;

/**
 * The guide's hardening checklist against the server that this environment names. Prints the rows to standard output, everything else
 * to standard error. Resolves with the exit code: 0 all rows passed, 1 some failed, 3 there is no server, 128 + n ended by signal n.
 */
export async function verify(env: NodeJS.ProcessEnv, { json, ...options }: VerifyOptions, appVersion: string): Promise<number> {
  const print = (line: string): void => void process.stderr.write(`${line}\n`);
  const { settings, faults } = await checkSettings(env, { storageFolder: defaultFolder() });
  const doors = await findServer(settings).catch((cause: unknown) => {
    if (cause instanceof NoServer) return cause.message;
    throw cause;
  });
  if (typeof doors === "string") {
    // An invalid variable may be why the server was not found there.
    print([doors, ...faults].join(" "));
    return NOT_RUN;
  }

  const interruption = interruptions(() => print(say("commandLine.cleaningUp")));
  const { signal: interrupted } = interruption;
  const report = progressTo(process.stderr);
  const waitFor =
    (aborted?: AbortSignal) =>
    async (seconds: number): Promise<void> => {
      report(say("verify.rateLimited", { wait: seconds }));
      await delay(seconds * 1000, undefined, { signal: aborted }).catch(() => aborted?.throwIfAborted());
    };
  // Its requests are not interrupted: what the run created is removed after an interruption, too.
  const credentials = await localDoorOf(settings);
  const traces = createTraces(connect(doors, credentials, () => undefined, waitFor()));
  const server = connect(doors, credentials, () => interrupted.throwIfAborted(), waitFor(interrupted));
  const host = { distFolder: fileURLToPath(new URL("..", import.meta.url)), appVersion };
  let checklist: Checklist | undefined;
  let outcome = NOT_RUN;
  try {
    checklist = await runChecklist({ ...options, server, traces, env, settings, faults, interrupted, report, host });
  } catch (cause) {
    print(messageOf(cause));
    if (cause instanceof Interrupted) outcome = cause.exitCode;
  }
  const left = await traces.remove();
  for (const sentence of left) print(sentence);
  doors.agent.destroy();
  interruption.stop();
  if (!checklist) return outcome;
  // Clears the progress line.
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  process.stdout.write(`${(json ? checklistAsJson : checklistAsTable)(doors.localAddress, checklist)}\n`);
  return left.length === 0 && checklist.rows.every(({ passed }) => passed) ? PASSED : FAILED;
}

/** On a terminal a single line that changes; elsewhere a line for each change, without countdowns. */
function progressTo(stream: NodeJS.WriteStream): Run["report"] {
  let last = "";
  return (progress, onTerminal = progress) => {
    const line = stream.isTTY ? `\r\u001b[K${onTerminal}` : `${progress}\n`;
    if (line === last) return;
    last = line;
    stream.write(line);
  };
}

/** For people: a line for each row, and what to do below it. */
export function checklistAsTable(address: string, { rows, recommended }: Checklist): string {
  const [pass, fail] = [`✓ ${say("verify.pass")}`, `✗ ${say("verify.fail")}`];
  const [nameWidth, resultWidth] = [widestOf(rows.map(({ name }) => name)), widestOf([pass, fail])];
  const lines = rows.flatMap(({ number, name, passed, reason, todo }) => {
    const start = `${number}  ${padCells(name, nameWidth)}  ${padCells(passed ? pass : fail, resultWidth)}  `;
    return [`${start}${reason}`, ...(todo === undefined ? [] : [`${padCells("", widestOf([start]))}→ ${todo}`])];
  });
  const summary = say("verify.summary", { passed: rows.filter(({ passed }) => passed).length, total: rows.length });
  const beyond = recommended.flatMap(({ name, passed, reason, todo }) => [
    `${passed ? "✓" : "!"}  ${name}  ${reason}`,
    ...(todo === undefined ? [] : [`   → ${todo}`]),
  ]);
  return [say("verify.title", { address }), "", ...lines, "", say("verify.recommended"), ...beyond, "", summary].join("\n");
}

/** For machines. */
function checklistAsJson(address: string, { rows, recommended }: Checklist): string {
  return JSON.stringify({ address, passed: rows.every((row) => row.passed), rows, recommended });
}
