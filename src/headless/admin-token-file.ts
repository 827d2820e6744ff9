import { readFile } from "node:fs/promises";
import { messageOf } from "../base/message-of.ts";
import { say } from "../words/say.ts";

/** The admin token in a file that was named on the command line. Rejects with one sentence. */
export async function adminTokenIn(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new Error(say("commandLine.noAdminTokenFile", { file, why: messageOf(cause) }));
  });
  return text.trim();
}
