/** Why secrets can't be read or written, and what to do. The keys are the kinds of failure, stable for programs. */
export const secrets = {
  no_library:
    "This computer can't use its keychain because a library is missing. Install it (Debian and Ubuntu: sudo apt install libsecret-1-0), then try again.",
  no_bus:
    "The keychain can't be reached because there is no D-Bus session. Start Top Dog from your desktop session, or under dbus-run-session, then try again.",
  no_service:
    "No keyring is running in this session. Start one (GNOME Keyring, KWallet or KeePassXC with its Secret Service turned on), then try again.",
  locked: "The keyring is locked. Unlock it (in the Passwords and Keys app, or by logging in with your password), then try again.",
  waiting: "The system is asking you to unlock the keyring. Answer its window, and Top Dog continues. No window? Try again.",
  stopped: "The keyring stopped or was locked while Top Dog was running. Unlock it, or log out and in again, and Top Dog continues.",
  missing:
    "The keyring is open, but Top Dog's secrets are no longer in it: they were deleted, or the keyring is new. Restore the keyring from a backup, then try again.",
  other_item:
    "The keyring has a different value from the one that Top Dog stored: it was changed, or comes from an older backup. Restore the keyring, then try again.",
  other_backend:
    "Top Dog's secrets are in the keyring of another program than the one that is running now. Log in to the same desktop as before, then try again.",
  note_damaged:
    "keychain.json in the storage folder is damaged, so Top Dog can't tell what it stored in the keychain. Restore the file from a backup, then try again.",
  file_unusable: "A file that holds secrets can't be used.",
  database_unusable: "The secrets in the database can't be read.",
  key_damaged: "The signing key is damaged. Replace it with the previous key from a backup, then try again.",
  failed: "The keychain failed for an unknown reason. Find the details in the log, then try again.",
} as const;
