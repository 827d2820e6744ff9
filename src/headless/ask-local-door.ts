import { readLocalKey } from "../adapters/secrets/local-key.ts";
import { type AnswerOf, type InputOf, OPERATIONS, type OperationName } from "../contract/operations.ts";
import { reachableAddressOf } from "../settings/addresses.ts";
import type { Settings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import { type Asked, askDoor, NoAnswer, rejectionSentence } from "./ask-door.ts";

/** Asks the running server at the address of the settings. Rejects with one sentence for the person at the terminal. */
export async function askLocalDoor<N extends OperationName>(settings: Settings, name: N, input: InputOf<N>): Promise<AnswerOf<N>> {
  const door = await localDoorOf(settings);
  const { address } = door;
  const answer = await askDoor(door, name, input).catch((cause: unknown) => {
    throw cause instanceof NoAnswer ? new Error(noServerAt(address)) : cause;
  });
  if (answer.status !== 200) throw new Error(rejectionSentence(address, answer));
  return OPERATIONS[name].answer.parse(answer.body) as AnswerOf<N>;
}

/** The running server's local door, and what this account can prove there. */
export async function localDoorOf(settings: Pick<Settings, "localHost" | "localPort" | "adminToken" | "storageFolder">): Promise<Asked> {
  return {
    address: reachableAddressOf(settings.localHost, settings.localPort),
    adminToken: settings.adminToken,
    localKey: await ownLocalKey(settings.storageFolder),
  };
}

/** `undefined` where this account may not read it: the server says what is missing. */
async function ownLocalKey(folder: string): Promise<string | undefined> {
  try {
    return await readLocalKey(folder);
  } catch (thrown) {
    const { code } = ((thrown as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM" || code === "ENOTDIR") return undefined;
    throw thrown;
  }
}

export function noServerAt(address: string): string {
  return say("commandLine.noServer", { address });
}
