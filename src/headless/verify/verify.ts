import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { messageOf } from "../../base/message-of.ts";
import { checkSettings } from "../../host/open-settings.ts";
import { defaultFolder } from "../default-folder.ts";
import { Interrupted, interruptions } from "../interruptions.ts";
import { runChecklist } from "./checklist.ts";
import { checklistAsJson, checklistAsTable } from "./print-checklist.ts";
import type { Row } from "./row.ts";
import { createTraces } from "./traces.ts";
import { connect, findServer, NoServer } from "./verified-server.ts";

export interface VerifyOptions {
  readonly json: boolean;
  readonly restart: string | undefined;
  readonly wait: boolean;
}

const PASSED = 0;
const FAILED = 1;
const NOT_RUN = 3;

/**
 * The guide's hardening checklist against the server that this environment names. Prints the rows to standard output, all else to
 * standard error. Resolves with the exit code: 0 all rows passed, 1 some failed, 3 there is no server, 128 + n ended by signal n.
 */
export async function verify(env: NodeJS.ProcessEnv, options: VerifyOptions, appVersion: string): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const { settings, faults } = checkSettings(env, { storageFolder: defaultFolder() });
  const doors = await findServer(settings).catch((cause: unknown) => {
    if (cause instanceof NoServer) return cause.message;
    throw cause;
  });
  if (typeof doors === "string") {
    // A variable that cannot be read may be the reason why it was looked for in the wrong place.
    say([doors, ...faults].join(" "));
    return NOT_RUN;
  }

  const interruption = interruptions(() => say("Taking away what was made …"));
  const { signal: interrupted } = interruption;
  const progress = progressTo(process.stderr);
  const waitFor =
    (aborted?: AbortSignal) =>
    async (seconds: number): Promise<void> => {
      progress(`The server's limits ask to wait ${seconds} ${seconds === 1 ? "second" : "seconds"}. Waiting, then asking once more …`);
      await delay(seconds * 1000, undefined, { signal: aborted }).catch(() => aborted?.throwIfAborted());
    };
  // What was made is taken away after an interruption, too.
  const traces = createTraces(connect(doors, settings.adminToken, () => undefined, waitFor()));
  let rows: readonly Row[] | undefined;
  let outcome = NOT_RUN;
  try {
    rows = await runChecklist({
      ...options,
      server: connect(doors, settings.adminToken, () => interrupted.throwIfAborted(), waitFor(interrupted)),
      traces,
      env,
      settings,
      faults,
      interrupted,
      report: progress,
      host: { distFolder: fileURLToPath(new URL("..", import.meta.url)), appVersion },
    });
  } catch (cause) {
    say(messageOf(cause));
    if (cause instanceof Interrupted) outcome = cause.exitCode;
  }
  const left = await traces.remove();
  for (const sentence of left) say(sentence);
  doors.agent.destroy();
  interruption.stop();
  if (!rows) return outcome;
  // What is printed now does not begin in a line that was to change.
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  process.stdout.write(`${(options.json ? checklistAsJson : checklistAsTable)(doors.localAddress, rows)}\n`);
  return left.length === 0 && rows.every(({ passed }) => passed) ? PASSED : FAILED;
}

/** On a terminal one line that changes; elsewhere only what is new, without its countdown. */
function progressTo(stream: NodeJS.WriteStream): (progress: string) => void {
  let last = "";
  return (progress) => {
    const line = stream.isTTY ? `\r\u001b[K${progress}` : `${progress.replace(/: \d+:\d\d$/, " …")}\n`;
    if (line === last) return;
    last = line;
    stream.write(line);
  };
}
