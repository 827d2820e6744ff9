import { present } from "../../base/present.ts";
import type { AnswerOf, InputOf } from "../../contract/operations.ts";
import type { IconName } from "../parts/icon.tsx";

export type AuditLineBody = AnswerOf<"listAudit">["lines"][number];

export const AUDIT_KINDS = ["all", "invites", "phones", "remote", "refused", "keys"] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

export interface AuditFilter {
  readonly kind: AuditKind;
  readonly text: string;
}

const EVENTS: Readonly<Record<Exclude<AuditKind, "all">, readonly string[]>> = {
  invites: [
    "send_sms_invite",
    "sms_failed",
    "resend_sms_invite",
    "cancel_invite",
    "decline_invite",
    "invite_expired",
    "generate_qr",
    "otp_failed",
    "claim_opened",
    "claim_closed",
  ],
  phones: [
    "accept_invite",
    "pair_device",
    "confirm_device",
    "revoke_device",
    "suspend_device",
    "reactivate_device",
    "rename_device",
    "change_device",
    "unpair_device",
    "forget_user",
    "handoff_started",
    "handoff_accepted",
    "handoff_refused",
  ],
  remote: ["approval_requested", "send_sms_approval", "approval_decided", "voice_command", "push_subscribed", "push_unsubscribed"],
  refused: ["admin_denied", "alert_raised", "message_refused", "otp_failed", "claim_closed", "number_failed", "sms_failed"],
  keys: [
    "key_rotated",
    "secrets_moved",
    "admin_token_changed",
    "window_opened",
    "window_ended",
    "local_key_rotated",
    "clock_changed",
    "audit_trimmed",
    "state_rolled_back",
  ],
};

export function questionOf({ kind, text }: AuditFilter): InputOf<"listAudit"> {
  return present({ events: kind === "all" ? undefined : EVENTS[kind].join(","), text: text || undefined });
}

const KIND_ICONS: Readonly<Record<Exclude<AuditKind, "all" | "refused">, IconName>> = {
  invites: "comment",
  phones: "phone",
  remote: "pass",
  keys: "lock",
};
const KINDS = Object.keys(KIND_ICONS) as (keyof typeof KIND_ICONS)[];

/** Something was denied, or failed. */
export function isDoubtful(event: string): boolean {
  return EVENTS.refused.includes(event);
}

export function iconOf(event: string): IconName {
  if (isDoubtful(event)) return "warning";
  const kind = KINDS.find((each) => EVENTS[each].includes(event));
  return kind === undefined ? "waiting" : KIND_ICONS[kind];
}
