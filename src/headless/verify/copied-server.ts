import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Assembled, assemble } from "../../host/assemble.ts";
import type { HostOptions } from "../../host/host-options.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { fixedSettings } from "../../settings/settings-store.ts";
import { copyStorage, NoCopy, type StorageCopy } from "./storage-copy.ts";
import { connect, findServer, type VerifiedServer } from "./verified-server.ts";

/** A second server of the same program on a copy of the running one's storage folder: what a restart would find. */
export interface CopiedServer {
  readonly server: VerifiedServer;
  /** Its clock stands there from now on, and goes on. */
  moveClock(to: number): void;
  close(): Promise<void>;
}

const MAX_COPIES = 5;
/** A checkpoint comes within a second of quiet, and then not again until something changes. */
const BETWEEN_COPIES = 500;
const LOOPBACK = "127.0.0.1";
const NO_LIMIT = 1_000_000_000;

/**
 * It listens on free loopback ports behind an admin token of its own, and prints its text messages to nobody. Within this process:
 * no environment to hand over, nothing that could outlive it, and the signing key stays in memory. Rejects with {@link NoCopy}.
 */
export async function startOnCopy(
  settings: Settings,
  host: Pick<HostOptions, "distFolder" | "appVersion">,
  before: () => void,
): Promise<CopiedServer> {
  let ahead = 0;
  const clock = { now: (): number => Date.now() + ahead, steady: (): number => performance.now() + ahead };
  const adminToken = randomBytes(32).toString("hex");

  const start = (copy: StorageCopy): Promise<Assembled> =>
    assemble(fixedSettings(settingsOfCopy(settings, copy, adminToken)), { ...host, clock, askBeforeAws: false, print: () => undefined });

  for (let made = 1; ; made += 1) {
    before();
    const copy = await copyStorage(settings.storageFolder);
    try {
      const assembled = await start(copy);
      const close = async (): Promise<void> => {
        await assembled.close();
        await copy.remove();
      };
      const { port } = new URL(assembled.localAddress);
      const doors = await findServer({ ...settings, localHost: LOOPBACK, localPort: Number(port), phoneHost: LOOPBACK }).catch(
        async (cause: unknown) => {
          await close();
          throw cause;
        },
      );
      return {
        server: connect(doors, adminToken, before),
        moveClock(to) {
          ahead = to - Date.now();
        },
        async close() {
          doors.agent.destroy();
          await close();
        },
      };
    } catch (cause) {
      await copy.remove();
      if (!(cause instanceof Error) || cause.name !== "StorageError") throw cause;
      if (made === MAX_COPIES) throw new NoCopy(cause.message.replaceAll(copy.folder, settings.storageFolder));
      // A checkpoint happened while it was copied: half of it is older than the other.
      await delay(BETWEEN_COPIES);
    }
  }
}

function settingsOfCopy(settings: Settings, copy: StorageCopy, adminToken: string): Settings {
  return {
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
  };
}
