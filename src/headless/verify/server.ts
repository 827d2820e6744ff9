import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import http from "node:http";
import { isIPv4 } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { isKeyOf } from "../../base/is-key-of.ts";
import { isLoopback } from "../../base/loopback.ts";
import type { DoorAnswer } from "../../contract/call.ts";
import { type AnswerOf, type InputOf, OPERATIONS, type OperationName } from "../../contract/operations.ts";
import { ProblemBody } from "../../contract/problem.ts";
import { reachableAddressOf } from "../../settings/addresses.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { say } from "../../words/say.ts";
import { type Asked, askDoor, rejectionSentence } from "../ask-door.ts";
import { noServerAt } from "../ask-local-door.ts";

/** A row does not pass. The message is what was found. */
export class RowFailure extends Error {
  override readonly name = "RowFailure";
  /** What to do about it. */
  readonly todo: string;

  constructor(found: string, todo: string) {
    super(found);
    this.todo = todo;
  }
}

interface As extends Pick<Asked, "adminToken" | "deviceToken" | "localKey" | "headers"> {
  /** "Too many requests" is the wanted answer, so the request is not repeated. */
  readonly takesRejection?: true;
}

type Ask = <N extends OperationName>(name: N, input: InputOf<N>, as?: As) => Promise<DoorAnswer>;

/** The server that is checked, through its two doors. */
export interface VerifiedServer {
  readonly address: string;
  /** Resolves with any answer. Sends the admin token unless `as` has another one. */
  readonly local: Ask;
  readonly phone: Ask;
  /** The local door's answer to a request that must succeed. Rejects with {@link RowFailure}. */
  readonly call: <N extends OperationName>(name: N, input: InputOf<N>) => Promise<AnswerOf<N>>;
}

/** The doors that were found, and how to connect to them. */
export interface FoundDoors {
  readonly localAddress: string;
  readonly phoneAddress: string;
  readonly agent: http.Agent;
  readonly phoneHeaders: Readonly<Record<string, string>>;
}

/** There is no server to check. The message is one line. */
export class NoServer extends Error {
  override readonly name = "NoServer";
  /** Another program answers there. */
  readonly stranger: boolean;
  readonly address: string;

  constructor(address: string, stranger: boolean) {
    super(stranger ? say("commandLine.notTopDog", { address }) : noServerAt(address));
    this.address = address;
    this.stranger = stranger;
  }
}

const CALLER = { "User-Agent": "topdog-phone" };
const REMEDIES = {
  admin_token_required: "verify.setToken",
  admin_token_invalid: "verify.setToken",
  host_not_allowed: "verify.setBaseUrl",
} as const satisfies Readonly<Record<string, string>>;

/** Rejects with {@link NoServer}. */
export async function findServer(settings: Settings): Promise<FoundDoors> {
  const localAddress = reachableAddressOf(settings.localHost, settings.localPort);
  for (const agent of agentsFor([localAddress, reachableAddressOf(settings.phoneHost, settings.phonePort)])) {
    const answer = await askDoor({ address: localAddress, agent, headers: CALLER }, "alive", {}).catch(() => undefined);
    if (!answer) {
      agent.destroy();
      continue;
    }
    const alive = OPERATIONS.alive.answer.safeParse(answer.body);
    if (answer.status !== 200 || !alive.success || alive.data.phone_port === undefined) {
      agent.destroy();
      throw new NoServer(localAddress, true);
    }
    const phoneAddress = reachableAddressOf(settings.phoneHost, alive.data.phone_port);
    return { localAddress, phoneAddress, agent, phoneHeaders: phoneHeaders(phoneAddress, settings.baseUrl) };
  }
  throw new NoServer(localAddress, false);
}

/** A longer wait is reported as a failure instead. */
const MAX_WAIT_SECONDS = 150;
const RESTART_TIMEOUT_MS = 60_000;
const POLL_INTERVAL_MS = 200;

/**
 * `before` runs before each request, and may throw. A request that was rate limited is repeated once, after `wait` has waited as long as
 * the door asked: runs in a row share the limits with each other and with other callers.
 */
