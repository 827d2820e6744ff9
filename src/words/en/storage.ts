/** Why the storage folder, a settings file or a file of secrets can't be used, and what to do. The process prints it and stops. */
export const storage = {
  unreadable: "{{file}} cannot be read ({{code}}). It must be a plain file that this account may read.",
  notPlain: "{{file}} is not a plain file. Move it away and start again.",
  notPlainRestore: "{{file}} is not a plain file. Move it away, or restore the file from a backup, and start again.",
  notAlone: "{{file}} is not a plain file of its own. Move it away and start again.",
  hardLink: "{{file}} has a second name (hard link). Replace it by a copy of its own and start again.",
  symbolicLink: "{{file}} is a link. Put the plain file in its place and start again.",
  localKeyDamaged: "{{file}} doesn't contain a key. Delete it and restart Top Dog, which makes a new one.",
  readByOthers: '{{file}} can be read by other accounts. Run: chmod 600 "{{file}}"',
  fileOfOther:
    "{{file}} belongs to another account (uid {{owner}}). Look at what it holds, then run chown {{own}} on it or move it away, and start again.",
  fileUnusable: "{{file}} cannot be used ({{code}}). {{remedy}}, or set PAIRING_STORAGE_PATH to another folder.",
  freeDisk: "Free space on its disk",
  freeQuota: "Free space in this account's quota",
  makeWritable: "Make its disk writable",
  checkDisk: "Check its disk",
  giveAccess: "Give this account read and write access to {{folder}}",
  fileDamaged:
    "{{file}} is damaged ({{what}}); nothing was changed. Restore the whole folder {{folder}} from a backup, or move it away to start without paired phones.",
  newerFormat:
    "{{file}} was written by a newer version of Top Dog (format {{version}}). Update Top Dog, or restore the folder from an older backup.",
  filesMissing: {
    one: "{{files}} is missing while other files of the storage folder are there. Restore the whole folder {{folder}} from a backup, or move it away to start without paired phones.",
    other:
      "{{files}} are missing while other files of the storage folder are there. Restore the whole folder {{folder}} from a backup, or move it away to start without paired phones.",
  },
  folderUnusable:
    "The storage folder {{folder}} cannot be used ({{code}}). Give this account read and write access to it, or set PAIRING_STORAGE_PATH to another folder.",
  folderOfOther:
    "The storage folder {{folder}} belongs to another account (uid {{owner}}). Start Top Dog under that account, or set PAIRING_STORAGE_PATH to another folder.",
  folderOpen:
    "Every account can write into the storage folder {{folder}} (mode {{mode}}). Run chmod 700 on it, or set PAIRING_STORAGE_PATH to a folder of its own.",

  damagedMessages: "{{file}} is damaged. Move it away, start again, and set up text messages anew in the settings page.",
  damagedReachability: "{{file}} is damaged. Move it away, start again, and set up phone reachability anew in the settings page.",
  damagedPage: "{{file}} is damaged. Move it away, start again, and set up the page anew in the settings page.",
  damagedServer: "{{file}} is damaged. Move it away, start again, and set up this server anew in the settings page.",
  damagedSettings: "{{file}} is damaged. Move it away, start again, and set up anew in the settings page what differs from the defaults.",
  pathOfDeletedFolder:
    "begins in the folder that Top Dog was started in, which was deleted: write the whole path, or start in another folder",
  logUnwritable: "The log cannot be written: {{why}}",

  // What of a file is damaged: in brackets, after its name
  atLine: "line {{number}}: {{what}}",
  changeMissing: "change {{seq}} is missing",
  changesMissing: "changes {{first}} to {{last}} are missing",
  notOfBatch: "not of its batch",
  wrongChecksum: "wrong checksum",
  noNewline: "no newline",
  unknownContent: "unknown content",
  wrongHash: "wrong sha256",

  /** Everything but the audit trail was restored from an older copy. */
  olderThanAudit: {
    one: "The state is older than the audit log: 1 change is missing (line {{last}} of the audit trail). It was restored from an older copy, and phones that were revoked after that may be let in again. Check the list of phones.",
    other:
      "The state is older than the audit log: {{count}} changes are missing (lines {{first}} to {{last}} of the audit trail). It was restored from an older copy, and phones that were revoked after that may be let in again. Check the list of phones.",
  },

  keyDamaged:
    "The signing key is damaged. Put the key that signed so far in its place, from a backup, then try again. A new key would unpair every phone.",
  keyUnwritable: "The signing key could not be written ({{code}}). Free space or repair the storage folder, then try again.",
  otherKeyring:
    "What Top Dog kept is in {{former}}, and this session uses {{current}}. Log in as before (the same desktop), then try again.",

  lockContended: "{{lock}} could not be taken: other processes keep taking it. Stop them, then start again.",
  lockElsewhere:
    "{{lock}} is held by a running process elsewhere (pid {{pid}} on {{host}}). Stop it, or set PAIRING_STORAGE_PATH to another folder.",
  anotherComputer: "another computer",
  lockOwn: "{{lock}} is held by this very process (pid {{pid}}): the storage folder is open already. Close it first.",
  lockTaken:
    "Another process took over the storage folder {{folder}} while this one was paused. This server stops: what it knows may be out of date.",
  lockTakenBy:
    "Another process (pid {{pid}} on {{host}}) took over the storage folder {{folder}} while this one was paused. This server stops: what it knows may be out of date.",
  lockOther: "{{lock}} is held by another running process (pid {{pid}}). Stop it, or set PAIRING_STORAGE_PATH to another folder.",

  nothingToImport: "There is nothing to import in {{folder}}. Name the storage folder of the server that is meant.",
  newerRecords: "{{folder}} holds records that only a newer version of Top Dog knows. Update Top Dog, then import again.",
  importOfHeld: "A server is at work in {{folder}} (process {{pid}}). Stop it, then import again: the database was not changed.",
  nothingToExport: "There is nothing to export in {{folder}}. Set PAIRING_STORAGE_PATH to the folder of the server that is meant.",
  trailDamaged:
    "{{file}} is damaged (what stands {{place}} is not the audit trail's); nothing was written. Keep a copy of it, and restore the file from a backup.",
  atBeginning: "at its beginning",
  afterNumber: "after number {{number}}",
  notAFolder: "{{folder}} is not a folder. Name a new or empty one.",
  notEmpty: "{{folder}} is not empty. Name a new or empty folder: nothing is written over.",
  exportUnwritable: "{{folder}} cannot be written ({{code}}). Name a new or empty folder that this account may write.",
} as const;
