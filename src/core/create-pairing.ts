import { type Alerts, createAlerts } from "./alerts.ts";
import type { AuditEvent, AuditQuestion, Caller } from "./audit.ts";
import { createDenials } from "./audit-denials.ts";
import { countryFault, isCountry } from "./countries.ts";
import { withDeadlines } from "./deadlines.ts";
import { authenticateDevice, checkStillActive, levelsOfTokens, noteDeviceSeen } from "./devices/authenticate-device.ts";
import {
  changeDevice,
  confirmDevice,
  type DeviceChoice,
  reactivateDevice,
  revokeAllDevices,
  revokeDevice,
  suspendDevice,
} from "./devices/change-device.ts";
import type { Device } from "./devices/device.ts";
import { forgetUser } from "./devices/forget-user.ts";
import { createHandoffs } from "./devices/handoff.ts";
import { rotateKey } from "./devices/rotate-key.ts";
import { endUnconfirmed } from "./devices/unconfirmed.ts";
import { emitChanges } from "./emit-changes.ts";
import { PairingError } from "./errors.ts";
import { createWrongCredentials } from "./limits/wrong-credentials.ts";
import type { ApprovalFilter, DeviceFilter, ListQuestion, NotificationFilter, PairingSessionFilter } from "./lists.ts";
import { noteDelivery } from "./messages/note-delivery.ts";
import { sendTestText } from "./messages/send-test-text.ts";
import { acceptInvite, deviceToken } from "./pairing/accept-invite.ts";
import { cancelInvite, cancelSession, declineInvite } from "./pairing/cancel-invite.ts";
import { checkReach } from "./pairing/check-reach.ts";
import { needsDigits } from "./pairing/claim-invite.ts";
import { confirmClaim, listClaims, readClaim } from "./pairing/confirm-claim.ts";
import { findInvite, noteOpened } from "./pairing/find-invite.ts";
import { openQr } from "./pairing/open-qr.ts";
import { resendInvite } from "./pairing/resend-invite.ts";
import { resendAfter } from "./pairing/resend-wait.ts";
import { isCountryAllowed, sendInvite } from "./pairing/send-invite.ts";
import type { PairingSession } from "./pairing/session.ts";
import type { SmsSettingsChange } from "./pairing/sms-settings.ts";
import { smsPreview } from "./pairing/sms-text.ts";
import type { PhoneReading, Ports, SettingsChange } from "./ports.ts";
import { readReachability, saveReachability, startTunnel, stopTunnel } from "./reachability/change-reachability.ts";
import { notify, sendTestNotification } from "./remote/notify.ts";
import type { BuildNews } from "./remote/outbox.ts";
import { createPushes, type Pushes } from "./remote/push-messages.ts";
import { acknowledge, readInbox, waitingMessages } from "./remote/read-inbox.ts";
import type { PhoneChoice } from "./remote/recipients.ts";
import { type ApprovalQuestion, requestApproval } from "./remote/request-approval.ts";
import { cancelApproval, decideApproval, expireApprovals } from "./remote/settle-approval.ts";
import { handleCommand } from "./remote/voice.ts";
import { createVoiceHandlers } from "./remote/voice-handlers.ts";
import { createWaking } from "./remote/wake-phones.ts";
import { changeAdminToken, moveSecrets } from "./secrets/move-secrets.ts";
import { readSecrets, retrySecrets, trySigning } from "./secrets/read-secrets.ts";
import type { PairingSettings } from "./settings.ts";
import type { Instant } from "./time.ts";
import { createWelcome } from "./welcome.ts";

type Question<Filter> = Omit<ListQuestion<Filter>, "at">;

/** The product, without a window or socket. Both hosts create one and pass it to their doors. */
export function createPairing(world: Ports, settings: PairingSettings) {
  const { store, emitSeen } = emitChanges(world);
  const ports: Ports = { ...world, store: withDeadlines({ ...world, store }) };
  const pushes = createPushes(ports, settings);
  const wakePhones = createWaking(ports, settings, pushes);
  const alerts = createAlerts(ports, settings, wakePhones);
  return {
    ...invites(ports, settings, alerts),
    ...textMessages(ports, settings),
    ...devices(ports, settings),
    ...remote(ports, settings, pushes, wakePhones),
    ...reachability(ports, settings),
    ...secrets(ports),
    ...server(ports, alerts),
    emitSeenPhones: emitSeen,
    settings,
  };
}

export type Pairing = ReturnType<typeof createPairing>;

