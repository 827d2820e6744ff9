// Servers on a database: how long a revocation and a notification take from one of two servers to the other.
import { randomBytes } from "node:crypto";
import path from "node:path";
import * as load from "./load.mjs";
import { startOurs } from "./server.mjs";

/** Servers that share this database. */
export async function startOnDatabase(folder, url, count) {
  const env = { PAIRING_DATABASE_URL: url, PAIRING_DATABASE_MIGRATE: "1", PAIRING_SECRETS_KEY: randomBytes(32).toString("base64") };
  const servers = [];
  for (let number = 0; number < count; number += 1) servers.push(await startOurs(path.join(folder, `server-${number}`), env));
  return servers;
}

/** Milliseconds until a revocation is answered, of one phone after another. The other server refuses its token from then on. */
export async function revocationTimes(one, other, phones) {
  const times = [];
  for (const token of await load.pairPhones(one, phones)) {
    const { device_id } = phoneOf(token);
    const began = performance.now();
    const { ok } = await fetch(`${one.local}/phone/devices/${device_id}`, { method: "DELETE" });
    times.push(performance.now() - began);
    const { status } = await fetch(`${other.phone}/phone/me`, { headers: { authorization: `Bearer ${token}` } });
    if (!ok || status !== 401) throw new Error(`${device_id} was not revoked everywhere: the other server answered ${status}`);
  }
  return times;
}

/** Milliseconds from asking one server for a notification to its being at a phone that waits at the other, one after another. */
export async function crossingTimes(one, other, amount) {
  const token = await load.pairOne(one);
  const { device_id } = phoneOf(token);
  const headers = { authorization: `Bearer ${token}` };
  const times = [];
  let since = 0;
  for (let number = 0; number < amount; number += 1) {
    const waiting = fetch(`${other.phone}/phone/inbox?since=${since}&wait=25`, { headers }).then(async (response) => response.json());
    // The phone waits by then.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const began = performance.now();
    const body = { device_id, build_id: "b", project_name: "Top Dog", status: "success", message: `message ${number}` };
    const { ok } = await fetch(`${one.local}/phone/notifications/send`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const { messages, next } = await waiting;
    times.push(performance.now() - began);
    if (!ok || messages.length !== 1) throw new Error(`a notification came as ${messages.length} messages`);
    since = next;
  }
  return times;
}

function phoneOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
}
