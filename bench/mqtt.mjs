// How fast messages reach phones over MQTT, and what a thousand of them cost.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import mqtt from "mqtt";
import * as load from "./load.mjs";

export const hasMosquitto = spawnSync("sh", ["-c", "command -v mosquitto"]).status === 0;

/** A paired phone that is connected and listens. `receive` is called for each message. */
export async function connectPhone(server, receive = () => undefined) {
  const token = await load.pairOne(server);
  const { device_id, user_id } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
  const client = mqtt.connect(`${server.phone.replace("http", "ws")}/mqtt`, {
    clientId: device_id,
    password: token,
    username: device_id,
    protocolVersion: 4,
    reconnectPeriod: 0,
  });
  client.on("error", () => undefined);
  client.on("message", (_topic, payload) => receive(JSON.parse(payload.toString())));
  await once(client, "connect");
  await client.subscribeAsync(`topdog/${user_id}/${device_id}/#`, { qos: 2 });
  return { client, device_id, user_id, token };
}

const notification = (deviceId, message) => ({
  ...(deviceId === undefined ? {} : { device_id: deviceId }),
  build_id: "b",
  project_name: "Top Dog",
  status: "success",
  message,
  priority: "high",
});

const agent = new Agent({ keepAlive: true });

/** Not by `fetch`, which costs the one who asks more than the server takes to answer: its own pauses would be what is measured. */
function notify(server, body) {
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const asked = request(`${server.local}/phone/notifications/send`, { agent, method: "POST", headers }, (answer) => {
      answer.resume();
      answer.once("end", () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`a notification was answered ${answer.statusCode}`)),
      );
    });
    asked.once("error", reject);
    asked.end(text);
  });
}

/** Milliseconds from asking for a notification to its being at the phone, one after another. */
export async function notifyTimes(server, amount) {
  let received = () => undefined;
  const phone = await connectPhone(server, () => received());
  const times = [];
  for (let number = 0; number < amount; number += 1) {
    const arrived = new Promise((resolve) => {
      received = () => resolve(performance.now());
    });
    const began = performance.now();
    const [at] = await Promise.all([arrived, notify(server, notification(phone.device_id, String(number)))]);
    times.push(at - began);
  }
  await phone.client.endAsync(true);
  return times;
}

/** Milliseconds until a notification for a phone that is away is on disk and the request answered, one after another. */
export async function askTimes(server, amount) {
  const token = await load.pairOne(server);
  const { device_id } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
  const times = [];
  for (let number = 0; number < amount; number += 1) {
    const began = performance.now();
    await notify(server, notification(device_id, String(number)));
    times.push(performance.now() - began);
  }
  return times;
}

/** The way to a phone of Mosquitto alone: from publishing over one WebSocket to receiving it over another, QoS 1. */
export async function mosquittoTimes(amount) {
  const port = await freePort();
  const file = path.join(mkdtempSync(path.join(tmpdir(), "topdog-bench-mosquitto-")), "mosquitto.conf");
  // Mosquitto 2.0.11 does not start with WebSockets alone.
  const lines = ["user root", "allow_anonymous true", `listener ${await freePort()} 127.0.0.1`, `listener ${port} 127.0.0.1`];
  writeFileSync(file, [...lines, "protocol websockets", ""].join("\n"));
  const child = spawn("mosquitto", ["-c", file], { stdio: "ignore" });
  while (!(await listens(port))) if (child.exitCode !== null) throw new Error("mosquitto ended");
  const [phoneSession, listener] = await Promise.all(
    ["speaker", "listener"].map(async (clientId) => {
      const client = mqtt.connect(`ws://127.0.0.1:${port}`, { clientId, protocolVersion: 4 });
      await once(client, "connect");
      return client;
    }),
  );
  await listener.subscribeAsync("bench/#", { qos: 1 });
  const payload = JSON.stringify(notification("phone", "0"));
  const times = [];
  for (let number = 0; number < amount; number += 1) {
    const arrived = once(listener, "message").then(() => performance.now());
    const began = performance.now();
    const [at] = await Promise.all([arrived, phoneSession.publishAsync("bench/notification", payload, { qos: 1 })]);
    times.push(at - began);
  }
  await Promise.all([phoneSession.endAsync(true), listener.endAsync(true)]);
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  return times;
}

/** Milliseconds from the answer of a revocation to the end of the phone's connection. */
export async function cutTimes(server, phones) {
  const times = [];
  const connected = await Promise.all(Array.from({ length: phones }, async () => connectPhone(server)));
  for (const { client, device_id } of connected) {
    const closed = new Promise((resolve) => client.once("close", () => resolve(performance.now())));
    const { ok } = await fetch(`${server.local}/phone/devices/${device_id}`, { method: "DELETE" });
    const answered = performance.now();
    if (!ok) throw new Error(`${device_id} was not revoked`);
    times.push(Math.max(0, (await closed) - answered));
  }
  return times;
}

/** MB that this many connected phones add to the server. */
export async function memoryOf(server, phones) {
  const first = await connectPhone(server);
  const before = server.rss();
  const clients = [first.client];
  for (let number = 0; number < phones; number += 100)
    clients.push(...(await Promise.all(Array.from({ length: 100 }, async () => (await connectPhone(server)).client))));
  const added = server.rss() - before;
  await Promise.all(clients.map(async (client) => client.endAsync(true)));
  return added / 1024 / 1024;
}

/** Notifications a second that are accepted for phones that are away: each for the next of them, 50 asked at once. */
export async function offlineRate(server, phones, amount) {
  const tokens = await Promise.all(Array.from({ length: phones }, async () => load.pairOne(server)));
  const ids = tokens.map((token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString()).device_id);
  let next = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      for (let number = next++; number < amount; number = next++) await notify(server, notification(ids[number % phones], String(number)));
    }),
  );
  return amount / ((performance.now() - began) / 1000);
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