function invites(ports: Ports, settings: PairingSettings, alerts: Alerts) {
  const { store, clock, changeEvents } = ports;
  return {
    ...bindFirst([{ ...ports, alerts }, settings], { acceptInvite, confirmClaim }),
    ...bindFirst([ports, settings], { openQr, resendAfter, resendInvite, sendInvite }),
    ...bindFirst([ports], { cancelInvite, cancelSession, declineInvite, findInvite, listClaims, noteOpened, readClaim }),
    needsDigits: (session: PairingSession) => needsDigits(settings, session),
    listSessions: () => store.listSessions(),
    pageOfSessions: (question: Question<PairingSessionFilter>) => store.pageOfSessions({ ...question, at: clock.now() }),
    listRecentSessions: (since: Instant, most: number) => store.listRecentSessions({ since, most }),
    countPendingInvites: () => store.countPendingInvites(clock.now()),
    expireDueInvites: async () => {
      const expired = await store.expireDue(clock.now());
      if (expired > 0) changeEvents.emit("invites");
      return expired;
    },
    emitInviteChange: () => changeEvents.emit("invites"),
  };
}

function textMessages(ports: Ports, settings: PairingSettings) {
  const { store, sms, smsSetup, phoneNumbers, changeEvents } = ports;
  return {
    ...bindFirst([ports, settings], { noteDelivery, sendTestText }),
    smsSettings: () => smsSetup.read(),
    saveSmsSettings: async (change: SmsSettingsChange) => {
      const saved = await smsSetup.save(change);
      changeEvents.emit("sms");
      changeEvents.emit("invites");
      return saved;
    },
    trySms: () => smsSetup.tryConnection(),
    smsPausedUntil: () => sms.pausedUntil(),
    /** The current sender: the settings page may change it. */
    smsProvider: () => sms.name,
    previewSms: (userName: string, country: string | undefined, language = settings.language) =>
      smsPreview({ userName, price: sms.price(country), baseUrl: settings.baseUrl(), minutes: settings.inviteMinutes, language }),
    isCountryAllowed: (reading: Pick<PhoneReading, "mayBeIn">) => isCountryAllowed(settings, reading),
    readPhoneNumber: async (typed: string, country?: string) => {
      if (country !== undefined && !isCountry(country)) throw new PairingError("invalid_request", { params: countryFault(country) });
      return phoneNumbers.read(typed, country);
    },
    countMessages: () => store.countMessages(ports.clock.now()),
    listApprovalTexts: (approvalId: string) => store.listApprovalTexts({ approvalId }),
    findText: async (textId: string | undefined) => (textId === undefined ? undefined : store.findText(textId)),
    lastTestText: (since: Instant) => store.lastTestText(since),
  };
}

function devices(ports: Ports, settings: PairingSettings) {
  const { store, clock } = ports;
  const handoffs = createHandoffs(ports, settings);
  return {
    ...bindFirst([ports], { authenticateDevice, checkStillActive, deviceToken, forgetUser, levelsOfTokens, noteDeviceSeen }),
    ...bindFirst([ports], { changeDevice, confirmDevice, endUnconfirmed, reactivateDevice, revokeAllDevices, suspendDevice }),
    rotateKey: (caller: Caller) => rotateKey(ports, settings, caller),
    revokeDevice: (choice: DeviceChoice, caller: Caller) => revokeDevice(ports, choice, caller),
    unpairDevice: (choice: DeviceChoice, caller: Caller) => revokeDevice(ports, choice, caller, "unpair_device"),
    listDevices: () => store.listDevices(),
    pageOfDevices: (question: Question<DeviceFilter>) => store.pageOfDevices({ ...question, at: clock.now() }),
    countDevices: () => store.countDevices(),
    nameOfDevice: async ({ userId, deviceId }: Pick<Device, "userId" | "deviceId">) =>
      (await store.findDevices(deviceId)).find((device) => device.userId === userId)?.deviceName,
    openHandoff: handoffs.open,
    redeemHandoff: handoffs.redeem,
    publicKeys: () => ports.tokens.publicKeys(clock.now()),
  };
}

