import type { DatabaseStatus, Fault } from "../../host/inspect-host.ts";
import { say } from "../../words/say.ts";
import { type Check, type Finding, failed, ok, warning } from "./check.ts";

/** Each change waits for some answers of the database: slower ones are noticed. */
const SLOW_MS = 25;
/** The oldest that the tests run with. */
const TESTED_MAJOR = 15;
const MEGABYTE = 1024 * 1024;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Servers delete every ten minutes what is older than an hour. */
const NOT_PRUNED_MS = 90 * MINUTE;

/** The rows about the database that holds the records. Where it cannot be asked, the first row says why, and there are no others. */
export function checkDatabase(database: DatabaseStatus | Fault, now: number): readonly Check[] {
  if ("fault" in database) return [{ name: "database", title: say("doctor.database"), ...failed(database.fault) }];
  return [
    { name: "database", title: say("doctor.database"), ...checkConnection(database) },
    { name: "database_version", title: say("doctor.databaseVersion"), ...checkVersion(database) },
    { name: "database_tables", title: say("doctor.databaseTables"), ...checkTables(database) },
    { name: "database_writable", title: say("doctor.databaseWritable"), ...checkWritable(database) },
    { name: "database_notifications", title: say("doctor.databaseNotifications"), ...checkNotifications(database) },
    { name: "database_clock", title: say("doctor.databaseClock"), ...checkClock(database) },
    { name: "data", title: say("doctor.data"), ...checkData(database) },
    { name: "database_prune", title: say("doctor.databasePrune"), ...checkPrune(database, now) },
  ];
}

function checkConnection({ host, database, user, connected, answered }: DatabaseStatus): Finding {
  const found = say("doctor.databaseAnswers", { host, database, user, connected, answered });
  return answered > SLOW_MS ? warning(found, say("doctor.databaseSlow")) : ok(found);
}

function checkVersion({ version, major }: DatabaseStatus): Finding {
  const found = say("doctor.databaseIs", { version });
  return major < TESTED_MAJOR ? warning(found, say("doctor.databaseOld", { tested: TESTED_MAJOR })) : ok(found);
}

function checkTables({ schema: { found, needed, fault } }: DatabaseStatus): Finding {
  if (fault !== undefined) return failed(fault);
  return ok(found > needed ? say("doctor.tablesNewer", { found, needed }) : say("doctor.tablesOk", { found }));
}

function checkWritable({ readsOnly, host }: DatabaseStatus): Finding {
  if (readsOnly) return failed(say("database.readOnly", { host, setting: "PAIRING_DATABASE_URL" }));
  return ok(say("doctor.databaseTakesChanges"));
}

function checkNotifications({ notified, readsOnly }: DatabaseStatus): Finding {
  if (notified) return ok(say("doctor.notificationsOk"));
  return warning(say("doctor.notificationsNone"), readsOnly ? undefined : say("doctor.notificationsTodo"));
}

function checkClock({ clockAhead }: DatabaseStatus): Finding {
  const seconds = Math.round(Math.abs(clockAhead) / SECOND);
  if (seconds === 0) return ok(say("doctor.databaseClockOk"));
  return warning(say(clockAhead > 0 ? "doctor.databaseClockAhead" : "doctor.databaseClockBehind", { seconds }), say("doctor.setClocks"));
}

function checkData({ records }: DatabaseStatus): Finding {
  if (!records) return ok(say("doctor.dataNone"));
  const { bytes, sessions, devices, active } = records;
  return ok(
    say("doctor.databaseHolds", {
      sessions: say("doctor.dataSessions", { count: sessions }),
      phones: say("doctor.dataPhones", { count: devices }),
      active,
      size: Math.ceil(bytes / MEGABYTE).toLocaleString("en"),
    }),
  );
}

function checkPrune({ records }: DatabaseStatus, now: number): Finding {
  if (records?.oldestChange === undefined) return ok(say("doctor.pruneNothing"));
  const minutes = Math.max(0, Math.round((now - records.oldestChange) / MINUTE));
  if (now - records.oldestChange < NOT_PRUNED_MS) return ok(say("doctor.pruneOk", { minutes }));
  return warning(say("doctor.pruneLate", { minutes }), say("doctor.pruneTodo"));
}
