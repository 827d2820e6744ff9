import { present } from "../base/present.ts";
import type { AnswerOf, InputOf } from "../contract/operations.ts";
import {
  type BuildNews,
  isoSeconds,
  type MessageDelivery,
  type Pairing,
  PairingError,
  type PhoneChoice,
  type PushStatus,
  type TestedPhone,
  type TextMessage,
} from "../core/index.ts";
import { say, sayError } from "../words/say.ts";
import { deliveryBody } from "./delivery.ts";
import { asking, type Handlers } from "./handlers.ts";
import { readPage } from "./lists.ts";

const DEFAULT_LIST_PAGE = 200;

type Deliveries = AnswerOf<"notificationStatus">["deliveries"];

/** Notifications of an IDE, and the push subscriptions that wake a phone for them. */
export const NOTIFICATION_HANDLERS: Handlers<
  | "sendNotification"
  | "notificationStatus"
  | "listNotifications"
  | "pushStatus"
  | "subscribeToPush"
  | "unsubscribeFromPush"
  | "testOwnNotification"
> = {
  async sendNotification({ pairing }, asked) {
    const { build_id, project_name, status, message, priority, action_required } = asked;
    const { notificationId, to } = await pairing.notify(choiceOf(asked), {
      buildId: build_id,
      projectName: project_name,
      status,
      message,
      priority,
      actionRequired: action_required,
    });
    return {
      message: say("server.notificationSent"),
      notification_id: notificationId,
      delivered_to: to.map(({ deviceId }) => deviceId),
    };
  },

  async notificationStatus({ pairing }, { notification_id }) {
    const found = await pairing.findMessage(notification_id);
    if (found?.message.content.type !== "notification") throw new PairingError("notification_not_found");
    return { notification_id, deliveries: deliveriesBody(found.deliveries) };
  },

  async listNotifications({ pairing }, { limit = DEFAULT_LIST_PAGE, after, q, status, user_id }) {
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
                deliveries: await withDeviceNames(pairing, deliveriesBody(deliveries)),
              },
            ]
          : [],
      ),
    );
    return { notifications: notifications.flat(), ...next };
  },

  pushStatus: async ({ pairing }, _input, context) => pushBody(await pairing.pushStatus(asking(context))),

  async subscribeToPush({ pairing }, { endpoint, keys, expirationTime }, context) {
    const endsAt = expirationTime ?? undefined;
    const subscription = { endpoint, ...keys, ...present({ endsAt }) };
    await pairing.subscribeToPush(asking(context), subscription, context.caller);
    return undefined;
  },

  async unsubscribeFromPush({ pairing }, _input, context) {
    await pairing.unsubscribeFromPush(asking(context), context.caller);
    return undefined;
  },

  async testOwnNotification({ pairing }, _input, context) {
    const { deviceId, userId } = asking(context);
    return testedBody(await pairing.sendTestNotification({ deviceId, userId }));
  },
};

/** The phones that a request chooses. */
export function choiceOf({ device_id, user_id, all }: Pick<InputOf<"sendNotification">, "device_id" | "user_id" | "all">): PhoneChoice {
  return { deviceId: device_id, userId: user_id, all };
}

export function notificationBody(
  notificationId: string,
  { buildId, projectName, status, message, priority, actionRequired, alert }: BuildNews,
): AnswerOf<"listNotifications">["notifications"][number]["payload"] {
  return {
    notification_id: notificationId,
    build_id: buildId,
    project_name: projectName,
    status,
    message,
    priority,
    action_required: actionRequired,
    ...present({ alert }),
  };
}

/** `texts`: the text messages about the same approval. */
export function deliveriesBody(deliveries: readonly MessageDelivery[], texts: readonly TextMessage[] = []): Deliveries {
  return deliveries.map(({ deviceId, userId, state, at }) => {
    const text = texts.find((sent) => sent.deviceId === deviceId && sent.userId === userId)?.delivery;
    return {
      device_id: deviceId,
      user_id: userId,
      state,
      ...(at === undefined ? {} : { at: isoSeconds(at) }),
      ...(text === undefined ? {} : { sms: deliveryBody(text) }),
    };
  });
}

/** Adds the phones' names: a client that reads a page of messages does not have the list of phones. */
export async function withDeviceNames(pairing: Pick<Pairing, "nameOfDevice">, deliveries: Deliveries): Promise<Deliveries> {
  return Promise.all(
    deliveries.map(async (delivery) => {
      const name = await pairing.nameOfDevice({ userId: delivery.user_id, deviceId: delivery.device_id });
      return { ...delivery, ...present({ device_name: name }) };
    }),
  );
}

export function testedBody({ notificationId, inbox: { state, at }, push, sms }: TestedPhone): AnswerOf<"testDevice"> {
  return {
    notification_id: notificationId,
    inbox: { state, ...(at === undefined ? {} : { at: isoSeconds(at) }) },
    push: { state: push.kind, sentence: push.sentence },
    sms: { state: sms.kind, sentence: sms.sentence },
  };
}

function pushBody({ publicKey, failure, subscribed }: PushStatus): AnswerOf<"pushStatus"> {
  return {
    available: failure === undefined,
    ...(failure === undefined ? {} : { reason: sayError("push_unavailable", { reason: failure }) }),
    ...present({ public_key: publicKey }),
    subscribed,
  };
}
