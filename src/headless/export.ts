import type { Exported, ExportTarget } from "../adapters/stores/file/write-export.ts";
import { checkSettings } from "../host/check-settings.ts";
import { exportStorage } from "../host/inspect-host.ts";
import type { Settings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import { padCells, widestOf } from "./columns.ts";
import { defaultFolder } from "./default-folder.ts";
import { givenFolder } from "./given-folder.ts";
import { runInterruptible } from "./interruptions.ts";

/**
 * Writes what an auditor needs into a new or empty folder. Prints what was written to standard output, errors to standard error.
 * Resolves with the exit code: 0 done, 1 nothing was written, 128 + n ended by signal n.
 */
export async function exportForAuditor(env: NodeJS.ProcessEnv, to: string, json: boolean): Promise<number> {
  return runInterruptible(async (interrupted) => {
    const { settings, faults } = await checkSettings(env, { storageFolder: defaultFolder() });
    // Other faults don't prevent an export.
    const unknown = faults.find((fault) => fault.startsWith("PAIRING_STORAGE_PATH"));
    if (unknown !== undefined) throw new Error(unknown);
    const folder = givenFolder(to);
    const from = settings.databaseUrl === undefined ? settings.storageFolder : say("commandLine.exportedDatabase");
    const { seq, files, audit, missing } = await exportFrom(settings, { to: folder, at: Date.now(), interrupted });
    if (json) return JSON.stringify({ folder, from, seq, files, audit, missing });
    const width = widestOf(files.map(({ name }) => name));
    const lines = [
      say("commandLine.exported", { from, to: folder }),
      ...files.map(({ name, entries }) => `  ${padCells(name, width)}  ${countOf(name, entries)}`),
      ...(audit ? [say("commandLine.exportedRange", { seq, first: audit.first, last: audit.last })] : []),
      ...missing.map((range) => missingInWords(range)),
      say("commandLine.exportedContent"),
    ];
    return lines.join("\n");
  });
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
