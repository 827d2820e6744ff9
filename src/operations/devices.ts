import { present } from "../base/present.ts";
import type { DEVICES } from "../contract/operations/devices.ts";
import { type AnswerOf, isAtLeast, OPERATIONS } from "../contract/operations.ts";
import { type Device, type DeviceFilter, isoSeconds, levelOf, type Paired } from "../core/index.ts";
import { languageOfTag } from "../words/languages.ts";
import { say } from "../words/say.ts";
import { asking, type BrokerAddress, type Handlers, type Input, type RequestContext } from "./handlers.ts";
import { languageCookie } from "./language-cookie.ts";
import { asksForPage, nextLink, type PartAsked, readPage, slicesOf, WholeList } from "./lists.ts";
import { testedBody } from "./notifications.ts";

/** Paired phones, and what a phone may do with its own pairing. */
export const DEVICE_HANDLERS: Handlers<keyof typeof DEVICES> = {
  async listDevices({ pairing }, asked, { headers }) {
    const read = async (part: PartAsked) => pairing.pageOfDevices({ ...part, filter: deviceFilter(asked) });
    if (!asksForPage(asked)) return new WholeList(undefined, () => slicesOf(read, deviceBody));
    const { items, next } = await readPage("devices", asked, read);
    if (next.next !== undefined) headers["Link"] = nextLink(OPERATIONS.listDevices.path, { ...asked, ...next });
    return items.map(deviceBody);
  },

  async findDevices({ pairing }, asked) {
    const filter = { ...deviceFilter(asked), deviceId: asked.device_id };
    const { items, next } = await readPage("devices", asked, async (part) => pairing.pageOfDevices({ ...part, filter }));
    return { devices: items.map(deviceBody), ...next, counts: await pairing.countDevices() };
  },

  changeDevice: async ({ pairing }, { device_name, level, ...phone }, context) => {
    const change = { deviceName: device_name, level };
    return deviceBody(await pairing.changeDevice(choice(phone), change, { mayRaise: mayRaiseLevel(context) }, context.caller));
  },

  confirmDevice: async ({ pairing }, { level, ...phone }, { caller }) =>
    deviceBody(await pairing.confirmDevice(choice(phone), { level }, caller)),

  async revokeDevice({ pairing }, { device_id, user_id }, { caller }) {
    await pairing.revokeDevice(choice({ device_id, user_id }), caller);
    return { message: say("server.phoneRevoked"), device_id };
  },

  suspendDevice: async ({ pairing }, phone, { caller }) => deviceBody(await pairing.suspendDevice(choice(phone), caller)),

  reactivateDevice: async ({ pairing }, phone, { caller }) => deviceBody(await pairing.reactivateDevice(choice(phone), caller)),

  testDevice: async ({ pairing }, { device_id, user_id }) =>
    testedBody(await pairing.sendTestNotification({ deviceId: device_id, userId: user_id })),

  async revokeAllDevices({ pairing }, { user_id, except_device_id }, { caller }) {
    const revoked = await pairing.revokeAllDevices(
      {
        ...present({ userId: user_id, exceptDeviceId: except_device_id }),
      },
      caller,
    );
    return { revoked };
  },

  forgetUser: async ({ pairing }, { user_id }, { caller }) => pairing.forgetUser(user_id, caller),

  ownDevice: async (_deps, _input, context) => deviceBody(asking(context)),

  async renameOwnDevice({ pairing }, { device_name, language: tag }, context) {
    const { deviceId, userId } = asking(context);
    const language = languageOfTag(tag);
    const change = { deviceName: device_name, language };
    const device = await pairing.changeDevice({ deviceId, userId }, change, { mayRaise: false }, context.caller);
    if (language !== undefined) context.headers["Set-Cookie"] = [languageCookie(language, pairing.settings.baseUrl())];
    return deviceBody(device);
  },

  async unpairOwnDevice({ pairing, settings }, _input, context) {
    const { deviceId, userId } = asking(context);
    await pairing.unpairDevice({ deviceId, userId }, context.caller);
    context.headers["Set-Cookie"] = settings.deviceCookies("", 0);
    return { message: say("server.phoneUnpaired"), device_id: deviceId };
  },

  async openHandoff({ pairing }, _input, context) {
    const { code, url, expiresAt } = await pairing.openHandoff(asking(context), context.caller);
    return { code, url, expires_at: isoSeconds(expiresAt) };
  },

  async redeemHandoff({ pairing, settings }, { code }, { caller, addressKey, headers, idempotencyKey }) {
    const paired = await pairing.redeemHandoff({ code, address: addressKey, ...present({ idempotencyKey }) }, caller);
    const language = languageOfTag(paired.language);
    headers["Set-Cookie"] = [
      ...settings.deviceCookies(paired.token, paired.expiresAt),
      ...(language === undefined ? [] : [languageCookie(language, pairing.settings.baseUrl())]),
    ];
    return pairedBody(paired, pairing.settings.baseUrl(), settings.inUse().mqttBroker);
  },
};

/** Whether this caller may let a phone do more than before. Programs of the account may only take permissions away. */
function mayRaiseLevel({ callerClass }: RequestContext): boolean {
  return isAtLeast(callerClass, "window");
}

function deviceBody(device: Device): AnswerOf<"ownDevice"> {
  return {
    device_id: device.deviceId,
    device_name: device.deviceName,
    device_type: device.deviceType,
    status: device.status,
    level: levelOf(device),
    os_version: device.osVersion,
    app_version: device.appVersion,
    user_id: device.userId,
    paired_via: device.pairedVia,
    paired_at: isoSeconds(device.pairedAt),
    last_seen: isoSeconds(device.lastSeen),
    expires_at: isoSeconds(device.expiresAt),
    ...present({ language: device.language }),
    ...(device.confirmed === false ? { confirmed: false as const } : {}),
  };
}

export function pairedBody(paired: Paired, baseUrl: string, broker: BrokerAddress | undefined): AnswerOf<"acceptInvite"> {
  const base = new URL(baseUrl);
  return {
    device_id: paired.deviceId,
    jwt_token: paired.token,
    expires_at: isoSeconds(paired.expiresAt),
    mqtt_broker: mqttHost(baseUrl, broker),
    user_id: paired.userId,
    mqtt_url: broker?.phoneUrl ?? `${base.protocol === "https:" ? "wss" : "ws"}://${base.host}/mqtt`,
    inbox_url: `${base.origin}/inbox`,
  };
}

/** The host of the broker that is set, or of the public address. */
export function mqttHost(baseUrl: string, broker: BrokerAddress | undefined): string {
  return broker?.host ?? new URL(baseUrl).hostname;
}

function deviceFilter({ q, status, user_id }: Pick<Input<"listDevices">, "q" | "status" | "user_id">): DeviceFilter {
  return { text: q, statuses: status, userId: user_id };
}

/** Which phone is meant; the user where two users have a phone with this id. */
function choice({ device_id, user_id }: { readonly device_id: string; readonly user_id?: string | undefined }): {
  deviceId: string;
  userId?: string;
} {
  return user_id === undefined ? { deviceId: device_id } : { deviceId: device_id, userId: user_id };
}
