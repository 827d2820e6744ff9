import { randomInt } from "node:crypto";
import http from "node:http";
import { isIPv4 } from "node:net";
import { isLoopback } from "../../base/loopback.ts";
import type { DoorAnswer } from "../../contract/call.ts";
import { type AnswerOf, type InputOf, OPERATIONS, type OperationName } from "../../contract/operations.ts";
import { ProblemBody } from "../../contract/problem.ts";
import { reachableAddressOf } from "../../settings/addresses.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { say } from "../../words/say.ts";
import { type Asked, askDoor, rejectionSentence } from "../ask-door.ts";
import { noServerAt } from "../ask-local-door.ts";
import { RowFault } from "./row.ts";

interface As extends Pick<Asked, "adminToken" | "deviceToken"> {
  /** "Too many requests" is an answer like any other. */
  readonly takesRejection?: true;
}

type Ask = <N extends OperationName>(name: N, input: InputOf<N>, as?: As) => Promise<DoorAnswer>;

/** The server that is looked at, by its two doors. */
export interface VerifiedServer {
  readonly address: string;
  /** Resolves with whatever is answered. The admin token goes along unless `as` says otherwise. */
  readonly local: Ask;
  readonly phone: Ask;
  /** The local door's answer. A refusal is a {@link RowFault}. */
  readonly call: <N extends OperationName>(name: N, input: InputOf<N>) => Promise<AnswerOf<N>>;
}

/** The doors that were found, and how to connect to them. */
export interface FoundDoors {
  readonly localAddress: string;
  readonly phoneAddress: string;
  readonly agent: http.Agent;
  readonly phoneHeaders: Readonly<Record<string, string>>;
}

/** There is nothing that could be looked at. The message is one line. */
export class NoServer extends Error {
  override readonly name = "NoServer";
  /** Something else answers there. */
  readonly stranger: boolean;
  readonly address: string;

  constructor(address: string, stranger: boolean) {
    super(stranger ? say("commandLine.notTopDog", { address }) : noServerAt(address));
    this.address = address;
    this.stranger = stranger;
  }
}

const CALLER = { "User-Agent": "topdog-phone" };
const WAYS_OUT: Readonly<Record<string, string>> = {
  admin_token_required: "Set ADMIN_TOKEN (or ADMIN_TOKEN_FILE) to the server's.",
  admin_token_invalid: "Set ADMIN_TOKEN (or ADMIN_TOKEN_FILE) to what the running server has.",
  host_not_allowed: "Set PAIRING_BASE_URL to what the running server has.",
};

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

/** Longer waits are for the person to decide about. */
const MAX_WAIT_SECONDS = 150;

/**
 * `before` runs before each question, and may throw. A question that came too soon after others is asked once more, after `wait` has
 * waited for as long as the door said: runs in a row share its limits with each other and with whoever else asks.
 */
export function connect(
  doors: FoundDoors,
  adminToken: string | undefined,
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
  const local = askOf({ address: localAddress, agent, adminToken, headers: CALLER });
  return {
    address: localAddress,
    local,
    phone: askOf({ address: phoneAddress, agent, headers: { ...CALLER, ...phoneHeaders } }),
    async call(name, input) {
      const answer = await local(name, input);
      if (answer.status !== 200) throw refused(localAddress, answer);
      return read(name, answer);
    },
  };
}

/** The body of a success. Throws a {@link RowFault} for one that the contract does not know. */
export function read<N extends OperationName>(name: N, { body }: DoorAnswer): AnswerOf<N> {
  const answer = OPERATIONS[name].answer.safeParse(body);
  if (answer.success) return answer.data as AnswerOf<N>;
  throw new RowFault(
    `The server's answer at ${OPERATIONS[name].path} is not what this version understands.`,
    "Use the topdog-phone of the server's own version.",
  );
}

export function refused(address: string, answer: DoorAnswer): RowFault {
  return new RowFault(rejectionSentence(address, answer), WAYS_OUT[codeOf(answer) ?? ""] ?? "Mend what it says, then try again.");
}

export function codeOf({ body }: DoorAnswer): string | undefined {
  return ProblemBody.safeParse(body).data?.code;
}

/** How an answer is spoken of: "401 token_revoked". */
export function spoken(answer: DoorAnswer): string {
  const code = codeOf(answer);
  return code === undefined ? String(answer.status) : `${answer.status} ${code}`;
}

/**
 * The phone door counts requests by address, so verify comes from one that nobody else has, where it can: it then does not meet what
 * the run before has used up. All of 127.0.0.0/8 is this computer on Linux alone. To the local door they are one caller.
 */
function agentsFor(addresses: readonly string[]): readonly http.Agent[] {
  // Not kept alive: the door closes a revoked phone's connections, and a kept one would be found closed by the next question.
  const plain = new http.Agent({ keepAlive: false });
  const hosts = addresses.map((address) => new URL(address).hostname);
  if (process.platform !== "linux" || !hosts.every((host) => isIPv4(host) && isLoopback(host))) return [plain];
  const own = `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;
  return [new http.Agent({ keepAlive: false, localAddress: own }), plain];
}

/** The phone door answers to loopback names and to the public one. */
function phoneHeaders(address: string, baseUrl: string | undefined): Record<string, string> {
  return isLoopback(new URL(address).hostname) || baseUrl === undefined ? {} : { Host: new URL(baseUrl).host };
}
