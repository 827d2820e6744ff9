export type { Alert } from "./alerts.ts";
export {
  AUDIT_EVENTS,
  type AuditEntry,
  type AuditLine,
  type AuditPage,
  type AuditQuestion,
  answersQuestion,
  type Caller,
} from "./audit.ts";
export type { DenialReason } from "./audit-denials.ts";
export { type ClockWatch, createClockWatch } from "./clock-watch.ts";
export { countryFault, isCountry } from "./countries.ts";
export { createPairing, type Pairing } from "./create-pairing.ts";
export { type Device, type DeviceType, deviceKey, deviceTypeOf, type Handoff, hasAccess, isUnconfirmed } from "./devices/device.ts";
export { checkLevel, LEVELS, type Level, levelOf } from "./devices/level.ts";
export { asciiDigits } from "./digits.ts";
export { emitChanges } from "./emit-changes.ts";
export { type FieldFault, PairingError, type PairingErrorCode, type PairingErrorOptions } from "./errors.ts";
export { createBoundedStates } from "./limits/bounded-states.ts";
export { guessesEnd } from "./limits/guess-limits.ts";
export { createRequestLimits, type Limit, type RequestLimits, type Verdict } from "./limits/request-limits.ts";
export * from "./lists.ts";
export type {
  Delivery,
  DeliveryFault,
  SmsFault,
} from "./messages/delivery.ts";
export type { TextMessage } from "./messages/text-message.ts";
export { cleanName, isPlainText, maskPhoneNumber } from "./names.ts";
export type { AcceptInvite, Paired } from "./pairing/accept-invite.ts";
export type { Claimed } from "./pairing/claim-invite.ts";
export type { OpenClaim as WaitingPhone } from "./pairing/confirm-claim.ts";
export { resendWaits } from "./pairing/resend-wait.ts";
export { type Invited, pairingLink } from "./pairing/send-invite.ts";
export {
  type CancelReason,
  type Claim,
  type Otp,
  openClaims,
  type PairingSession,
  statusOf,
} from "./pairing/session.ts";
export type * from "./pairing/sms-settings.ts";
export { inviteText, smsLength } from "./pairing/sms-text.ts";
export type * from "./ports.ts";
export type { Reachability } from "./reachability/change-reachability.ts";
export type * from "./reachability/reachability.ts";
export type { TunnelFailure, TunnelRunner, TunnelState } from "./reachability/reachability.ts";
export { type Approval, approvalContent, type DecidedBy, type NumberMatch, RISKS, type Risk } from "./remote/approval.ts";
export type { TestedPhone } from "./remote/notify.ts";
export * from "./remote/outbox.ts";
export { type PushMessage, type PushOutcome, type PushSubscription, pushFailure } from "./remote/push.ts";
export type { PushStatus } from "./remote/push-messages.ts";
export type { WholeMessage } from "./remote/read-inbox.ts";
export type { PhoneChoice } from "./remote/recipients.ts";
export type { Decision } from "./remote/settle-approval.ts";
export type { AskedAction, VoiceAnswer, VoiceCommand, VoiceHandler } from "./remote/voice-command.ts";
export { HANDLER_LAPSE_MS } from "./remote/voice-handlers.ts";
export type { SecretsStatus } from "./secrets/read-secrets.ts";
export type { SecretFailure, SecretPlaceStatus } from "./secrets/status.ts";
export type { PairingSettings } from "./settings.ts";
export { DAY, type Instant, isoSeconds, MINUTE, SECOND } from "./time.ts";
