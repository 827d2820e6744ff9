import type { Option } from "./option.ts";
import { flag, pushServices, quietHours, whole } from "./schemas.ts";

/** The settings that decide when and how notifications wake phones. */
export const NOTIFICATION_OPTIONS = {
  PAIRING_QUIET_HOURS: {
    key: "quietHours",
    schema: quietHours,
    group: "notifications",
  },
  PAIRING_QUIET_LET_URGENT_THROUGH: {
    key: "quietLetsUrgentThrough",
    schema: flag,
    default: "1",
    group: "notifications",
  },
  PAIRING_PUSH_NOT_AT_DESK: {
    key: "pushNotAtKeyboard",
    schema: flag,
    default: "0",
    group: "notifications",
  },
  PAIRING_PUSH_SERVICES: {
    key: "pushServices",
    schema: pushServices,
    default: "",
    group: "notifications",
  },
  PAIRING_SMS_APPROVALS: {
    key: "smsApprovals",
    schema: flag,
    default: "0",
    group: "notifications",
  },
  PAIRING_SMS_APPROVALS_PER_DAY: {
    key: "smsApprovalsPerDay",
    schema: whole(1, 1_000_000),
    default: "20",
    group: "notifications",
  },
} as const satisfies Record<string, Option>;
