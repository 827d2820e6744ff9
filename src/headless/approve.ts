import { userInfo } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../base/message-of.ts";
import { type AnswerOf, OPERATIONS } from "../contract/operations.ts";
import { reachableAddressOf } from "../settings/addresses.ts";
import { readSettings, type Settings } from "../settings/read-settings.ts";
import { askDoor, NoAnswer, rejectionSentence } from "./ask-door.ts";
import { askLocalDoor, noServerAt } from "./ask-local-door.ts";
import { INTERRUPTIONS } from "./interruptions.ts";
import { buildIdOf, whichPhone } from "./which-phone.ts";

export interface ApproveOptions {
  readonly project: string;
  readonly plan: string;
  readonly by?: string;
  readonly timeout: string;
  readonly files?: readonly string[];
  readonly duration: string;
  readonly build?: string;
  readonly device?: string;
  readonly user?: string;
  readonly json?: true;
}

type Answer = AnswerOf<"approvalStatus">;
type Asked = Pick<Answer, "approval_id" | "content_sha256">;
/** Pending: it was not answered, and nobody can be asked any more. */
const EXIT_CODES: Record<Answer["status"], number> = { approved: 0, rejected: 1, expired: 2, cancelled: 2, pending: 3 };
const ERROR = 3;
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
/** Seconds of one question: as long as the door waits. */
const ONE_WAIT = 60;
const BETWEEN_TRIES = 500;
/** A server that is being started anew has this long to come back, counted from the end of the approval's own time. */
const COMES_BACK_WITHIN = 30_000;

/** Asks and waits. Answers the exit code; what was answered goes to standard output, everything else to standard error. */
export async function approve(env: NodeJS.ProcessEnv, options: ApproveOptions): Promise<number> {
  try {
    const settings = readSettings(env, { storageFolder: "." });
    const until = Date.now() + millisecondsOf(options.timeout);
    // Before anything is asked: the server may have the question while its answer is on the way.
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
    });
    const answer = await answerTo(settings, asked, until, interrupted);
    process.stdout.write(`${options.json ? JSON.stringify(answer) : inWords(answer)}\n`);
    return EXIT_CODES[answer.status];
  } catch (cause) {
    process.stderr.write(`${messageOf(cause)}\n`);
    return ERROR;
  }
}

/** Whoever interrupts the wait takes the question back, so that no phone goes on showing it. */
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
  const address = reachableAddressOf(settings.localHost, settings.localPort);
  const about = { address, adminToken: settings.adminToken, waits: ONE_WAIT * 1000 };
  while (!progress.ended()) {
    const answer = await askDoor(about, "approvalStatus", { approval_id: asked.approval_id, wait: ONE_WAIT }).catch((cause: unknown) => {
      // It may be starting anew: the question is on its disk, and so is an answer.
      if (cause instanceof NoAnswer && Date.now() < until + COMES_BACK_WITHIN) return undefined;
      throw cause instanceof NoAnswer ? new Error(noServerAt(address)) : cause;
    });
    if (answer?.status === 200) {
      const read = OPERATIONS.approvalStatus.answer.parse(answer.body);
      if (read.status !== "pending") return read;
      // A server that stops answers at once, and is asked again only when it had time to go.
    } else if (answer !== undefined && answer.status < 500) throw new Error(rejectionSentence(address, answer));
    await pause(BETWEEN_TRIES);
  }
  return { approval_id: asked.approval_id, status: "pending", content_sha256: asked.content_sha256 };
}

/** Whoever runs this; nobody where the account has no name, as in some containers. */
function loginName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function inWords({ status, decided_by_name: name, decided_by: by, comment }: Answer): string {
  const where = name === undefined ? (by === undefined ? "" : " at the desk") : ` on ${name}`;
  const sentence = status === "expired" ? "Nobody answered in time" : `${status.slice(0, 1).toUpperCase()}${status.slice(1)}${where}`;
  return comment === undefined ? `${sentence}.` : `${sentence}: ${comment}`;
}

interface Progress {
  end(): void;
  ended(): boolean;
}

/** On a terminal a line that counts down; nothing in a pipe. */
function showProgress(until: number): Progress {
  const shown = process.stderr.isTTY;
  let over = false;
  const show = (): void => {
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    process.stderr.write(`\r\u001b[KWaiting for an answer: ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left`);
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
  if (milliseconds === 0) throw new Error(`--timeout ${JSON.stringify(typed)} is not a time. Write it like 90s, 10m or 2h.`);
  return milliseconds;
}
