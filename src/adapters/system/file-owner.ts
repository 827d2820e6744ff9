import type { Stats } from "node:fs";
import { say } from "../../words/say.ts";

/** Who owns a file may change it and what it is allowed to others: their settings and secrets would be ours. Windows keeps rights elsewhere. */
const OWN = process.platform === "win32" ? undefined : process.geteuid?.();
const ROOT = 0;

/** The account that a file belongs to, unless it is this process's own, or root, which can change every file anyway. */
export function foreignOwner({ uid }: Pick<Stats, "uid">): number | undefined {
  return OWN === undefined || uid === OWN || uid === ROOT ? undefined : uid;
}

/** One line that names file and owner, and the way out; `undefined` where the file may be used. */
export function foreignFile(file: string, found: Pick<Stats, "uid">): string | undefined {
  const owner = foreignOwner(found);
  if (owner === undefined || OWN === undefined) return undefined;
  return say("storage.fileOfOther", { file, owner, own: OWN });
}
