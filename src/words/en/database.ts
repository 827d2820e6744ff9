/** Why the database can't be used, and what to do. The process prints it and stops. */
export const database = {
  unreachable: "The database at {{host}} does not answer ({{code}}). Start it, or correct {{setting}}.",
  refusesAccount: "The database at {{host}} refuses the account {{user}} ({{code}}). Correct the name or the password in {{setting}}.",
  refusesUnencrypted:
    "The database at {{host}} lets the account {{user}} not connect from here without TLS ({{code}}). Add ?sslmode=verify-full to {{setting}}, or allow it in the server's pg_hba.conf.",
  refusesAddress:
    "The database at {{host}} lets the account {{user}} not connect from here ({{code}}). Allow this computer in the server's pg_hba.conf, or correct {{setting}}.",
  noTls: "The database at {{host}} has no TLS. Switch it on there, or take sslmode out of {{setting}}.",
  badCertificate:
    "The certificate of the database at {{host}} is not accepted ({{code}}). Name its authority's file with sslrootcert in {{setting}}, and the host as the certificate does.",
  certificateFile: "The file {{file}}, which {{setting}} names, can't be read ({{code}}). Correct its path or its rights.",
  tooManyConnections:
    "The database at {{host}} has no connection to spare for the account {{user}} ({{code}}). Raise its limit, or connect through a pooler.",
  poolerRefuses: "The connection pooler at {{host}} refuses ({{why}}). Correct its settings, or {{setting}}.",
  noDatabase: "There is no database {{database}} at {{host}}. Create it, or correct {{setting}}.",
  noPermission:
    "The account {{user}} may not use Top Dog's tables in the database {{database}} at {{host}} ({{code}}). Grant it the schema {{schema}}, or name another account in {{setting}}.",
  readOnly: "The database at {{host}} cannot be written: it is a standby or read-only. Name the primary in {{setting}}.",
  noTables: "The database {{database}} at {{host}} has no tables of Top Dog yet. Run topdog-phone migrate, then start again.",
  olderTables:
    "The tables in the database {{database}} at {{host}} are of version {{found}}, and this Top Dog needs version {{needed}}. Run topdog-phone migrate, then start again.",
  notEmpty:
    "The database {{database}} at {{host}} has records already; nothing was imported. Import into an empty one, and before the first server starts on it.",
  importDiffers:
    "What the database has in its table {{table}} is not what was written; nothing was imported. Check its disk, then try again.",
  tooLargeToCopy: "The database has more records than a copy in memory may have.",
  unusable: "The database at {{host}} cannot be used ({{code}}). Check {{setting}}, and the database's own log.",
  noSecretsKey: {
    one: "The database {{database}} at {{host}} has {{count}} encrypted secret, and no key was given. Set PAIRING_SECRETS_KEY to the key that the database's other servers have, then start again.",
    other:
      "The database {{database}} at {{host}} has {{count}} encrypted secrets, and no key was given. Set PAIRING_SECRETS_KEY to the key that the database's other servers have, then start again.",
  },
  otherSecretsKey:
    "No key of PAIRING_SECRETS_KEY decrypts these secrets in the database {{database}} at {{host}}: {{names}}. Add the key that they were encrypted with, then start again.",
  damagedSecrets:
    "These rows of the table secrets in the database {{database}} at {{host}} are damaged: {{names}}. Restore them from a backup, or delete them and set up anew what they held, then start again.",
  otherKeyOfSecret:
    "The secret {{name}} was encrypted with a key that this server doesn't have. Add that key to PAIRING_SECRETS_KEY and restart this server.",
  damagedSecret: "The row {{name}} of the database's table secrets is damaged. Restore it from a backup, then try again.",
  secretsUnreachable: "The secrets in the database can't be reached ({{code}}). Start the database, then try again.",
  secretsNotShared:
    "This server keeps its keys and saved secrets to itself: other servers on the database don't have them. Set the same PAIRING_SECRETS_KEY at all of them to share them through the database.",
  secretsTakenOver: "The database has these secrets of the storage folder now: {{names}}. Their files are not used any more.",
  settingsTakenOver:
    "The database has these saved settings of the storage folder now: {{names}}. All its servers use them, and the folder's are not read any more.",
  leftOwn:
    "Not imported, because it belongs to one server: {{names}}. Set it in the environment or on the page of the servers that need it.",
  leftSecrets:
    "Not imported: the secrets {{names}}, and the settings of text messages and reachability. Without the signing key, every phone has to pair again. Run the import with PAIRING_SECRETS_KEY, or start servers with PAIRING_JWT_PRIVATE_KEY set to that key.",
  leftKeychain:
    "Not imported: the secrets, which are in the desktop app's keychain. Without the signing key, every phone has to pair again. Choose in the app to keep the key in a file, quit it, and import again into an empty database.",
  damagedSaved:
    "The row {{name}} of the database's table saved is damaged. Restore it from a backup, or delete it and set up anew on the settings page what it held.",
  clockDiffers: {
    one: "This computer's clock and the database's differ by {{count}} minute. Deadlines are judged by the database's clock. Set both by a time server.",
    other:
      "This computer's clock and the database's differ by {{count}} minutes. Deadlines are judged by the database's clock. Set both by a time server.",
  },
} as const;
