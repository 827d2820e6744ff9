/** The events of the audit trail (docs/PHONE_PAIRING_COMPLETE_GUIDE.md, "The audit trail"). */
export const AUDIT_EVENTS = [
  "send_sms_invite",
  "sms_failed",
  "resend_sms_invite",
  "cancel_invite",
  "decline_invite",
  "accept_invite",
  "invite_expired",
  "generate_qr",
  "pair_device",
  "claim_opened",
  "claim_closed",
  "confirm_device",
  "otp_failed",
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
  "window_opened",
  "window_ended",
  "local_key_rotated",
  "admin_denied",
  "alert_raised",
  "message_refused",
  "approval_requested",
  "approval_decided",
  "number_failed",
  "send_sms_approval",
  "voice_command",
  "push_subscribed",
  "push_unsubscribed",
  "key_rotated",
  "secrets_moved",
  "admin_token_changed",
  "clock_changed",
  "audit_trimmed",
  "state_rolled_back",
] as const;
export type AuditEvent = (typeof AUDIT_EVENTS)[number];

/** One line of the trail without its `ts` and `seq`, which the store adds. No code, token, secret or whole phone number. */
export interface AuditEntry {
  readonly event: AuditEvent;
  readonly session_id?: string;
  readonly user_id?: string;
  readonly device_id?: string;
  readonly approval_id?: string;
  /** For approvals: the digest of the question, and the decision. */
  readonly content_sha256?: string;
  readonly ip?: string;
  readonly ua?: string;
  /** Masked: `+1******1234`. */
  readonly phone_number?: string;
  readonly reason?: string;
  /** The id of the new signing key. */
  readonly kid?: string;
  readonly via?: string;
  /** The number of occurrences. Absent: one. */
  readonly count?: number;
}

/** A line as read from the trail. An older or newer version may have written it, so its event can be unknown. */
export interface AuditLine extends Readonly<Partial<Record<AuditFact, string>>> {
  /** ISO 8601, UTC. */
  readonly ts: string;
  readonly seq: number;
  readonly event: string;
  readonly count?: number;
}
type AuditFact = Exclude<keyof AuditEntry, "event" | "count">;

export interface AuditQuestion {
  /** Only lines with a smaller number: the end of the previous page. */
  readonly before?: number;
  readonly most: number;
  /** Only these; absent: all. */
  readonly events?: readonly string[];
  /** Only lines with a word that contains this text, ignoring case. */
  readonly text?: string;
}

export interface AuditPage {
  /** Newest first. */
  readonly lines: readonly AuditLine[];
  /** The `before` of the next page. Absent on the last page. */
  readonly next?: number;
  /** How many of the scanned lines could not be read, and how many numbers had no line. */
  readonly unreadable: number;
  readonly missing: number;
}

export function answersQuestion(line: AuditLine, { events, text }: AuditQuestion): boolean {
  if (events && !events.includes(line.event)) return false;
  if (text === undefined || text === "") return true;
  const wanted = text.toLowerCase();
  return Object.values(line).some((fact) => String(fact).toLowerCase().includes(wanted));
}

/** The caller, as far as a door can identify it. Recorded in the audit trail. */
export interface Caller {
  readonly ip?: string;
  readonly ua?: string;
}
