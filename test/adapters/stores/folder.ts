import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openFileStore } from "../../../src/adapters/stores/file/file-store.ts";
import type { Log, PairingStore } from "../../../src/core/index.ts";
import { afterEachTest } from "../../after-each-test.ts";
import { NOON } from "../../contracts/pairing-store.ts";

export const FILES = ["pairing_sessions.json", "paired_devices.json", "revoked_jti.json", "phone_outbox.json"] as const;
export const JOURNAL = "pairing_journal.jsonl";
export const AUDIT = "pairing_audit.jsonl";

export interface TestLog extends Log {
  readonly warnings: string[];
}

export function testLog(): TestLog {
  const warnings: string[] = [];
  return {
    warnings,
    info: () => undefined,
    warn: (message) => void warnings.push(message),
    error: (message) => void warnings.push(message),
  };
}

const open = new Set<PairingStore>();
const folders = new Set<string>();
afterEachTest(async () => {
  await Promise.allSettled([...open].map(async (store) => store.close()));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  open.clear();
  folders.clear();
});

export function freshFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog store "));
  folders.add(folder);
  return folder;
}

export async function openIn(
  folder: string,
  log: Log = testLog(),
  now: () => number = () => NOON,
  audit: {
    readonly auditRetentionDays?: number;
    readonly auditPartBytes?: number;
    readonly auditMaxBytes?: number;
    readonly largeStateBytes?: number;
    readonly nextTurn?: () => Promise<unknown>;
    readonly trimmed?: () => void;
  } = {},
): Promise<PairingStore> {
  const store = await openFileStore({
    folder,
    now,
    log,
    sessionRetentionDays: 90,
    deviceRetentionDays: 365,
    auditRetentionDays: 365,
    ...audit,
  });
  open.add(store);
  return store;
}

/** A copy of the folder as a crash at this moment would leave it; the store that has it open continues. */
export function crashCopy(folder: string): string {
  const copy = freshFolder();
  // A checkpoint's draft can become its file between listing and copying: then the rest is copied again.
  for (let tries = 1; ; tries += 1) {
    try {
      cpSync(folder, copy, { recursive: true });
      break;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "ENOENT" || tries === 20) throw cause;
    }
  }
  rmSync(path.join(copy, "pairing.lock"), { force: true });
  return copy;
}

export function read(folder: string, name: string): string {
  return readFileSync(path.join(folder, name), "utf8");
}

/** All parts of the trail, oldest first. */
export function auditFiles(folder: string): readonly string[] {
  const parts = readdirSync(folder).filter((name) => /^pairing_audit\.\d+\.jsonl$/.test(name));
  return [...parts.sort(), ...(existsSync(path.join(folder, AUDIT)) ? [AUDIT] : [])];
}

export function auditLines(folder: string): readonly Record<string, unknown>[] {
  return auditFiles(folder)
    .map((name) => read(folder, name))
    .join("")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Everything the port can return, to compare two stores. */
export async function everything(store: PairingStore, tokenIds: readonly string[] = []): Promise<unknown> {
  return {
    sessions: await store.listSessions(),
    devices: await store.listDevices(),
    approvals: await store.listApprovals(),
    notifications: (await store.pageOfNotifications({ at: NOON, most: 1000 })).items,
    inboxes: await Promise.all(
      (await store.listDevices()).map(async ({ userId, deviceId }) =>
        store.readInbox({ userId, deviceId, since: 0, most: 1000, at: NOON }),
      ),
    ),
    tokens: await Promise.all(tokenIds.map(async (jti) => [jti, await store.findByTokenId(jti)])),
  };
}
