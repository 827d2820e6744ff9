import type { HostTranslation } from "../host-translation.ts";
import { commandLine } from "./command-line.ts";
import { desktop } from "./desktop.ts";
import { errors, httpErrors } from "./errors.ts";
import { reach } from "./reach.ts";
import { secrets } from "./secrets.ts";
import { server } from "./server.ts";
import { settingRules } from "./setting-rules.ts";
import { settingDefaults, settings } from "./settings.ts";
import { sms } from "./sms.ts";
import { smsFailures } from "./sms-failures.ts";
import { tunnel } from "./tunnel.ts";
import { voice } from "./voice.ts";

export const hostWords = {
  commandLine,
  desktop,
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
  tunnel,
  voice,
} satisfies HostTranslation<"de">;
