import type { AuditQuestion, Caller } from "./audit.ts";
import { createDenials } from "./audit-denials.ts";
import { countryFault, isCountry } from "./countries.ts";
import { withDeadlines } from "./deadlines.ts";
import { authenticateDevice, checkStillActive, endedTokens, noteDeviceSeen } from "./devices/authenticate-device.ts";
import {
  type DeviceChoice,
  type RevokeAll,
  reactivateDevice,
  renameDevice,
  revokeAllDevices,
  revokeDevice,
  suspendDevice,
} from "./devices/change-device.ts";
import type { Device } from "./devices/device.ts";
import { forgetUser } from "./devices/forget-user.ts";
import { createHandoffs } from "./devices/handoff.ts";
import { rotateKey } from "./devices/rotate-key.ts";
import { emitChanges } from "./emit-changes.ts";
import { PairingError } from "./errors.ts";
import type { ApprovalFilter, DeviceFilter, ListQuestion, NotificationFilter, PairingSessionFilter } from "./lists.ts";
import { type DeliveryReport, noteDelivery } from "./messages/note-delivery.ts";
import { sendTestText } from "./messages/send-test-text.ts";
import { type AcceptInvite, acceptInvite, deviceToken } from "./pairing/accept-invite.ts";
import { cancelInvite, cancelSession, declineInvite } from "./pairing/cancel-invite.ts";
import { checkReach } from "./pairing/check-reach.ts";
import { findInvite } from "./pairing/find-invite.ts";
import { noteOpened } from "./pairing/note-opened.ts";
import { type OpenQr, openQr } from "./pairing/open-qr.ts";
import { resendInvite } from "./pairing/resend-invite.ts";
import { resendAfter } from "./pairing/resend-wait.ts";
import { type Invited, isCountryAllowed, type SendInvite, sendInvite } from "./pairing/send-invite.ts";
import type { PairingSession } from "./pairing/session.ts";
import { smsPreview } from "./pairing/sms-preview.ts";
import type { SmsSettingsChange } from "./pairing/sms-settings.ts";
import type { PhoneReading, Ports, SettingsChange } from "./ports.ts";
import { readReachability, saveReachability, startTunnel, stopTunnel } from "./reachability/change-reachability.ts";
import type { ReachabilityChange } from "./reachability/reachability.ts";
import { notify } from "./remote/notify.ts";
import type { BuildNews } from "./remote/outbox.ts";
import type { PushSubscription } from "./remote/push.ts";
import { createPushes } from "./remote/push-messages.ts";
import { type Acknowledgment, acknowledge, readInbox, waitingMessages } from "./remote/read-inbox.ts";
import type { PhoneChoice } from "./remote/recipients.ts";
import { type ApprovalQuestion, requestApproval } from "./remote/request-approval.ts";
import { sendTestNotification } from "./remote/send-test.ts";
import { cancelApproval, type Decision, decideApproval, expireApprovals } from "./remote/settle-approval.ts";
import { createVoice } from "./remote/voice.ts";
import { createWaking } from "./remote/wake-phones.ts";
import { changeAdminToken } from "./secrets/change-admin-token.ts";
import { moveSecrets } from "./secrets/move-secrets.ts";
import { readSecrets, retrySecrets, trySigning } from "./secrets/read-secrets.ts";
import type { SecretHome } from "./secrets/status.ts";
import type { PairingSettings } from "./settings.ts";
import type { Instant } from "./time.ts";
import { createWelcome } from "./welcome.ts";

type Question<Filter> = Omit<ListQuestion<Filter>, "at">;

