import { createEnvironmentSecrets } from "../adapters/secrets/environment.ts";
import { createFileSecrets } from "../adapters/secrets/file.ts";
import { openFixedPlace } from "../adapters/secrets/fixed-place.ts";
import { openKeychainPlace } from "../adapters/secrets/keychain-place.ts";
import type { SecretPlace, SecretStore } from "../core/index.ts";
import type { HostContext } from "./context.ts";

/** The secrets of one server. */
export interface HostSecrets {
  /** All but the signing key, which the environment can provide. */
  readonly store: SecretStore;
  readonly signingKey: SecretStore;
  readonly place: SecretPlace;
  /** Reading them never waits for a person. */
  readonly isAtHand: boolean;
  /** Called whenever the keychain can be used again, or not any more. */
  onChange(listener: () => void): void;
  close(): void;
}

/** Reads nothing: a keychain is asked for the first time when a secret is needed. */
export function openSecrets({ host, settings, shared, log, changeEvents }: HostContext): HostSecrets {
  const { storageFolder: folder, jwtPrivateKey } = settings;
  const environmentKey = jwtPrivateKey === undefined ? undefined : createEnvironmentSecrets({ "signing-key": jwtPrivateKey });
  if (!shared?.secrets && !host.secrets && host.startKeychain) {
    const listeners = new Set<() => void>();
    const keychain = openKeychainPlace({
      folder,
      start: host.startKeychain,
      log,
      changed() {
        // The overview shows the state of the secrets, and the text message and settings cards show where secrets are saved.
        for (const event of ["invites", "sms", "settings"] as const) changeEvents.emit(event);
        for (const listener of listeners) listener();
      },
    });
    return {
      store: keychain.secrets,
      signingKey: environmentKey ?? keychain.secrets,
      place: keychain.place,
      isAtHand: false,
      onChange: (listener) => void listeners.add(listener),
      close: keychain.close,
    };
  }
  const store = shared?.secrets ?? host.secrets ?? createFileSecrets(folder);
  const fixed = openFixedPlace(environmentKey ?? store, folder, log, () => changeEvents.emit("invites"));
  return {
    store,
    signingKey: environmentKey ?? fixed.secrets,
    place: fixed.place,
    isAtHand: store.kind === "file" || store.kind === "database",
    onChange: () => undefined,
    close: fixed.close,
  };
}
