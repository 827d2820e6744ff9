import type { HostReport, StorageStatus } from "../../host/inspect-host.ts";
import { say } from "../../words/say.ts";
import { NoAnswer, rejectionSentence } from "../ask-door.ts";
import { readAnswer } from "../verify/server.ts";
import type { ServerSeen } from "./ask-server.ts";
import { type Finding, failed, ok, warning } from "./check.ts";

const MEGABYTE = 1024 * 1024;
/** The log and the audit log grow by some ten megabytes before they are rotated. */
const LITTLE_SPACE_BYTES = 100 * MEGABYTE;
/** Less than what is reserved for revocations and a checkpoint's drafts. */
const NO_SPACE_BYTES = 4 * MEGABYTE;
const MAX_SHOWN_FILES = 5;
/** How long a restored state is reported after the start that found it. */
const ROLLBACK_SHOWN_MS = 7 * 24 * 60 * 60_000;
/** Enough of a key id to distinguish it from the others. */
const SHOWN_KID_LENGTH = 8;

export function checkSecrets(seen: ServerSeen, { secrets: report }: HostReport): Finding {
  if (seen.kind === "open") {
    const { kind, state, sentence } = seen.overview.secrets;
    const place = placeInWords(kind);
    if (state === "ready") return ok(say("doctor.secretsReady", { place }));
    if (state === "opening") return warning(say("doctor.secretsOpening", { place }), say("doctor.again"));
    return failed(sentence ?? say("doctor.secretsNot", { place, state }));
  }
  if ("fault" in report) return failed(report.fault);
  if (report.kind === "keychain") return warning(say("doctor.secretsInApp"), say("doctor.secretsInAppTodo"));
  return ok(say("doctor.secretsReady", { place: placeInWords(report.kind) }));
}

function placeInWords(kind: "environment" | "file" | "keychain" | "memory" | "database"): string {
  switch (kind) {
    case "environment":
      return say("doctor.placeEnvironment");
    case "file":
      return say("doctor.placeFile");
    case "keychain":
      return say("doctor.placeKeychain");
    case "memory":
      return say("doctor.placeMemory");
    case "database":
      return say("doctor.placeDatabase");
    default:
      return kind satisfies never;
  }
}

export async function checkKey(seen: ServerSeen, { key }: HostReport): Promise<Finding> {
  if ("doors" in seen) {
    try {
      const answer = await seen.server.phone("publicKeys", {});
      if (answer.status !== 200) return failed(rejectionSentence(seen.doors.phoneAddress, answer));
      const { keys } = readAnswer("publicKeys", answer);
      return ring(keys[0]?.["kid"] ?? "", keys.length);
    } catch (cause) {
      if (!(cause instanceof NoAnswer)) throw cause;
      return failed(cause.message);
    }
  }
  if ("fault" in key) return failed(key.fault, say("doctor.keyRestore"));
  if (key.kind === "ready") return ring(key.kid, key.all);
  return ok(say(key.kind === "none" ? "doctor.keyNone" : "doctor.keyInApp"));
}

function ring(kid: string, all: number): Finding {
  const named = { kid: kid.slice(0, SHOWN_KID_LENGTH) };
  return ok(all < 2 ? say("doctor.keySigns", named) : say("doctor.keySignsMore", { ...named, count: all - 1 }));
}

export function checkFolder(folder: string, { folder: status }: StorageStatus, seen: ServerSeen): Finding {
  switch (status.kind) {
    case "absent":
      return "doors" in seen
        ? warning(say("doctor.folderElsewhere", { folder }), say("doctor.folderElsewhereTodo"))
        : warning(say("doctor.folderNew", { folder }));
    case "unusable":
      return failed(say("doctor.folderUnreadable", { folder, code: status.code }), say("doctor.runAsServer"));
    case "there": {
      const { writable, foreign, openMode, openFiles } = status;
      if (foreign !== undefined) return failed(foreign, say("doctor.runIfServer"));
      if (!writable)
        return failed(say("doctor.folderReadOnly", { folder }), say("doctor.runAsOwner", { command: `chmod 700 ${quoted(folder)}` }));
      if (openMode === undefined && openFiles.length === 0) return ok(say("doctor.folderOk", { folder }));
      return warning(accessInWords(folder, openMode, openFiles), accessTodo(folder, openMode, openFiles));
    }
    default:
      return status satisfies never;
  }
}

