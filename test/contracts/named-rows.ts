import { type Device, deviceKey } from "../../src/core/index.ts";
import type { Draft, RowNames } from "../../src/core/store/index.ts";

type Phone = Pick<Device, "userId" | "deviceId">;

/** A draft as a store has it that loaded the named rows, and nothing else, from a database. Throws for any other row. */
export function onlyNamedRows(draft: Draft, named: RowNames): Draft {
  const check = (isNamed: boolean, what: string): void => {
    if (!isNamed) throw new Error(`the decision reads ${what} without having named it`);
  };
  const sessions = new Set(named.sessions ?? []);
  const handoff = named.handoff === undefined ? undefined : draft.deviceByHandoff(named.handoff);
  const approval = named.approval === undefined ? undefined : draft.approval(named.approval);
  const devices = new Map([...(named.devices ?? []), ...(handoff ? [handoff] : [])].map((phone) => [deviceKey(phone), phone]));
  for (const device of (approval?.userIds ?? []).flatMap((userId) => draft.activeDevices(userId))) devices.set(deviceKey(device), device);
  const sessionIds = new Set([
    ...(named.sessionIds ?? []),
    ...[...devices.values()].map((phone) => draft.device(phone)?.sessionId).filter((id) => id !== undefined),
  ]);
  const texts = new Set([...(named.texts ?? []), ...[...sessions].map((codeHash) => draft.session(codeHash)?.textId)]);
  for (const id of named.texts ?? []) sessionIds.add(draft.text(id)?.sessionId ?? "");
  const { sends } = named;
  const numbers = new Set(sends?.text ? [sends.text.to] : sends ? [...texts].map((id) => draft.text(id ?? "")?.to) : []);
  const ofPhone =
    <Row>(read: (phone: Phone) => Row) =>
    (phone: Phone): Row => {
      check(devices.has(deviceKey(phone)), `the phone ${deviceKey(phone)}`);
      return read(phone);
    };
  return {
    session(codeHash) {
      check(sessions.has(codeHash), `the session of ${codeHash}`);
      return draft.session(codeHash);
    },
    sessionById(sessionId) {
      check(sessionIds.has(sessionId), `the session ${sessionId}`);
      return draft.sessionById(sessionId);
    },
    countPending(at) {
      check(named.pendingInvites === at, "how many invites are pending");
      return draft.countPending(at);
    },
    nextExpiry(at) {
      check(named.pendingInvites === at, "when invites expire");
      return draft.nextExpiry(at);
    },
    claimDigits(at) {
      check(named.claimDigits !== undefined && named.claimDigits <= at, "the digits of open claims");
      return draft.claimDigits(at);
    },
    text(textId) {
      check(texts.has(textId), `the text message ${textId}`);
      return draft.text(textId);
    },
    sendTimes(text) {
      check(numbers.has(text.to), `what was sent to ${text.to}`);
      return draft.sendTimes(text);
    },
    device: ofPhone(draft.device),
    inbox: ofPhone(draft.inbox),
    nextSeq: ofPhone(draft.nextSeq),
    devicesAt(endpoint) {
      check(named.endpoint === endpoint, `the phones at ${endpoint}`);
      return draft.devicesAt(endpoint);
    },
    deviceByHandoff(codeHash) {
      check(named.handoff === codeHash, `the hand-off ${codeHash}`);
      return draft.deviceByHandoff(codeHash);
    },
    activeDevices(userId) {
      check(approval?.userIds.includes(userId) === true, `the phones of ${userId}`);
      return draft.activeDevices(userId);
    },
    message(messageId) {
      check(named.message === messageId, `the message ${messageId}`);
      return draft.message(messageId);
    },
    approval(approvalId) {
      check(named.approval === approvalId, `the approval ${approvalId}`);
      return draft.approval(approvalId);
    },
    pendingApprovals: () =>
      draft.pendingApprovals().filter(({ userIds }) => userIds.some((userId) => named.pendingApprovalsOf?.includes(userId))),
    commit: draft.commit,
  };
}