export function connect(
  doors: FoundDoors,
  credentials: Pick<Asked, "adminToken" | "localKey">,
  before: () => void,
  wait?: (seconds: number) => Promise<void>,
): VerifiedServer {
  const { localAddress, phoneAddress, agent, phoneHeaders } = doors;
  const askOf =
    (asked: Asked): Ask =>
    async (name, input, { takesRejection, ...as } = {}) => {
      before();
      const answer = await askDoor({ ...asked, ...as }, name, input);
      const { status, retryAfter = MAX_WAIT_SECONDS + 1 } = answer;
      if (status !== 429 || codeOf(answer) !== "rate_limited" || takesRejection || !wait || retryAfter > MAX_WAIT_SECONDS) return answer;
      await wait(retryAfter);
      before();
      return askDoor({ ...asked, ...as }, name, input);
    };
  const local = askOf({ address: localAddress, agent, ...credentials, headers: CALLER });
  return {
    address: localAddress,
    local,
    phone: askOf({ address: phoneAddress, agent, headers: { ...CALLER, ...phoneHeaders } }),
    async call(name, input) {
      const answer = await local(name, input);
      if (answer.status !== 200) throw rejected(localAddress, answer);
      return readAnswer(name, answer);
    },
  };
}

/** The body of a success. Throws a {@link RowFailure} for one that the contract does not know. */
export function readAnswer<N extends OperationName>(name: N, { body }: DoorAnswer): AnswerOf<N> {
  const answer = OPERATIONS[name].answer.safeParse(body);
  if (answer.success) return answer.data as AnswerOf<N>;
  throw new RowFailure(say("verify.badAnswer", { path: OPERATIONS[name].path }), say("verify.badAnswerTodo"));
}

/** The failure for an error that the server answered with. */
export function rejected(address: string, answer: DoorAnswer): RowFailure {
  const code = codeOf(answer) ?? "";
  return new RowFailure(rejectionSentence(address, answer), say(isKeyOf(REMEDIES, code) ? REMEDIES[code] : "verify.fixAndTry"));
}

export function codeOf({ body }: DoorAnswer): string | undefined {
  return ProblemBody.safeParse(body).data?.code;
}

/** The code of a failed system call. */
export function errorCodeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? say("verify.unknownError");
}

/** An answer in a sentence: "401 token_revoked". */
export function statusAndCode(answer: DoorAnswer): string {
  const code = codeOf(answer);
  return code === undefined ? String(answer.status) : `${answer.status} ${code}`;
}

/**
 * The phone door counts requests by address, so each run uses a loopback address of its own where it can, and is not limited by an
 * earlier run. Only on Linux is all of 127.0.0.0/8 this computer. For the local door all loopback addresses are one caller.
 */
function agentsFor(addresses: readonly string[]): readonly http.Agent[] {
  // Without keep-alive: the door closes a revoked phone's connections, so a reused one would fail at the next request.
  const plain = new http.Agent({ keepAlive: false });
  const hosts = addresses.map((address) => new URL(address).hostname);
  if (process.platform !== "linux" || !hosts.every((host) => isIPv4(host) && isLoopback(host))) return [plain];
  const own = `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;
  return [new http.Agent({ keepAlive: false, localAddress: own }), plain];
}

/** The phone door accepts loopback names and the public one as `Host`. */
function phoneHeaders(address: string, baseUrl: string | undefined): Record<string, string> {
  return isLoopback(new URL(address).hostname) || baseUrl === undefined ? {} : { Host: new URL(baseUrl).host };
}

/**
 * Runs the command that restarts the server, and waits until another process answers in its place. The command's output goes to standard
 * error.
 */
export async function restartServer(server: VerifiedServer, command: string, interrupted: AbortSignal): Promise<void> {
  const { run_id: before } = await server.call("readCaller", {});
  await runCommand(command, interrupted);
  /** `undefined` while no server answers, as between the two processes. */
  const sameProcess = async (): Promise<boolean | undefined> => {
    if ((await server.local("ready", {})).status !== 200) return undefined;
    return (await server.call("readCaller", {})).run_id === before;
  };
  const until = Date.now() + RESTART_TIMEOUT_MS;
  let same: boolean | undefined;
  do {
    same = await sameProcess().catch(() => undefined);
    interrupted.throwIfAborted();
    if (same === false) return;
    await delay(POLL_INTERVAL_MS);
  } while (Date.now() < until);
  const found = say(same ? "verify.restartSame" : "verify.restartNotReady", { command: JSON.stringify(command) });
  throw new RowFailure(found, say("verify.restartOtherTodo"));
}

function runCommand(command: string, interrupted: AbortSignal): Promise<void> {
  const shown = JSON.stringify(command);
  return new Promise((resolve, reject) => {
    const fail = (found: string): void => reject(new RowFailure(found, say("verify.restartTodo")));
    const child = spawn(command, { shell: true, stdio: ["ignore", 2, 2], signal: interrupted });
    child.once("error", (cause) => {
      if (interrupted.aborted) reject(interrupted.reason as Error);
      else fail(say("verify.restartNotRun", { command: shown, why: cause.message }));
    });
    child.once("close", (status, signal) => {
      if (status === 0) resolve();
      else fail(say("verify.restartEnded", { command: shown, status: status ?? String(signal) }));
    });
  });
}
