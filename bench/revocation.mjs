// How long a phone's idle connection stays open once its revocation has been answered.
import { once } from "node:events";
import { connect } from "node:net";
import * as load from "./load.mjs";

/** Milliseconds, of one phone after another. */
export async function cutTimes(server, phones) {
  const { hostname, port } = new URL(server.phone);
  const times = [];
  for (let phone = 0; phone < phones; phone += 1) {
    const token = await load.pairOne(server);
    const { device_id } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
    const socket = connect(Number(port), hostname);
    socket.write(`GET /phone/me HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await once(socket, "data");
    const closed = once(socket, "close").then(() => performance.now());
    socket.resume();
    const { ok } = await fetch(`${server.local}/phone/devices/${device_id}`, { method: "DELETE" });
    const answered = performance.now();
    if (!ok) throw new Error(`${device_id} was not revoked`);
    times.push(Math.max(0, (await closed) - answered));
  }
  return times;
}
