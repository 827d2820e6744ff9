import type { Option } from "./option.ts";
import { flag, pushServices, quietHours, whole } from "./schemas.ts";

/** The settings that decide when and how notifications wake phones. */
export const NOTIFICATION_OPTIONS = {
  PAIRING_QUIET_HOURS: {
    key: "quietHours",
    schema: quietHours,
    otherwise: "no quiet hours",
    description:
      "When notifications wake no phone, in the time zone of this computer, like 22:00-07:00. The inbox has everything all the same.",
    group: "notifications",
  },
  PAIRING_QUIET_LET_URGENT_THROUGH: {
    key: "quietLetsUrgentThrough",
    schema: flag,
    default: "1",
    description: "Approvals and critical news wake phones in quiet hours, too.",
    group: "notifications",
  },
  PAIRING_PUSH_NOT_AT_DESK: {
    key: "pushNotAtKeyboard",
    schema: flag,
    default: "0",
    description:
      "Notifications wake no phone while somebody uses this computer, which shows the same: mouse or keyboard were touched in the last two minutes. Only the desktop app knows; elsewhere phones are woken.",
    group: "notifications",
  },
  PAIRING_PUSH_SERVICES: {
    key: "pushServices",
    schema: pushServices,
    default: "",
    description:
      "Push services that phones may be woken through, beside those of Apple, Google, Microsoft and Mozilla: host names, or whole addresses of your own network's, separated by commas.",
    group: "notifications",
  },
  PAIRING_SMS_APPROVALS: {
    key: "smsApprovals",
    schema: flag,
    default: "0",
    description:
      "An approval that reaches a person in no other way is announced by text message, to the number that the phone was paired with. Phones that were paired by QR code have none. Quiet hours apply.",
    group: "notifications",
  },
  PAIRING_SMS_APPROVALS_PER_DAY: {
    key: "smsApprovalsPerDay",
    schema: whole(1, 1_000_000),
    default: "20",
    description:
      "Text messages about approvals to one number in 24 hours, apart from those that pair: at most one in ten minutes, and five times as many of this host.",
    group: "notifications",
  },
} as const satisfies Record<string, Option>;