function remote(ports: Ports, settings: PairingSettings, pushes: Pushes, wakePhones: (messageId: string) => void) {
  const { store, clock, clockWatch, inboxSignals } = ports;
  const voiceHandlers = createVoiceHandlers(ports);
  return {
    ...bindFirst([ports], { acknowledge, cancelApproval, decideApproval, expireApprovals, handleCommand, readInbox, waitingMessages }),
    notify: async (choice: PhoneChoice, build: BuildNews) => {
      const notified = await notify(ports, settings, choice, build);
      wakePhones(notified.notificationId);
      return notified;
    },
    sendTestNotification: (choice: PhoneChoice & { readonly deviceId: string }) => sendTestNotification(ports, settings, pushes, choice),
    pushStatus: pushes.status,
    subscribeToPush: pushes.subscribe,
    unsubscribeFromPush: pushes.unsubscribe,
    dropEndedSubscriptions: pushes.dropEnded,
    pageOfNotifications: (question: Question<NotificationFilter>) =>
      store.pageOfNotifications({ ...question, at: clockWatch.retentionNow() }),
    findMessage: (messageId: string) => store.findMessage(messageId),
    listenForMessages: inboxSignals.listen,
    openConnection: ports.phoneConnections.open,
    requestApproval: async (choice: PhoneChoice, question: ApprovalQuestion, caller: Caller) => {
      const { messageId, ...asked } = await requestApproval(ports, settings, choice, question, caller);
      wakePhones(messageId);
      return asked;
    },
    findApproval: async (approvalId: string) => {
      const approval = await store.findApproval(approvalId);
      if (!approval) throw new PairingError("approval_not_found");
      return approval;
    },
    listApprovals: () => store.listApprovals(),
    pageOfApprovals: (question: Question<ApprovalFilter>) => store.pageOfApprovals({ ...question, at: clock.now() }),
    voiceHandlers,
    registerVoiceHandler: voiceHandlers.register,
  };
}

function reachability(ports: Ports, settings: PairingSettings) {
  return {
    ...bindFirst([ports], { saveReachability, startTunnel, stopTunnel }),
    checkReach: () => checkReach(ports, settings),
    reachability: () => readReachability(ports),
    proveReach: (nonce: string) => ports.reach.prove(nonce),
  };
}

function secrets(ports: Ports) {
  return {
    ...bindFirst([ports], { changeAdminToken, moveSecrets, readSecrets, retrySecrets }),
    /** Whether a phone can be paired now. Retries what failed before. */
    canPhonesAccept: async () => readSecrets(ports).canPair || (await trySigning(ports)).canPair,
    adminToken: () => ports.adminToken.status(),
    readAdminToken: () => ports.adminToken.read(),
  };
}

type AccessEvent = Extract<AuditEvent, "window_opened" | "window_ended" | "local_key_rotated">;

function server(ports: Ports, alerts: Alerts) {
  const { store, clock, hostSettings, changeEvents } = ports;
  const denials = createDenials(ports);
  const welcome = createWelcome(ports);
  return {
    hostSettings: () => hostSettings.list(),
    checkHostSettings: (change: SettingsChange) => hostSettings.check(change),
    saveHostSettings: async (change: SettingsChange) => {
      const saved = await hostSettings.save(change);
      // The overview, the SMS card and the reachability card show some of these settings.
      for (const item of ["settings", "invites", "sms", "reachability"] as const) changeEvents.emit(item);
      return saved;
    },
    isWelcomeShown: welcome.isShown,
    showWelcome: welcome.show,
    noteDenied: denials.note,
    ...createWrongCredentials(ports, denials.note, alerts),
    /** Who may act at the computer has changed. Resolves once that is in the audit trail. */
    noteAccess: async (event: AccessEvent, caller: Caller) => {
      await store.appendAudit(clock.now(), { event, ...caller });
      changeEvents.emit("settings");
    },
    recentAlerts: alerts.recentAlerts,
    writeDenials: denials.writeDue,
    noteRefusedMessage: (channel: string, reason: string) =>
      store.appendAudit(clock.now(), { event: "message_refused", reason, via: channel }),
    readAudit: (question: AuditQuestion) => store.readAudit(question),
    listen: changeEvents.listen,
    /** The overview contains the broker's status, and is read with the invites. */
    emitBrokerChange: () => changeEvents.emit("invites"),
    now: () => clock.now(),
  };
}

type UseCase = (...args: never[]) => unknown;
type Bound<Fixed extends readonly unknown[], Case> = Case extends (...args: [...Fixed, ...infer Rest]) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** The use cases with their first arguments (ports, settings) given. */
function bindFirst<const Fixed extends readonly unknown[], Cases extends Readonly<Record<string, UseCase>>>(
  fixed: Fixed,
  cases: Cases,
): { readonly [Name in keyof Cases]: Bound<Fixed, Cases[Name]> } {
  const bound = Object.entries(cases).map(([name, useCase]) => [name, useCase.bind(undefined, ...(fixed as unknown as never[]))]);
  return Object.fromEntries(bound) as { [Name in keyof Cases]: Bound<Fixed, Cases[Name]> };
}
