import http from "node:http";
import { answerOf, type DoorAnswer, headersOf, requestOf } from "../contract/call.ts";
import { type InputOf, OPERATIONS, type Operation, type OperationName } from "../contract/operations.ts";
import { ProblemBody } from "../contract/problem.ts";
import { say, sayError } from "../words/say.ts";

/** Where to ask, and as whom. */
export interface Asked {
  readonly address: string;
  /** How connections are made; without it one for each question. */
  readonly agent?: http.Agent;
  readonly adminToken?: string | undefined;
  readonly deviceToken?: string | undefined;
  /** Milliseconds that the door was asked to wait with its answer. */
  readonly waits?: number;
  /** `Host` and the like. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Nobody answered, or not in time. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

const ANSWER_WITHIN = 10_000;

/** One operation asked over HTTP. Resolves with whatever a door answers, refusals too; rejects with {@link NoAnswer}. */
export function askDoor<N extends OperationName>(
  { address, agent, adminToken, deviceToken, headers, waits = 0 }: Asked,
  name: N,
  input: InputOf<N>,
): Promise<DoorAnswer> {
  const operation: Operation = OPERATIONS[name];
  const { path, body } = requestOf(operation, input as object);
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const options: http.RequestOptions = {
      host: hostname.replace(/^\[|\]$/g, ""),
      port,
      path,
      method: operation.method,
      agent: agent ?? false,
      headers: {
        ...headersOf(body, { adminToken: adminToken === undefined ? undefined : sendable(adminToken), deviceToken }),
        ...(body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) }),
        ...headers,
      },
      signal: AbortSignal.timeout(waits + ANSWER_WITHIN),
    };
    const failed = (cause: Error): void => reject(new NoAnswer(say("commandLine.noAnswer", { address }), { cause }));
    const request = http.request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", failed);
      response.on("end", () => {
        const header = (name: string): string | null => String(response.headers[name] ?? "") || null;
        resolve(answerOf(response.statusCode ?? 0, header, Buffer.concat(chunks).toString("utf8")));
      });
    });
    request.on("error", failed);
    request.end(body);
  });
}

/** The sentence of an error, in this process's language where it knows the code. */
export function rejectionSentence(address: string, { status, body }: DoorAnswer): string {
  const problem = ProblemBody.safeParse(body);
  if (!problem.success) return say("commandLine.unexpectedAnswer", { address, status });
  const { code, params, detail } = problem.data;
  return sayError(code, params) ?? detail;
}

function sendable(token: string): string {
  try {
    http.validateHeaderValue("x-admin-token", token);
    return token;
  } catch {
    throw new Error(say("commandLine.badAdminToken"));
  }
}
