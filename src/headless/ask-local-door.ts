import { type AnswerOf, type InputOf, OPERATIONS, type OperationName } from "../contract/operations.ts";
import { reachableAddressOf } from "../settings/addresses.ts";
import type { Settings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import { askDoor, NoAnswer, rejectionSentence } from "./ask-door.ts";

/** Asks the running server at the address of the settings. Rejects with one sentence for the person at the terminal. */
export async function askLocalDoor<N extends OperationName>(settings: Settings, name: N, input: InputOf<N>): Promise<AnswerOf<N>> {
  const address = reachableAddressOf(settings.localHost, settings.localPort);
  const answer = await askDoor({ address, adminToken: settings.adminToken }, name, input).catch((cause: unknown) => {
    throw cause instanceof NoAnswer ? new Error(noServerAt(address)) : cause;
  });
  if (answer.status !== 200) throw new Error(rejectionSentence(address, answer));
  return OPERATIONS[name].answer.parse(answer.body) as AnswerOf<N>;
}

export function noServerAt(address: string): string {
  return say("commandLine.noServer", { address });
}
