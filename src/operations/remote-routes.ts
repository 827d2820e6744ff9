import { type Approval, type Device, isoSeconds, type Pairing, PairingError, SECOND } from "../core/index.ts";
import type { DeviceConnections } from "./device-connections.ts";
import { asking, type Handlers } from "./handlers.ts";
import { readPage } from "./lists.ts";
import type { LongPolls } from "./long-polls.ts";
import { pushBody, subscriptionOf, testedBody } from "./push-wire.ts";
import { approvalAnswer, approvalBody, decisionOf, deliveriesBody, envelope, notificationBody, voiceBody } from "./remote-wire.ts";

import { createVoiceHandlers, VOICE_LAPSE } from "./voice-handlers.ts";

export type RemoteHandlers = Pick<
  Handlers,
  | "sendNotification"
  | "notificationStatus"
  | "requestApproval"
  | "approvalStatus"
  | "cancelApproval"
  | "decideApproval"
  | "readInbox"
  | "acknowledgeMessages"
  | "listApprovals"
  | "decideAtComputer"
  | "listNotifications"
  | "pushStatus"
  | "subscribeToPush"
  | "unsubscribeFromPush"
  | "testDevice"
  | "testOwnNotification"
  | "voiceCommand"
  | "offerVoiceCommands"
  | "nextVoiceCommands"
  | "voiceResult"
  | "withdrawVoiceCommands"
>;

const MAX_LISTED = 200;

