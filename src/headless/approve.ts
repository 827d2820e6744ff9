import { userInfo } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../base/message-of.ts";
import { present } from "../base/present.ts";
import type { RISKS } from "../contract/build-words.ts";
import { type AnswerOf, OPERATIONS } from "../contract/operations.ts";
import { readSettings, type Settings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import { askDoor, NoAnswer, rejectionSentence } from "./ask-door.ts";
import { askLocalDoor, localDoorOf, noServerAt } from "./ask-local-door.ts";
import { defaultFolder } from "./default-folder.ts";
import { INTERRUPTIONS } from "./interruptions.ts";
import { buildIdOf, type PhoneOptions, whichPhone } from "./which-phone.ts";

export interface ApproveOptions extends PhoneOptions {
  readonly project: string;
  readonly plan: string;
  readonly by?: string;
  readonly risk?: (typeof RISKS)[number];
  readonly timeout: string;
  readonly files?: readonly string[];
  readonly duration: string;
  readonly build?: string;
  readonly json?: true;
}

type Answer = AnswerOf<"approvalStatus">;
type Asked = Pick<Answer, "approval_id" | "content_sha256">;
/** Pending: without an answer, from a server that no longer responds. */
const EXIT_CODES: Record<Answer["status"], number> = { approved: 0, rejected: 1, expired: 2, cancelled: 2, pending: 3 };
const ERROR = 3;
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
/** Seconds of one request: as long as the door waits. */
const POLL_SECONDS = 60;
const RETRY_DELAY_MS = 500;
/** How long a server may take to restart, counted from the approval's deadline. */
const RESTART_TIMEOUT_MS = 30_000;

/** Asks and waits. Returns the exit code; the decision goes to standard output, everything else to standard error. */
export async function approve(env: NodeJS.ProcessEnv, options: ApproveOptions): Promise<number> {
  try {
    const settings = readSettings(env, { storageFolder: defaultFolder() ?? "." });
    const until = Date.now() + millisecondsOf(options.timeout);
    // Before the request is sent: the server may have it while its response is on the way.
    const interrupted = interruption();
    const asked = await askLocalDoor(settings, "requestApproval", {
      ...whichPhone(options),
      requested_by: options.by ?? loginName(),
      build_id: buildIdOf(options),
      project_name: options.project,
      plan: options.plan,
      affected_files: [...(options.files ?? [])],
      estimated_duration: options.duration,
      requires_approval_by: new Date(until).toISOString(),
      ...present({ risk: options.risk }),
    });
    if (asked.match_number !== undefined) process.stderr.write(`${say("commandLine.matchNumber", { number: asked.match_number })}\n`);
    const answer = await answerTo(settings, asked, until, interrupted);
    process.stdout.write(`${options.json ? JSON.stringify(answer) : inWords(answer)}\n`);
    return EXIT_CODES[answer.status];
  } catch (cause) {
    process.stderr.write(`${messageOf(cause)}\n`);
    return ERROR;
  }
}

/** Interrupting the wait cancels the request, so that no phone keeps showing it. */
async function answerTo(settings: Settings, asked: Asked, until: number, interrupted: Promise<"interrupted">): Promise<Answer> {
  const progress = showProgress(until);
  try {
    const answer = await Promise.race([settled(settings, asked, until, progress), interrupted]);
    if (answer !== "interrupted") return answer;
    return await askLocalDoor(settings, "cancelApproval", { approval_id: asked.approval_id });
  } finally {
    progress.end();
  }
}

/** Resolves at the first interruption; a second one ends the process at once. */
function interruption(): Promise<"interrupted"> {
  return new Promise((resolve) => {
    for (const signal of INTERRUPTIONS) process.once(signal, () => resolve("interrupted"));
  });
}

async function settled(settings: Settings, asked: Asked, until: number, progress: Progress): Promise<Answer> {
  const door = await localDoorOf(settings);
  const { address } = door;
  const about = { ...door, waits: POLL_SECONDS * 1000 };
  while (!progress.ended()) {
    const answer = await askDoor(about, "approvalStatus", { approval_id: asked.approval_id, wait: POLL_SECONDS }).catch(
      (cause: unknown) => {
        // It may be restarting: the request and its answer are on its disk.
        if (cause instanceof NoAnswer && Date.now() < until + RESTART_TIMEOUT_MS) return undefined;
        throw cause instanceof NoAnswer ? new Error(noServerAt(address)) : cause;
      },
    );
    if (answer?.status === 200) {
      const read = OPERATIONS.approvalStatus.answer.parse(answer.body);
      if (read.status !== "pending") return read;
      // A stopping server answers immediately; it is asked again after a pause.
    } else if (answer !== undefined && answer.status < 500) throw new Error(rejectionSentence(address, answer));
    await pause(RETRY_DELAY_MS);
  }
  return { approval_id: asked.approval_id, status: "pending", content_sha256: asked.content_sha256 };
}

/** `undefined` where the account has no name, as in some containers. */
function loginName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function inWords({ status, decided_by_name: phone, decided_by: by, comment }: Answer): string {
  if (status === "expired" || status === "cancelled" || status === "pending") return say(`commandLine.${status}`);
  if (phone !== undefined) {
    return comment === undefined
      ? say(`commandLine.${status}ByPhone`, { phone })
      : say(`commandLine.${status}ByPhoneComment`, { phone, comment });
  }
  const where = by === undefined ? "" : "AtComputer";
  return comment === undefined ? say(`commandLine.${status}${where}`) : say(`commandLine.${status}${where}Comment`, { comment });
}

interface Progress {
  end(): void;
  ended(): boolean;
}

/** Counts down on a terminal; prints nothing into a pipe. */
function showProgress(until: number): Progress {
  const shown = process.stderr.isTTY;
  let over = false;
  const show = (): void => {
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    process.stderr.write(
      `\r\u001b[K${say("commandLine.waiting", { minutes: Math.floor(left / 60), seconds: String(left % 60).padStart(2, "0") })}`,
    );
  };
  if (shown) show();
  const timer = shown ? setInterval(show, 1000) : undefined;
  return {
    ended: () => over,
    end() {
      over = true;
      clearInterval(timer);
      if (shown) process.stderr.write("\r\u001b[K");
    },
  };
}

function millisecondsOf(typed: string): number {
  const [, number = "", unit = ""] = /^(\d{1,6})([smh])$/.exec(typed) ?? [];
  const milliseconds = Number(number) * (UNITS[unit] ?? 0);
  if (milliseconds === 0) throw new Error(say("commandLine.badTimeout", { value: JSON.stringify(typed) }));
  return milliseconds;
}
