import { commandLine } from "./command-line.ts";
import { database } from "./database.ts";
import { desktop } from "./desktop.ts";
import { doctor } from "./doctor.ts";
import { errors, httpErrors } from "./errors.ts";
import { reach } from "./reach.ts";
import { secrets } from "./secrets.ts";
import { server } from "./server.ts";
import { settingRules } from "./setting-rules.ts";
import { settingDefaults, settings } from "./settings.ts";
import { sms } from "./sms.ts";
import { smsFailures } from "./sms-failures.ts";
import { storage } from "./storage.ts";
import { tunnel } from "./tunnel.ts";
import { verify } from "./verify.ts";
import { voice } from "./voice.ts";

/** Every sentence of a process that has no page: command line, doctor, verify, tray, menus and notifications. */
export const HOST_WORDS = {
  commandLine,
  database,
  desktop,
  doctor,
  errors,
  httpErrors,
  reach,
  secrets,
  server,
  settingDefaults,
  settingRules,
  settings,
  sms,
  smsFailures,
  storage,
  tunnel,
  verify,
  voice,
} as const;