function accessInWords(folder: string, mode: string | undefined, openFiles: readonly string[]): string {
  if (mode === undefined) return say("doctor.folderFiles", { folder, files: named(openFiles) });
  if (openFiles.length === 0) return say("doctor.folderMode", { folder, mode });
  return say("doctor.folderModeFiles", { folder, mode, files: named(openFiles) });
}

function accessTodo(folder: string, openMode: string | undefined, openFiles: readonly string[]): string {
  const commands = [
    ...(openMode === undefined ? [] : [`chmod 700 ${quoted(folder)}`]),
    ...(openFiles.length === 0 ? [] : [`chmod 600 ${openFiles.map((name) => quoted(`${folder}/${name}`)).join(" ")}`]),
  ];
  return say("doctor.run", { command: commands.join(" && ") });
}

function quoted(file: string): string {
  return `"${file}"`;
}

function named(names: readonly string[]): string {
  const count = names.length - MAX_SHOWN_FILES;
  const files = names.slice(0, MAX_SHOWN_FILES).join(", ");
  return count > 0 ? say("doctor.filesMore", { files, count }) : files;
}

export function checkSpace({ free }: StorageStatus): Finding {
  if (free === undefined) return ok(say("doctor.spaceUnknown"));
  const left = say("doctor.space", { free: Math.floor(free / MEGABYTE).toLocaleString("en") });
  if (free < NO_SPACE_BYTES) return failed(left, say("doctor.spaceNone"));
  return free < LITTLE_SPACE_BYTES ? warning(left, say("doctor.spaceLittle")) : ok(left);
}

export function checkData({ data, lock }: StorageStatus, now: number): Finding {
  switch (data.kind) {
    case "none":
      return ok(say("doctor.dataNone"));
    case "damaged":
      return failed(data.sentence);
    case "whole": {
      const { sessions, devices, active, journaled, seq, torn, missing, rolledBack } = data;
      const whole = say("doctor.dataWhole", {
        sessions: say("doctor.dataSessions", { count: sessions }),
        phones: say("doctor.dataPhones", { count: devices }),
        active,
        journal: say("doctor.dataJournal", { journaled, count: seq }),
      });
      if (missing) return warning(say("doctor.dataMissing", { whole, missing: missing.sentence }), say("doctor.checkPhones"));
      if (rolledBack && now - rolledBack.at < ROLLBACK_SHOWN_MS) {
        const at = `${new Date(rolledBack.at).toISOString().slice(0, 19)}Z`;
        return warning(say("doctor.dataRolledBack", { whole, at, why: rolledBack.reason }), say("doctor.checkPhones"));
      }
      // A running server may be writing this line.
      if (torn === 0 || lock.kind === "held") return ok(whole);
      return warning(say("doctor.dataTorn", { whole }), say("doctor.dataTornTodo"));
    }
    default:
      return data satisfies never;
  }
}

export function readLockStatus({ lock, folder }: StorageStatus, seen: ServerSeen): Finding {
  switch (lock.kind) {
    case "held":
      return ok(
        lock.computer === undefined
          ? say("doctor.lockHeld", { pid: lock.pid })
          : say("doctor.lockHeldElsewhere", { pid: lock.pid, computer: lock.computer }),
      );
    case "unknown":
      return failed(lock.sentence);
    case "unreadable":
      return warning(say("doctor.lockUnreadable"));
    case "free":
      return elsewhere(folder, seen) ?? ok(say("doctor.lockFree"));
    case "left":
      return elsewhere(folder, seen) ?? ok(say("doctor.lockLeft", { pid: lock.pid }));
    default:
      return lock satisfies never;
  }
}

/** The server that answers uses another folder. */
function elsewhere(folder: StorageStatus["folder"], seen: ServerSeen): Finding | undefined {
  if (!("doors" in seen) || folder.kind !== "there") return undefined;
  return warning(say("doctor.lockElsewhere"), say("doctor.lockElsewhereTodo"));
}