/** What goes between an IDE and its phones. */
export function createRemoteHandlers(pairing: Pairing, connections: DeviceConnections, polls: LongPolls): RemoteHandlers {
  /** Calls `heard` when there may be something for the phone, or when it may have lost its access. */
  const listenFor = (device: Device, listener: () => void): (() => void) => {
    const stop = pairing.listenForMessages(device, listener);
    const letGo = connections.hold(device, listener);
    return () => {
      stop();
      letGo();
    };
  };

  /** With the phones' names: whoever reads a page of messages has not got the list of phones. */
  const withNames = async (deliveries: ReturnType<typeof deliveriesBody>): Promise<ReturnType<typeof deliveriesBody>> =>
    Promise.all(
      deliveries.map(async (delivery) => {
        const name = await pairing.nameOfDevice({ userId: delivery.user_id, deviceId: delivery.device_id });
        return { ...delivery, ...(name === undefined ? {} : { device_name: name }) };
      }),
    );

  const voice = createVoiceHandlers(pairing);

  return {
    async sendNotification({ device_id, user_id, build_id, project_name, status, message, priority, action_required }) {
      const { notificationId, to } = await pairing.notify(
        { deviceId: device_id, userId: user_id },
        { buildId: build_id, projectName: project_name, status, message, priority, actionRequired: action_required },
      );
      return {
        message: "Notification sent successfully",
        notification_id: notificationId,
        delivered_to: to.map(({ deviceId }) => deviceId),
      };
    },

    async notificationStatus({ notification_id }) {
      const way = await pairing.findMessage(notification_id);
      if (way?.message.content.type !== "notification") throw new PairingError("notification_not_found");
      return { notification_id, deliveries: deliveriesBody(way.deliveries) };
    },

    async requestApproval(asked, { caller }) {
      const { approvalId, contentSha256 } = await pairing.requestApproval(
        { deviceId: asked.device_id, userId: asked.user_id },
        {
          requestedBy: asked.requested_by,
          buildId: asked.build_id,
          projectName: asked.project_name,
          plan: asked.plan,
          affectedFiles: asked.affected_files,
          estimatedDuration: asked.estimated_duration,
          expiresAt: Date.parse(asked.requires_approval_by),
        },
        caller,
      );
      return { message: "Approval request sent successfully", approval_id: approvalId, content_sha256: contentSha256, status: "pending" };
    },

    async approvalStatus({ approval_id, wait }, { whenLeft }) {
      const { expiresAt } = await pairing.findApproval(approval_id);
      const approval = await polls.wait<Approval>({
        read: () => pairing.findApproval(approval_id),
        enough: (read) => read.status !== "pending",
        // When its time has come the clock alone has decided.
        milliseconds: Math.min(wait * SECOND, expiresAt - pairing.now()),
        listen: (listener) => pairing.listen((item) => item === "approvals" && listener()),
        whenLeft,
      });
      return approvalAnswer(approval);
    },

    async cancelApproval({ approval_id }, { caller }) {
      return approvalAnswer(await pairing.cancelApproval(approval_id, caller));
    },

    async decideApproval(asked, { caller, device }) {
      return approvalAnswer(await pairing.decideApproval(decisionOf(asked), asking(device), caller));
    },

    async decideAtComputer(asked, { caller }) {
      return approvalAnswer(await pairing.decideApproval(decisionOf(asked), undefined, caller));
    },

    async readInbox({ since, wait }, { device, whenLeft }) {
      const phone = asking(device);
      const { messages, next } = await polls.wait({
        async read() {
          await pairing.checkStillActive(phone);
          return pairing.readInbox(phone, since);
        },
        enough: (page) => page.messages.length > 0 || page.next !== since,
        milliseconds: Math.min(wait * SECOND, phone.expiresAt - pairing.now()),
        listen: (listener) => listenFor(phone, listener),
        whenLeft,
      });
      return { messages: messages.map((message) => envelope(message, phone)), next };
    },

    async acknowledgeMessages({ seq, read }, { device }) {
      await pairing.acknowledge(asking(device), { seq, read });
      return undefined;
    },

    pushStatus: async (_input, { device }) => pushBody(await pairing.pushStatus(asking(device))),

    async subscribeToPush(body, { caller, device }) {
      await pairing.subscribeToPush(asking(device), subscriptionOf(body), caller);
      return undefined;
    },

    async testDevice({ device_id, user_id }) {
      return testedBody(await pairing.sendTestNotification({ deviceId: device_id, userId: user_id }));
    },

    async testOwnNotification(_input, { device }) {
      const { deviceId, userId } = asking(device);
      return testedBody(await pairing.sendTestNotification({ deviceId, userId }));
    },

    async unsubscribeFromPush(_input, { caller, device }) {
      await pairing.unsubscribeFromPush(asking(device), caller);
      return undefined;
    },

    async voiceCommand({ command_text, device_id, confidence, confirms }, { caller, device }) {
      const phone = asking(device);
      if (device_id !== phone.deviceId) throw new PairingError("device_mismatch");
      return voiceBody(await pairing.handleCommand(phone, { text: command_text, confidence, confirms }, caller));
    },

    async offerVoiceCommands({ commands }) {
      return { handler_id: voice.offer(commands), expires_in: VOICE_LAPSE / SECOND };
    },

    async nextVoiceCommands({ handler_id, wait }, { whenLeft }) {
      const left = { gone: false };
      whenLeft(() => {
        left.gone = true;
      });
      await polls.wait({
        read: async () => voice.waiting(handler_id),
        enough: (waiting) => waiting > 0,
        milliseconds: wait * SECOND,
        listen: (listener) => voice.listen(handler_id, listener),
        whenLeft,
      });
      // Who has gone away does not take commands along.
      const tasks = left.gone ? [] : voice.take(handler_id);
      return {
        commands: tasks.map(({ commandId, action, target, userId, deviceId }) => ({
          command_id: commandId,
          action,
          target,
          user_id: userId,
          device_id: deviceId,
        })),
      };
    },

    async voiceResult({ command_id, status, message }) {
      voice.settle(command_id, { status, message });
      return undefined;
    },

    async withdrawVoiceCommands({ handler_id }) {
      voice.withdraw(handler_id);
      return undefined;
    },

    async listApprovals({ limit = MAX_LISTED, after, q, status, user_id }) {
      const filter = { text: q, statuses: status, userId: user_id };
      const { items, next } = await readPage("approvals", { limit, after }, async (part) => pairing.pageOfApprovals({ ...part, filter }));
      const approvals = await Promise.all(
        items.map(async (approval) => {
          const [way, texts] = await Promise.all([pairing.findMessage(approval.messageId), pairing.listApprovalTexts(approval.approvalId)]);
          return {
            ...approvalBody(approval),
            requested_at: isoSeconds(approval.requestedAt),
            user_ids: [...approval.userIds],
            deliveries: await withNames(deliveriesBody(way?.deliveries ?? [], texts)),
          };
        }),
      );
      return { approvals, ...next };
    },

    async listNotifications({ limit = MAX_LISTED, after, q, status, user_id }) {
      const filter = { text: q, statuses: status, userId: user_id };
      const { items, next } = await readPage("notifications", { limit, after }, async (part) =>
        pairing.pageOfNotifications({ ...part, filter }),
      );
      const notifications = await Promise.all(
        items.map(async ({ message: { messageId, sentAt, content }, deliveries }) =>
          content.type === "notification"
            ? [
                {
                  notification_id: messageId,
                  sent_at: isoSeconds(sentAt),
                  payload: notificationBody(messageId, content.build),
                  deliveries: await withNames(deliveriesBody(deliveries)),
                },
              ]
            : [],
        ),
      );
      return { notifications: notifications.flat(), ...next };
    },
  };
}
