import {
  type Approval,
  approvalMatcher,
  type Device,
  deviceKey,
  deviceMatcher,
  notificationMatcher,
  type OutboxMessage,
  type PairingSession,
  sessionMatcher,
} from "../../core/index.ts";
import type { Ledger } from "./ledger.ts";
import { type ListSource, readList, readWhole } from "./lists.ts";
import type { ListMethods } from "./port-parts.ts";
import type { Slices } from "./slices.ts";

/** The port's lists, whole and in pages. */
export function listMethods(ledger: Ledger, slices: Slices): ListMethods {
  const sessions = sessionSource(ledger);
  const devices = deviceSource(ledger);
  const approvals = approvalSource(ledger);
  const notifications = notificationSource(ledger);
  const phoneNumberOf = ({ sessionId }: Device): string => ledger.sessions.get(ledger.codeHashes.get(sessionId) ?? "")?.phoneNumber ?? "";
  const whole = async <Item>(source: ListSource<Item>): Promise<readonly Item[]> =>
    readWhole(async (question) => readList(source, question, () => true, slices));
  return {
    listSessions: async () => whole(sessions),
    pageOfSessions: async ({ filter = {}, ...question }) => readList(sessions, question, sessionMatcher(filter, question.at), slices),
    listDevices: async () => whole(devices),
    pageOfDevices: async ({ filter = {}, ...question }) => readList(devices, question, deviceMatcher(filter, phoneNumberOf), slices),
    listApprovals: async () => whole(approvals),
    pageOfApprovals: async ({ filter = {}, ...question }) => readList(approvals, question, approvalMatcher(filter, question.at), slices),
    async pageOfNotifications({ filter = {}, ...question }) {
      const { items, ...rest } = await readList(notifications, question, notificationMatcher(filter, question.at), slices);
      return { items: items.map(ledger.outbox.way), ...rest };
    },
  };
}

function sessionSource({ sessions, sessionsByAge, codeHashes }: Ledger): ListSource<PairingSession> {
  return {
    index: sessionsByAge,
    get: (codeHash) => sessions.get(codeHash),
    idOf: ({ sessionId }) => sessionId,
    placeOf(id) {
      const session = sessions.get(codeHashes.get(id) ?? "");
      return session && sessionsByAge.find(session.codeHash, session.createdAt);
    },
  };
}

function deviceSource({ devices, devicesByAge }: Ledger): ListSource<Device> {
  return {
    index: devicesByAge,
    get: (key) => devices.get(key),
    idOf: deviceKey,
    placeOf(key) {
      const device = devices.get(key);
      return device && devicesByAge.find(key, device.pairedAt);
    },
  };
}

function approvalSource({ approvals, approvalsByAge }: Ledger): ListSource<Approval> {
  return {
    index: approvalsByAge,
    get: (id) => approvals.get(id),
    idOf: ({ approvalId }) => approvalId,
    placeOf(id) {
      const approval = approvals.get(id);
      return approval && approvalsByAge.find(id, approval.requestedAt);
    },
  };
}

function notificationSource({ outbox }: Ledger): ListSource<OutboxMessage> {
  return {
    index: outbox.notifications,
    get: outbox.find,
    idOf: ({ messageId }) => messageId,
    placeOf(id) {
      const message = outbox.find(id);
      return message && outbox.notifications.find(id, message.sentAt);
    },
  };
}