/** The product, without a window or socket. Both hosts create one and pass it to their doors. */
export function createPairing(world: Ports, settings: PairingSettings) {
  const { store, emitSeen } = emitChanges(world);
  const ports: Ports = { ...world, store: withDeadlines({ ...world, store }) };
  const voice = createVoice(ports);
  const denials = createDenials(ports);
  const welcome = createWelcome(ports);
  const pushes = createPushes(ports, settings);
  const handoffs = createHandoffs(ports, settings);
  const wakePhones = createWaking(ports, settings, pushes);
  return {
    sendInvite: (input: SendInvite, caller: Caller, begun?: (invited: Invited) => void) =>
      sendInvite(ports, settings, input, caller, begun),
    openQr: (input: OpenQr, caller: Caller) => openQr(ports, settings, input, caller),
    findInvite: (code: string) => findInvite(ports, code),
    resendInvite: (code: string, caller: Caller, begun?: (invited: Invited) => void) => resendInvite(ports, settings, code, caller, begun),
    resendAfter: (session: PairingSession) => resendAfter(ports, settings, session),
    cancelSession: (sessionId: string, caller: Caller) => cancelSession(ports, sessionId, caller),
    cancelInvite: (code: string, caller: Caller) => cancelInvite(ports, code, caller),
    declineInvite: (code: string, caller: Caller) => declineInvite(ports, code, caller),
    acceptInvite: (input: AcceptInvite, caller: Caller) => acceptInvite(ports, settings, input, caller),
    sendTestText: (phoneNumber: string, caller: Caller) => sendTestText(ports, settings, phoneNumber, caller),
    noteOpened: (code: string) => noteOpened(ports, code),
    noteDelivery: (report: DeliveryReport) => noteDelivery(ports, settings, report),
    smsSettings: () => ports.smsSetup.read(),
    saveSmsSettings: async (change: SmsSettingsChange) => {
      const saved = await ports.smsSetup.save(change);
      ports.changeEvents.emit("sms");
      ports.changeEvents.emit("invites");
      return saved;
    },
    hostSettings: () => ports.hostSettings.list(),
    checkHostSettings: (change: SettingsChange) => ports.hostSettings.check(change),
    saveHostSettings: async (change: SettingsChange) => {
      const saved = await ports.hostSettings.save(change);
      // The overview, the SMS card and the reachability card show some of these settings.
      for (const item of ["settings", "invites", "sms", "reachability"] as const) ports.changeEvents.emit(item);
      return saved;
    },
    isWelcomeShown: welcome.isShown,
    showWelcome: welcome.show,
    trySms: () => ports.smsSetup.tryConnection(),
    smsPausedUntil: () => ports.sms.pausedUntil(),
    previewSms: (userName: string, country: string | undefined) =>
      smsPreview({ userName, price: ports.sms.price(country), baseUrl: settings.baseUrl(), minutes: settings.inviteMinutes }),
    isCountryAllowed: (reading: Pick<PhoneReading, "mayBeIn">) => isCountryAllowed(settings, reading),
    checkReach: () => checkReach(ports, settings),
    reachability: () => readReachability(ports),
    saveReachability: (change: ReachabilityChange) => saveReachability(ports, change),
    startTunnel: () => startTunnel(ports),
    stopTunnel: () => stopTunnel(ports),
    proveReach: (nonce: string) => ports.reach.prove(nonce),
    listSessions: () => ports.store.listSessions(),
    pageOfSessions: (question: Question<PairingSessionFilter>) => ports.store.pageOfSessions({ ...question, at: ports.clock.now() }),
    listRecentSessions: (since: Instant, most: number) => ports.store.listRecentSessions({ since, most }),
    countPendingInvites: () => ports.store.countPendingInvites(ports.clock.now()),
    countMessages: () => ports.store.countMessages(ports.clock.now()),
    expireDueInvites: async () => {
      const expired = await ports.store.expireDue(ports.clock.now());
      if (expired > 0) ports.changeEvents.emit("invites");
      return expired;
    },
    authenticateDevice: (token: string | undefined) => authenticateDevice(ports, token),
    noteDeviceSeen: (device: Parameters<typeof noteDeviceSeen>[1]) => noteDeviceSeen(ports, device),
    deviceToken: (device: Device) => deviceToken(ports, device),
    checkStillActive: (device: Device) => checkStillActive(ports, device),
    endedTokens: (jtis: readonly string[]) => endedTokens(ports, jtis),
    listDevices: () => ports.store.listDevices(),
    pageOfDevices: (question: Question<DeviceFilter>) => ports.store.pageOfDevices({ ...question, at: ports.clock.now() }),
    countDevices: () => ports.store.countDevices(),
    nameOfDevice: async ({ userId, deviceId }: Pick<Device, "userId" | "deviceId">) =>
      (await ports.store.findDevices(deviceId)).find((device) => device.userId === userId)?.deviceName,
    renameDevice: (choice: DeviceChoice, name: string, caller: Caller) => renameDevice(ports, choice, name, caller),
    suspendDevice: (choice: DeviceChoice, caller: Caller) => suspendDevice(ports, choice, caller),
    reactivateDevice: (choice: DeviceChoice, caller: Caller) => reactivateDevice(ports, choice, caller),
    revokeDevice: (choice: DeviceChoice, caller: Caller) => revokeDevice(ports, choice, caller),
    unpairDevice: (choice: DeviceChoice, caller: Caller) => revokeDevice(ports, choice, caller, "unpair_device"),
    revokeAllDevices: (input: RevokeAll, caller: Caller) => revokeAllDevices(ports, input, caller),
    forgetUser: (userId: string, caller: Caller) => forgetUser(ports, userId, caller),
    noteDenied: denials.note,
    writeDenials: denials.writeDue,
    noteRefusedMessage: (channel: string, reason: string) =>
      ports.store.appendAudit(ports.clock.now(), { event: "message_refused", reason, via: channel }),
    readAudit: (question: AuditQuestion) => ports.store.readAudit(question),
    openHandoff: handoffs.open,
    redeemHandoff: handoffs.redeem,
    rotateKey: (caller: Caller) => rotateKey(ports, settings, caller),
    readSecrets: () => readSecrets(ports),
    retrySecrets: () => retrySecrets(ports),
    /** Whether a phone can be paired now. Retries what failed before. */
    canPhonesAccept: async () => readSecrets(ports).canPair || (await trySigning(ports)).canPair,
    moveSecrets: (home: SecretHome, caller: Caller) => moveSecrets(ports, home, caller),
    adminToken: () => ports.adminToken.status(),
    readAdminToken: () => ports.adminToken.read(),
    changeAdminToken: (token: string | undefined, caller: Caller) => changeAdminToken(ports, token, caller),
    publicKeys: () => ports.tokens.publicKeys(ports.clock.now()),
    readPhoneNumber: async (typed: string, country?: string) => {
      if (country !== undefined && !isCountry(country)) throw new PairingError("invalid_request", { params: countryFault(country) });
      return ports.phoneNumbers.read(typed, country);
    },
    notify: async (choice: PhoneChoice, build: BuildNews) => {
      const notified = await notify(ports, choice, build);
      wakePhones(notified.notificationId);
      return notified;
    },
    sendTestNotification: (choice: PhoneChoice & { readonly deviceId: string }) => sendTestNotification(ports, settings, pushes, choice),
    pushStatus: pushes.status,
    subscribeToPush: (phone: Device, subscription: PushSubscription, caller: Caller) => pushes.subscribe(phone, subscription, caller),
    unsubscribeFromPush: (phone: Device, caller: Caller) => pushes.unsubscribe(phone, caller),
    dropEndedSubscriptions: () => pushes.dropEnded(),
    pageOfNotifications: (question: Question<NotificationFilter>) =>
      ports.store.pageOfNotifications({ ...question, at: ports.clockWatch.retentionNow() }),
    findMessage: (messageId: string) => ports.store.findMessage(messageId),
    readInbox: (phone: Device, since: number) => readInbox(ports, phone, since),
    waitingMessages: (phone: Pick<Device, "userId" | "deviceId">, since: number) => waitingMessages(ports, phone, since),
    acknowledge: (phone: Pick<Device, "userId" | "deviceId">, acknowledgment: Acknowledgment) => acknowledge(ports, phone, acknowledgment),
    listenForMessages: ports.inboxSignals.listen,
    requestApproval: async (choice: PhoneChoice, question: ApprovalQuestion, caller: Caller) => {
      const { messageId, ...asked } = await requestApproval(ports, choice, question, caller);
      wakePhones(messageId);
      return asked;
    },
    findApproval: async (approvalId: string) => {
      const approval = await ports.store.findApproval(approvalId);
      if (!approval) throw new PairingError("approval_not_found");
      return approval;
    },
    listApprovals: () => ports.store.listApprovals(),
    pageOfApprovals: (question: Question<ApprovalFilter>) => ports.store.pageOfApprovals({ ...question, at: ports.clock.now() }),
    listApprovalTexts: (approvalId: string) => ports.store.listApprovalTexts({ approvalId }),
    findText: async (textId: string | undefined) => (textId === undefined ? undefined : ports.store.findText(textId)),
    lastTestText: (since: Instant) => ports.store.lastTestText(since),
    decideApproval: (decision: Decision, phone: Device | undefined, caller: Caller) => decideApproval(ports, decision, phone, caller),
    cancelApproval: (approvalId: string, caller: Caller) => cancelApproval(ports, approvalId, caller),
    expireApprovals: () => expireApprovals(ports),
    handleCommand: voice.handle,
    registerVoiceHandler: voice.register,
    checkWritable: () => ports.store.checkWritable(),
    listen: ports.changeEvents.listen,
    /** The overview contains the broker's status, and is read with the invites. */
    emitBrokerChange: () => ports.changeEvents.emit("invites"),
    emitSeenPhones: emitSeen,
    emitInviteChange: () => ports.changeEvents.emit("invites"),
    now: () => ports.clock.now(),
    /** The current sender: the settings page may change it. */
    smsProvider: () => ports.sms.name,
    settings,
  };
}

