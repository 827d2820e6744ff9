/** Everything that is worth a line in the audit trail (CONTRACT section 4). */
export type AuditEvent =
  | "send_sms_invite"
  | "sms_failed"
  | "resend_sms_invite"
  | "cancel_invite"
  | "decline_invite"
  | "accept_invite"
  | "invite_expired"
  | "generate_qr"
  | "pair_device"
  | "otp_failed"
  | "revoke_device"
  | "suspend_device"
  | "reactivate_device"
  | "rename_device"
  | "unpair_device"
  | "admin_denied"
  | "approval_requested"
  | "approval_decided"
  | "voice_command"
  | "key_rotated";

/** One line of the trail without its `ts` and `seq`, which the store adds. No code, token, secret or whole phone number. */
export interface AuditEntry {
  readonly event: AuditEvent;
  readonly session_id?: string;
  readonly user_id?: string;
  readonly device_id?: string;
  readonly ip?: string;
  readonly ua?: string;
  /** Masked: `+1******1234`. */
  readonly phone_number?: string;
  readonly reason?: string;
  /** Of the key that signs from now on. */
  readonly kid?: string;
  readonly via?: string;
}

/** Who asks, as far as a door could tell. Goes into the audit trail. */
export interface Caller {
  readonly ip?: string;
  readonly ua?: string;
}
