import { present } from "../../base/present.ts";
import { type Log, PairingError, type SecretPlaceStatus, type SecretStore } from "../../core/index.ts";
import { asOwner } from "../stores/file/storage-file.ts";
import { NOTE_FILE, readNote } from "./keychain-note.ts";
import type { OpenPlace } from "./keychain-place.ts";

/**
 * Secrets of a host without a keychain: they are where its settings say, and that is nobody's choice here. `changed` is called when what
 * is wrong with them is another thing than before.
 */
export function openFixedPlace(store: SecretStore, folder: string, log: Log, changed: () => void): OpenPlace {
  let state: SecretPlaceStatus["state"] = "opening";
  let sentence: string | undefined;
  const unusable = store.kind === "database" ? "database_unusable" : "file_unusable";

  const settle = (next: SecretPlaceStatus["state"], why: string | undefined): void => {
    // "opening" counts as ready: from one to the other is no change.
    const same = sentence === why;
    [state, sentence] = [next, why];
    if (!same) changed();
  };

  const get: SecretStore["get"] = async (name) => {
    try {
      await refuseKeychainFolder(store, folder, log);
      const secret = await store.get(name);
      settle("ready", undefined);
      return secret;
    } catch (cause) {
      settle(unusable, cause instanceof Error ? cause.message : undefined);
      throw cause;
    }
  };
  const status = (): SecretPlaceStatus => ({
    kind: store.kind,
    state,
    ...present({ sentence }),
    ways: state === unusable ? ["retry"] : [],
    newKey: false,
  });

  return {
    secrets: { ...store, get },
    place: {
      status,
      async retry() {
        await get("signing-key").catch(() => undefined);
        return status();
      },
      async moveTo() {
        throw new PairingError("keys_elsewhere", { params: { reason: "fixed" } });
      },
    },
    close() {},
  };
}

/** A second key beside the one in the keychain would unpair every phone. */
export async function refuseKeychainFolder({ kind }: Pick<SecretStore, "kind">, folder: string, log: Log): Promise<void> {
  if (kind !== "file") return;
  const note = await readNote(folder, asOwner(log));
  if (note?.home === "keychain" && note.kept["signing-key"]?.mark !== undefined)
    throw new Error(
      `The signing key of ${folder} is in the desktop app's keychain (${NOTE_FILE} says so). Use another PAIRING_STORAGE_PATH, or choose in the app to keep the key in a file.`,
    );
}
