import type { HostReport, StorageStatus } from "../../host/inspect-host.ts";
import { NoAnswer, rejectionSentence } from "../ask-door.ts";
import { read } from "../verify/verified-server.ts";
import type { ServerSeen } from "./ask-server.ts";
import { type Finding, failed, ok, warning } from "./check.ts";

const MEGABYTE = 1024 * 1024;
/** The log and the audit trail grow by some ten megabytes before they are divided. */
const LITTLE = 100 * MEGABYTE;
/** Less than what is set aside for revocations and a checkpoint's drafts. */
const NONE = 4 * MEGABYTE;
const SHOWN = 5;
/** How long after the start that found it a restored state is still named. */
const REMEMBERED = 7 * 24 * 60 * 60_000;
const CHECK_PHONES =
  "Check the list of phones (topdog-phone devices): revoke again what was revoked after the backup; the audit trail names it.";
/** A key's name begins like no other. */
const ENOUGH_OF_KID = 8;

export function checkSecrets(seen: ServerSeen, { secrets: report }: HostReport): Finding {
  if (seen.kind === "open") {
    const { kind, state, sentence } = seen.overview.secrets;
    if (state === "ready") return ok(`${PLACES[kind]}: they can be used.`);
    if (state === "opening") return warning(`${PLACES[kind]}: not asked yet.`, "Run doctor again in a moment.");
    return failed(sentence ?? `${PLACES[kind]}: ${state}.`);
  }
  if ("fault" in report) return failed(report.fault);
  if (report.kind === "keychain")
    return warning("In the desktop app's keychain, which only the running app can ask.", "Start the app, and run doctor again.");
  return ok(`${PLACES[report.kind]}: they can be used.`);
}

const PLACES = {
  environment: "From the environment",
  file: "In files of the storage folder",
  keychain: "In the keychain",
  memory: "In memory",
} as const;

export async function checkKey(seen: ServerSeen, { key }: HostReport): Promise<Finding> {
  if ("doors" in seen) {
    try {
      const answer = await seen.server.phone("publicKeys", {});
      if (answer.status !== 200) return failed(rejectionSentence(seen.doors.phoneAddress, answer));
      const { keys } = read("publicKeys", answer);
      return ring(keys[0]?.["kid"] ?? "", keys.length);
    } catch (cause) {
      if (!(cause instanceof NoAnswer)) throw cause;
      return failed(cause.message);
    }
  }
  if ("fault" in key) return failed(key.fault, "Restore the key from a backup. A new one unpairs every phone.");
  if (key.kind === "ready") return ring(key.kid, key.all);
  return ok(key.kind === "none" ? "There is none yet: the first start makes one." : "In the desktop app's keychain.");
}

function ring(kid: string, all: number): Finding {
  const former = all < 2 ? "" : `; ${all - 1} more still ${all === 2 ? "verifies" : "verify"}`;
  return ok(`Key ${kid.slice(0, ENOUGH_OF_KID)}… signs${former}.`);
}

export function checkFolder(folder: string, { folder: status }: StorageStatus, seen: ServerSeen): Finding {
  switch (status.kind) {
    case "absent":
      return "doors" in seen
        ? warning(`${folder} is not there: the running server keeps its data elsewhere.`, "Set PAIRING_STORAGE_PATH to its folder.")
        : warning(`${folder} is not there yet: the first start makes it.`);
    case "unusable":
      return failed(`${folder} cannot be looked at (${status.code}).`, "Run doctor under the server's account.");
    case "there": {
      const { writable, foreign, openMode, openFiles } = status;
      if (foreign !== undefined) return failed(foreign, "If that is the server's account, run doctor under it.");
      if (!writable) return failed(`${folder} cannot be written by this account.`, `Run: chmod 700 ${quoted(folder)} (as its owner)`);
      const files = openFiles.length === 0 ? [] : [`open to other accounts: ${named(openFiles)}`];
      const seenOpen = [...(openMode === undefined ? [] : [`its mode is ${openMode}, not 0700`]), ...files];
      if (seenOpen.length === 0) return ok(`${folder} is for this account only.`);
      return warning(`${folder}: ${seenOpen.join("; ")}.`, wayOut(folder, openMode, openFiles));
    }
    default:
      return status satisfies never;
  }
}

function wayOut(folder: string, openMode: string | undefined, openFiles: readonly string[]): string {
  const commands = [
    ...(openMode === undefined ? [] : [`chmod 700 ${quoted(folder)}`]),
    ...(openFiles.length === 0 ? [] : [`chmod 600 ${openFiles.map((name) => quoted(`${folder}/${name}`)).join(" ")}`]),
  ];
  return `Run: ${commands.join(" && ")}`;
}

function quoted(file: string): string {
  return `"${file}"`;
}

function named(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return more > 0 ? `${names.slice(0, SHOWN).join(", ")} and ${more} more` : names.join(", ");
}

export function checkSpace({ free }: StorageStatus): Finding {
  if (free === undefined) return ok("The system does not say.");
  const left = `${Math.floor(free / MEGABYTE).toLocaleString("en")} MB are free.`;
  if (free < NONE) return failed(left, "Free space on this disk: changes are refused until there is some.");
  return free < LITTLE ? warning(left, "Free space on this disk.") : ok(left);
}

export function checkData({ data, lock }: StorageStatus, now: number): Finding {
  switch (data.kind) {
    case "none":
      return ok("Nothing is stored yet.");
    case "damaged":
      return failed(data.sentence);
    case "whole": {
      const { sessions, devices, active, journaled, seq, torn, missing, rolledBack } = data;
      const counted = `${sessions} ${sessions === 1 ? "session" : "sessions"}, ${devices} ${devices === 1 ? "phone" : "phones"} (${active} active)`;
      const whole = `Whole: ${counted}; ${journaled} of ${seq} ${seq === 1 ? "change" : "changes"} in the journal.`;
      if (missing) return warning(`${whole} ${missing.sentence}`, CHECK_PHONES);
      if (rolledBack && now - rolledBack.at < REMEMBERED) {
        const at = `${new Date(rolledBack.at).toISOString().slice(0, 19)}Z`;
        return warning(`${whole} At the start of ${at} the state was older than the audit log: ${rolledBack.reason}.`, CHECK_PHONES);
      }
      // Beside a running server it is a line that is being written.
      if (torn === 0 || lock.kind === "held") return ok(whole);
      return warning(`${whole} The journal's last line was cut short, and was never answered.`, "Nothing: the next start drops it.");
    }
    default:
      return data satisfies never;
  }
}

export function readLockStatus({ lock, folder }: StorageStatus, seen: ServerSeen): Finding {
  switch (lock.kind) {
    case "held":
      return ok(`Process ${lock.pid}${lock.computer === undefined ? "" : ` on ${lock.computer}`} has the folder.`);
    case "unknown":
      return failed(lock.sentence);
    case "unreadable":
      return warning("The lock cannot be read: its maker died while it wrote it. The next start takes it over.");
    case "free":
      return elsewhere(folder, seen) ?? ok("Nobody has the folder.");
    case "left":
      return elsewhere(folder, seen) ?? ok(`Left by process ${lock.pid}, which is gone. The next start takes it over.`);
    default:
      return lock satisfies never;
  }
}

/** A server that answers has some folder, and it is not this one. */
function elsewhere(folder: StorageStatus["folder"], seen: ServerSeen): Finding | undefined {
  if (!("doors" in seen) || folder.kind !== "there") return undefined;
  return warning("A server answers, but none has this folder.", "Set PAIRING_STORAGE_PATH to the running server's folder.");
}