export type Pairing = ReturnType<typeof createPairing>;
export { type AuditEntry, type AuditLine, type AuditPage, type AuditQuestion, answersQuestion, type Caller } from "./audit.ts";
export { type ClockWatch, createClockWatch } from "./clock-watch.ts";
export { countryFault, isCountry } from "./countries.ts";
export { type Device, type DeviceType, deviceKey, deviceTypeOf, type Handoff } from "./devices/device.ts";
export { asciiDigits } from "./digits.ts";
export { emitChanges } from "./emit-changes.ts";
export { type FieldFault, PairingError, type PairingErrorCode, type PairingErrorOptions } from "./errors.ts";
export { createGuessLimits } from "./limits/guess-limits.ts";
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
export { resendWaits } from "./pairing/resend-wait.ts";
export { type Invited, pairingLink } from "./pairing/send-invite.ts";
export { type CancelReason, type Otp, type PairingSession, statusOf } from "./pairing/session.ts";
export type * from "./pairing/sms-settings.ts";
export { inviteText, smsLength } from "./pairing/sms-text.ts";
export type * from "./ports.ts";
export type { Reachability } from "./reachability/change-reachability.ts";
export type * from "./reachability/reachability.ts";
export { TUNNEL_SENTENCES, type TunnelFailure, type TunnelRunner, type TunnelState } from "./reachability/tunnel-state.ts";
export { type Approval, approvalContent, type DecidedBy } from "./remote/approval.ts";
export * from "./remote/outbox.ts";
export { type PushMessage, type PushOutcome, type PushSubscription, pushFailure } from "./remote/push.ts";
export type { PushStatus } from "./remote/push-messages.ts";
export type { WholeMessage } from "./remote/read-inbox.ts";
export type { TestedPhone } from "./remote/send-test.ts";
export type { Decision } from "./remote/settle-approval.ts";
export type { VoiceAnswer, VoiceCommand, VoiceHandler } from "./remote/voice.ts";
export type { SecretsStatus } from "./secrets/read-secrets.ts";
export { SECRET_FAILURES, type SecretFailure, type SecretHome, type SecretPlaceStatus } from "./secrets/status.ts";
export type { PairingSettings } from "./settings.ts";
export { DAY, type Instant, isoSeconds, MINUTE, SECOND } from "./time.ts";
