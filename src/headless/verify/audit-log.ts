import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { RowFault } from "./row.ts";
import { OWN_DEVICE } from "./traces.ts";

const AuditLine = z.object({ seq: z.number().int(), event: z.string(), device_id: z.string().optional() });
type AuditLine = z.output<typeof AuditLine>;

/** Where the trail ends now: what comes later is read from here. */
export async function endOfAudit(folder: string): Promise<number> {
  return stat(fileIn(folder)).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Whether pairing and revoking a phone left numbered lines without a gap. */
export async function checkAuditLog(folder: string, from: number): Promise<string> {
  const lines = await auditLines(folder, from);
  const paired = lines.findIndex((line) => line?.event === "pair_device" && line.device_id === OWN_DEVICE);
  const revoked = lines.findIndex((line, at) => at > paired && line?.event === "revoke_device" && line.device_id === OWN_DEVICE);
  const missing = [paired < 0 ? ["pair_device"] : [], revoked < 0 ? ["revoke_device"] : []].flat();
  if (missing.length > 0) {
    throw new RowFault(
      `This run's ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not in ${fileIn(folder)}.`,
      "Set PAIRING_STORAGE_PATH to the running server's folder, and look into its log: the trail may not be writable.",
    );
  }
  const between = lines.slice(paired, revoked + 1);
  const [first, last] = [between.at(0)?.seq ?? 0, between.at(-1)?.seq ?? 0];
  if (between.some((line, at) => line?.seq !== first + at)) {
    throw new RowFault(
      `The numbers in ${fileIn(folder)} have a gap between ${first} and ${last}: ${between.map((line) => line?.seq ?? "unreadable").join(", ")}.`,
      "Somebody has changed the trail. Keep a copy of it, and find out who can write to the storage folder.",
    );
  }
  return `Pairing and revoking a phone left lines ${first} to ${last}, numbered without a gap.`;
}

/** The lines from there on, in order; `undefined` for one that cannot be read. */
async function auditLines(folder: string, from: number): Promise<readonly (AuditLine | undefined)[]> {
  const file = fileIn(folder);
  const lines: (AuditLine | undefined)[] = [];
  try {
    // Never waiting for the other end of a pipe. Windows does not know the flag, nor needs it.
    const trail = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    for await (const line of trail.readLines({ start: from })) lines.push(readLine(line));
  } catch (cause) {
    throw new RowFault(
      `${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? "unknown error"}).`,
      "Run verify where the server runs, under its account and with its environment (for example by kubectl exec).",
    );
  }
  return lines;
}

function readLine(line: string): AuditLine | undefined {
  try {
    return AuditLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function fileIn(folder: string): string {
  return path.join(folder, "pairing_audit.jsonl");
}
