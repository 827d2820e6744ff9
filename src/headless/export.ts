import path from "node:path";
import { whyNotRelative } from "../adapters/system/working-folder.ts";
import { messageOf } from "../base/message-of.ts";
import { exportStorage } from "../host/inspect-host.ts";
import { checkSettings } from "../host/open-settings.ts";
import { padCells, widestOf } from "./columns.ts";
import { defaultFolder } from "./default-folder.ts";
import { Interrupted, interruptions } from "./interruptions.ts";

/**
 * Writes what an auditor needs into a new or empty folder. Prints what was written to standard output, why it was not to standard
 * error. Resolves with the exit code: 0 done, 1 nothing was written, 128 + n ended by signal n.
 */
export async function exportForAuditor(env: NodeJS.ProcessEnv, to: string, json: boolean): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const interruption = interruptions(() => say("Taking away what was written …"));
  try {
    const { settings, faults } = checkSettings(env, { storageFolder: defaultFolder() });
    // Another fault is no reason to keep anything from an auditor.
    const unknown = faults.find((fault) => fault.startsWith("PAIRING_STORAGE_PATH"));
    if (unknown !== undefined) throw new Error(unknown);
    const nowhere = whyNotRelative(to);
    if (nowhere !== undefined) throw new Error(`${JSON.stringify(to)} ${nowhere}.`);
    const folder = path.resolve(to);
    const at = Date.now();
    const exported = await exportStorage({ from: settings.storageFolder, to: folder, at, interrupted: interruption.signal });
    const { seq, files, audit, missing } = exported;
    if (json) {
      process.stdout.write(`${JSON.stringify({ folder, from: settings.storageFolder, seq, files, audit, missing })}\n`);
      return 0;
    }
    const width = widestOf(files.map(({ name }) => name));
    const lines = [
      `Exported from ${settings.storageFolder} to ${folder}:`,
      ...files.map(({ name, entries }) => `  ${padCells(name, width)}  ${countOf(name, entries)}`),
      ...(audit ? [`All of them stand at change ${seq}; the audit trail goes from number ${audit.first} to ${audit.last}.`] : []),
      ...missing.map((range) => `⚠ The audit trail has no line for ${inWords(range)}.`),
      "Phone numbers are whole in the sessions. Codes, keys and push subscriptions are left out.",
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
    return 0;
  } catch (cause) {
    say(messageOf(cause));
    return cause instanceof Interrupted ? cause.exitCode : 1;
  } finally {
    interruption.stop();
  }
}

const ENTRIES: Readonly<Record<string, string>> = {
  "pairing_sessions.json": "sessions",
  "paired_devices.json": "phones",
  "revoked_jti.json": "revoked tokens",
  "pairing_audit.jsonl": "lines",
};

function countOf(name: string, entries: number): string {
  const word = ENTRIES[name] ?? "entries";
  return `${entries} ${entries === 1 ? word.slice(0, -1) : word}`;
}

function inWords({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? `number ${from}` : `the numbers ${from} to ${to}`;
}
