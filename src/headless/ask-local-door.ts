import { type AnswerOf, type InputOf, OPERATIONS, type Operation, type OperationName } from "../contract/operations.ts";
import { ProblemBody } from "../contract/problem.ts";
import { reachableAddressOf, type Settings } from "../settings/read-settings.ts";

const ANSWER_WITHIN = 10_000;

/** Asks the running server, as the settings say where it is. Rejects with one sentence for the person at the terminal. */
export async function askLocalDoor<N extends OperationName>(settings: Settings, name: N, input: InputOf<N>): Promise<AnswerOf<N>> {
  const operation: Operation = OPERATIONS[name];
  const address = reachableAddressOf(settings.localHost, settings.localPort);
  let response: Response;
  try {
    response = await fetch(address + operation.path, {
      method: operation.method,
      headers: {
        ...(operation.body ? { "Content-Type": "application/json" } : {}),
        ...(settings.adminToken === undefined ? {} : { "x-admin-token": settings.adminToken }),
      },
      ...(operation.body ? { body: JSON.stringify(input) } : {}),
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
  } catch {
    throw new Error(`No server answers at ${address}. Start it (topdog-phone serve), or set PAIRING_HOST and PAIRING_PORT to where it is.`);
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return operation.answer.parse(body) as AnswerOf<N>;
  const problem = ProblemBody.safeParse(body);
  throw new Error(problem.success ? problem.data.detail : `The server at ${address} answered with ${response.status}.`);
}
