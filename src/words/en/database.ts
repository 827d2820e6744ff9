/** Why the database can't be used, and what to do. The process prints it and stops. */
export const database = {
  unreachable: "The database at {{host}} does not answer ({{code}}). Start it, or correct {{setting}}.",
  refusesAccount: "The database at {{host}} refuses the account {{user}} ({{code}}). Correct the name or the password in {{setting}}.",
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
  clockDiffers: {
    one: "This computer's clock and the database's differ by {{count}} minute. Deadlines are judged by the database's clock. Set both by a time server.",
    other:
      "This computer's clock and the database's differ by {{count}} minutes. Deadlines are judged by the database's clock. Set both by a time server.",
  },
} as const;
