import path from "node:path";
import { whyNotRelative } from "../adapters/system/working-folder.ts";
import { say } from "../words/say.ts";

/** The whole path of a folder that was given on the command line. Throws, with one clear sentence, where a relative one means nothing. */
export function givenFolder(given: string): string {
  const why = whyNotRelative(given);
  if (why !== undefined) throw new Error(say("commandLine.badFolder", { folder: JSON.stringify(given), why }));
  return path.resolve(given);
}
