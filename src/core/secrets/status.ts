/** Where secrets can be. */
export type SecretKind = "environment" | "file" | "keychain" | "memory";

/** Why secrets cannot be read or written, each with the way out. The key is the stable code for programs. */
export const SECRET_FAILURES = {
  no_library:
    "This computer cannot use its keychain: a library is missing. Install it (Debian and Ubuntu: sudo apt install libsecret-1-0), then try again.",
  no_bus:
    "There is no D-Bus session, so the keychain cannot be asked. Start Top Dog from your desktop session, or under dbus-run-session, then try again.",
  no_service:
    "No keyring runs in this session. Start one (GNOME Keyring, KWallet or KeePassXC with its Secret Service switched on), then try again.",
  locked: "The keyring is locked. Unlock it (the app Passwords and Keys, or log in with your password), then try again.",
  waiting: "The system is waiting for you to unlock the keyring. Answer its window; Top Dog goes on by itself. No window? Try again.",
  stopped: "The keyring stopped, or was locked, while Top Dog was running. Unlock it, or log out and in again; Top Dog goes on by itself.",
  missing:
    "The keyring is open, but what Top Dog kept in it is gone: it was deleted, or the keyring is new. Restore the keyring from a backup, then try again.",
  other_item:
    "The keyring holds something else than what Top Dog kept there: it was changed, or comes from an older backup. Restore the keyring, then try again.",
  other_backend:
    "What Top Dog kept is in the keyring of another program than the one that runs now. Log in as before (the same desktop), then try again.",
  note_damaged:
    "keychain.json in the storage folder is damaged, so Top Dog cannot tell what it kept in the keychain. Restore the file from a backup, then try again.",
  file_unusable: "A file that holds secrets cannot be used.",
  key_damaged: "The signing key is damaged. Put the key that signed so far in its place, from a backup, then try again.",
  failed: "The keychain refused without a reason that Top Dog knows. The log has its words. Try again.",
} as const satisfies Record<string, string>;

export type SecretFailure = keyof typeof SECRET_FAILURES;

/** The places that a person can choose. */
export type SecretHome = "keychain" | "file";

/** The status of the place of secrets. */
export interface SecretPlaceStatus {
  readonly kind: SecretKind;
  /** `opening`: it was not read yet, or has not answered. */
  readonly state: "ready" | "opening" | SecretFailure;
  /** Present during a failure: the reason and the way out. */
  readonly sentence?: string;
  /** What a person can do: try again, or store secrets elsewhere. */
  readonly ways: readonly ("retry" | SecretHome)[];
  /** Whether moving them means a new signing key, because the present one cannot be read. */
  readonly newKey: boolean;
}
