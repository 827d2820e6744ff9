import path from "node:path";
import type { Exported, ExportTarget } from "../adapters/stores/file/write-export.ts";
import { whyNotRelative } from "../adapters/system/working-folder.ts";
import { messageOf } from "../base/message-of.ts";
import { exportStorage } from "../host/inspect-host.ts";
import { checkSettings } from "../host/open-settings.ts";
import type { Settings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import { padCells, widestOf } from "./columns.ts";
import { defaultFolder } from "./default-folder.ts";
import { Interrupted, interruptions } from "./interruptions.ts";

/**
 * Writes what an auditor needs into a new or empty folder. Prints what was written to standard output, errors to standard error.
 * Resolves with the exit code: 0 done, 1 nothing was written, 128 + n ended by signal n.
 */
export async function exportForAuditor(env: NodeJS.ProcessEnv, to: string, json: boolean): Promise<number> {
  const print = (line: string): void => void process.stderr.write(`${line}\n`);
  const interruption = interruptions(() => print(say("commandLine.cleaningUp")));
  try {
    const { settings, faults } = checkSettings(env, { storageFolder: defaultFolder() });
    // Other faults don't prevent an export.
    const unknown = faults.find((fault) => fault.startsWith("PAIRING_STORAGE_PATH"));
    if (unknown !== undefined) throw new Error(unknown);
    const nowhere = whyNotRelative(to);
    if (nowhere !== undefined) throw new Error(say("commandLine.badFolder", { folder: JSON.stringify(to), why: nowhere }));
    const folder = path.resolve(to);
    const at = Date.now();
    const target = { to: folder, at, interrupted: interruption.signal };
    const from = settings.databaseUrl === undefined ? settings.storageFolder : say("commandLine.exportedDatabase");
    const { seq, files, audit, missing } = await exportFrom(settings, target);
    if (json) {
      process.stdout.write(`${JSON.stringify({ folder, from, seq, files, audit, missing })}\n`);
      return 0;
    }
    const width = widestOf(files.map(({ name }) => name));
    const lines = [
      say("commandLine.exported", { from, to: folder }),
      ...files.map(({ name, entries }) => `  ${padCells(name, width)}  ${countOf(name, entries)}`),
      ...(audit ? [say("commandLine.exportedRange", { seq, first: audit.first, last: audit.last })] : []),
      ...missing.map((range) => missingInWords(range)),
      say("commandLine.exportedContent"),
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
    return 0;
  } catch (cause) {
    print(messageOf(cause));
    return cause instanceof Interrupted ? cause.exitCode : 1;
  } finally {
    interruption.stop();
  }
}

async function exportFrom({ databaseUrl: url, storageFolder: from }: Settings, target: ExportTarget): Promise<Exported> {
  if (url === undefined) return exportStorage({ from, ...target });
  const { exportDatabase } = await import("../adapters/stores/postgres/index.ts");
  return exportDatabase({ url, setting: "PAIRING_DATABASE_URL", ...target });
}

function countOf(file: string, count: number): string {
  switch (file) {
    case "pairing_sessions.json":
      return say("commandLine.exportedSessions", { count });
    case "paired_devices.json":
      return say("commandLine.exportedPhones", { count });
    case "revoked_jti.json":
      return say("commandLine.exportedTokens", { count });
    case "pairing_audit.jsonl":
      return say("commandLine.exportedLines", { count });
    default:
      return say("commandLine.exportedEntries", { count });
  }
}

function missingInWords({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? say("commandLine.missingOne", { from }) : say("commandLine.missingMany", { from, to });
}
