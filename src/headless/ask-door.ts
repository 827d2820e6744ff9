import http from "node:http";
import { present } from "../base/present.ts";
import { answerOf, type DoorAnswer, headersOf, requestOf, takesAdminToken } from "../contract/call.ts";
import { type InputOf, OPERATIONS, type Operation, type OperationName } from "../contract/operations.ts";
import { ProblemBody } from "../contract/problem.ts";
import { say, sayError } from "../words/say.ts";

/** The address of a door, and the caller's tokens. */
export interface Asked {
  readonly address: string;
  /** Makes the connections; without it, one for each request. */
  readonly agent?: http.Agent;
  readonly adminToken?: string | undefined;
  readonly localKey?: string | undefined;
  readonly deviceToken?: string | undefined;
  /** How many milliseconds the door may hold its answer back, beyond the timeout. */
  readonly waits?: number;
  /** `Host` and the like. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** No answer, or not in time. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

const ANSWER_TIMEOUT_MS = 10_000;

/** Runs one operation over HTTP. Resolves with any answer, errors included; rejects with {@link NoAnswer}. */
export function askDoor<N extends OperationName>(
  { address, agent, adminToken, localKey, deviceToken, headers, waits = 0 }: Asked,
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
        ...headersOf(body, {
          adminToken: adminToken === undefined || !takesAdminToken(operation) ? undefined : sendable(adminToken),
          localKey: operation.door === "local" ? localKey : undefined,
          deviceToken,
        }),
        ...present({ "Content-Length": body === undefined ? undefined : Buffer.byteLength(body) }),
        ...headers,
      },
      signal: AbortSignal.timeout(waits + ANSWER_TIMEOUT_MS),
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
