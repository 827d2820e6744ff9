import { setTimeout as delay } from "node:timers/promises";
import mqtt from "mqtt";
import { createReceived, type InboxPhone } from "./inbox-phone.ts";
import type { Model, PhoneRecord } from "./model.ts";

/** MQTT's codes for "bad user name or password" and "not authorized". */
const REFUSED: readonly unknown[] = [4, 5];
const RECONNECT_MS = 300;
/** A server that was paused is given up after one and a half times this. */
const KEEPALIVE_SECONDS = 10;
/** After its access was taken away it may be on the line this long: longer than any of the faults. */
const CUT_MS = 120_000;

/**
 * A phone that is connected by MQTT, at one server after another. What was not acknowledged when a connection ended comes again on the
 * next one; within one connection nothing comes twice.
 */
export function startMqttPhone(phone: PhoneRecord, proxy: string, model: Model): InboxPhone {
  const { token, userId, deviceId } = phone;
  const received = createReceived(phone, model);
  const seen = new Set<string>();
  let onThisConnection = new Set<string>();
  let mayEnd = false;
  const client = mqtt.connect(`${proxy.replace("http", "ws")}/mqtt`, {
    ...{ clientId: deviceId, username: deviceId, password: token, protocolVersion: 4 },
    ...{ reconnectPeriod: RECONNECT_MS, connectTimeout: 20_000, keepalive: KEEPALIVE_SECONDS },
    // A server without its database refuses for now.
    reconnectOnConnackError: true,
  });
  client.on("connect", () => {
    model.count("MQTT connections");
    onThisConnection = new Set();
    // What it cannot subscribe to now, it does on its next connection.
    client.subscribe(`topdog/${userId}/${deviceId}/#`, { qos: 1 }, () => undefined);
  });
  client.on("message", (_topic, bytes) => {
    const { message_id: id, type, payload } = JSON.parse(bytes.toString()) as { message_id: string; type: string; payload: any };
    if (onThisConnection.has(id)) model.violated("messages", `${deviceId} got message ${id} twice on one MQTT connection`);
    onThisConnection.add(id);
    model.count(seen.has(id) ? "messages received again by MQTT after a connection ended" : "messages received by MQTT");
    if (!seen.has(id) && type === "notification") received.add(payload.message);
    seen.add(id);
  });
  const ended = new Promise<void>((resolve) => {
    client.on("end", () => resolve());
    client.on("error", (cause) => {
      if (!REFUSED.includes((cause as { code?: unknown }).code)) return;
      if (!mayEnd) model.violated("answers", `${deviceId} was refused by MQTT: ${cause.message}`);
      client.end(true);
    });
  });
  return {
    ended,
    receives: received.all,
    expectEnd() {
      mayEnd = true;
      void Promise.race([ended.then(() => true), delay(CUT_MS)]).then((isOver) => {
        if (isOver) return;
        model.violated("revoked", `${deviceId} was not refused by MQTT ${CUT_MS / 1000} s after its access was taken away`);
        client.end(true);
      });
    },
    stop: () => void client.end(true),
  };
}
