import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { assemble } from "../../host/assemble.ts";
import type { HostOptions } from "../../host/host-options.ts";
import { sharedSecretsReader } from "../../host/open-shared.ts";
import { copyOfDatabase } from "../../host/store-factory.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { fixedSettings } from "../../settings/settings-store.ts";
import { say } from "../../words/say.ts";
import { connect, errorCodeOf, findServer, type VerifiedServer } from "./server.ts";

/** A second server of the same program on a copy of the running one's storage folder or database records: it finds what a restarted server would find. */
export interface CopiedServer {
  readonly server: VerifiedServer;
  /** Sets its clock, which continues from there. */
  moveClock(to: number): void;
  close(): Promise<void>;
}

/** The storage folder cannot be copied. The message is the reason. */
export class NoCopy extends Error {
  override readonly name = "NoCopy";
}

type Host = Pick<HostOptions, "distFolder" | "appVersion">;

const MAX_COPIES = 5;
/** A checkpoint comes within a second of quiet, and then not again until something changes. */
const BETWEEN_COPIES_MS = 500;
const LOOPBACK = "127.0.0.1";
const NO_LIMIT = 1_000_000_000;
/**
 * The journal first. What was promised before the copy began is in it, or in the files, which only grow newer: a checkpoint
 * in between makes files that are ahead of the journal, which a start notices. The other way round changes could be missing unseen.
 */
const FILES = ["pairing_journal.jsonl", "pairing_sessions.json", "paired_devices.json", "revoked_jti.json", "phone_outbox.json"] as const;
/** Containers often have a small /tmp, and one that overflows ends the server. */
const MAX_BYTES = 48 * 1024 * 1024;

/**
 * It listens on free loopback ports, has an admin token of its own, and prints no text messages. It runs within this process, so no
 * environment is handed over, nothing outlives the run, and the signing key stays in memory. Rejects with {@link NoCopy}.
 */
export async function startOnCopy(settings: Settings, host: Host, before: () => void): Promise<CopiedServer> {
  if (settings.databaseUrl !== undefined) return startOnDatabaseCopy(settings.databaseUrl, settings, host, before);
  for (let copies = 1; ; copies += 1) {
    before();
    const copy = await copyFiles(settings.storageFolder, FILES);
    try {
      return await start(copy, settings, host, before);
    } catch (cause) {
      await copy.remove();
      if (!(cause instanceof Error) || cause.name !== "StorageError") throw cause;
      if (copies === MAX_COPIES) throw new NoCopy(cause.message.replaceAll(copy.folder, settings.storageFolder));
      // A checkpoint happened during the copy: some files are older than others.
      await delay(BETWEEN_COPIES_MS);
    }
  }
}

async function startOnDatabaseCopy(url: string, settings: Settings, host: Host, before: () => void): Promise<CopiedServer> {
  before();
  const openStore = await copyOfDatabase(url).catch((cause: unknown) => {
    throw cause instanceof Error && cause.name === "StorageError" ? new NoCopy(cause.message) : cause;
  });
  const jwtPrivateKey = settings.jwtPrivateKey ?? (await sharedSecretsReader(settings)?.get("signing-key"));
  const copy = await copyFiles(settings.storageFolder, []);
  try {
    return await start(copy, { ...settings, jwtPrivateKey, databaseUrl: undefined }, { ...host, openStore }, before);
  } catch (cause) {
    await copy.remove();
    throw cause;
  }
}

async function start(
  copy: StorageCopy,
  settings: Settings,
  host: Host & Pick<HostOptions, "openStore">,
  before: () => void,
): Promise<CopiedServer> {
  let ahead = 0;
  const clock = { now: (): number => Date.now() + ahead, steady: (): number => performance.now() + ahead };
  const adminToken = randomBytes(32).toString("hex");
  const own = {
    ...settings,
    storageFolder: copy.folder,
    jwtPrivateKey: settings.jwtPrivateKey ?? copy.signingKey,
    sms: { ...settings.sms, wanted: "mock" },
    smsPerNumberPerDay: NO_LIMIT,
    smsPerDay: NO_LIMIT,
    localHost: LOOPBACK,
    localPort: 0,
    phoneHost: LOOPBACK,
    phonePort: 0,
    adminRequired: true,
    adminToken,
    adminTokenWeak: undefined,
  } as const satisfies Settings;
  const assembled = await assemble(fixedSettings(own), { ...host, clock, askBeforeAws: false, print: () => undefined });
  try {
    const doors = await findServer({ ...own, localPort: Number(new URL(assembled.localAddress).port) });
    return {
      server: connect(doors, { adminToken }, before),
      moveClock(to) {
        ahead = to - Date.now();
      },
      async close() {
        doors.agent.destroy();
        await assembled.close();
        await copy.remove();
      },
    };
  } catch (cause) {
    await assembled.close();
    throw cause;
  }
}

interface StorageCopy {
  readonly folder: string;
  /** The key that signs, for the server that starts on the copy. Never written to the copy. */
  readonly signingKey: string | undefined;
  remove(): Promise<void>;
}

/** What a crash would leave of a running server's storage folder, in a temporary folder for this account only. */
async function copyFiles(folder: string, names: readonly string[]): Promise<StorageCopy> {
  const contents: (readonly [string, Buffer])[] = [];
  let bytes = 0;
  for (const name of names) {
    const content = await readAll(path.join(folder, name), MAX_BYTES - bytes);
    bytes += content.length;
    contents.push([name, content]);
  }
  const signingKey = await readAll(path.join(folder, "signing_key.pem"), MAX_BYTES).then(String, () => undefined);
  const copy = await mkdtemp(path.join(tmpdir(), `topdog-verify-${randomBytes(4).toString("hex")}-`));
  const remove = (): Promise<void> => rm(copy, { recursive: true, force: true });
  try {
    for (const [name, content] of contents) await writeFile(path.join(copy, name), content, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    await remove();
    throw new NoCopy(say("verify.notCopied", { folder: tmpdir(), code: errorCodeOf(cause) }));
  }
  return { folder: copy, signingKey, remove };
}

async function readAll(file: string, maxBytes: number): Promise<Buffer> {
  try {
    // O_NONBLOCK, so that a pipe in the file's place cannot block the run. Windows has no such flag, and needs none.
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw new NoCopy(say("verify.notAFile", { file }));
      if (found.size > maxBytes) throw new NoCopy(say("verify.tooLarge", { folder: tmpdir() }));
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw cause instanceof NoCopy ? cause : new NoCopy(say("verify.cannotRead", { file, code: errorCodeOf(cause) }));
  }
}
