// What it takes to know who asks at the local door.
import { once } from "node:events";
import net from "node:net";
import { loadParts, perTurn } from "./parts.mjs";

/** Each connection has two sockets on this computer. */
const CONNECTIONS = 5_000;
/** Connections that are made at once: the backlog of a listener is not endless. */
const AT_ONCE = 200;
const NEW = 20;

/** Milliseconds until the account behind a new connection is known, beside 10,000 open sockets, and how long that holds up other work. */
export async function lookups() {
  const { uidOfPeer } = await loadParts('export { uidOfPeer } from "./src/adapters/system/peer-uid.ts";');
  const accepted = [];
  const server = net.createServer((socket) => accepted.push(socket)).listen({ port: 0, host: "127.0.0.1", backlog: 4096 });
  await once(server, "listening");
  const opened = [];
  const open = async () => {
    const socket = net.connect(server.address().port, "127.0.0.1");
    opened.push(socket);
    await once(socket, "connect");
  };
  while (opened.length < CONNECTIONS) await Promise.all(Array.from({ length: AT_ONCE }, open));
  while (accepted.length < opened.length) await new Promise((resolve) => setTimeout(resolve, 10));
  const times = [];
  let held = 0;
  for (let made = 0; made < NEW; made += 1) {
    let turn = performance.now();
    let watching = true;
    const watch = () => {
      const now = performance.now();
      held = Math.max(held, now - turn);
      turn = now;
      if (watching) setImmediate(watch);
    };
    setImmediate(watch);
    const began = performance.now();
    const uid = await uidOfPeer(accepted[Math.floor((made / NEW) * accepted.length)]);
    times.push(performance.now() - began);
    watching = false;
    if (uid !== process.getuid()) throw new Error(`the account was taken for ${uid}`);
  }
  for (const socket of [...opened, ...accepted]) socket.destroy();
  server.close();
  return { times, held };
}

/** Microseconds to know the caller of a further request on a connection. */
export async function knownCallers(rounds) {
  const { createIdentifyCaller, createWindowSessions } = await loadParts(`
    export { createIdentifyCaller } from "./src/http/identify-caller.ts";
    export { createWindowSessions } from "./src/operations/window-sessions.ts";`);
  const pairing = { now: Date.now, readAdminToken: async () => undefined, noteDenied: async () => undefined };
  const settings = {
    localDoorGated: false,
    localAuth: true,
    localTrustProxy: [],
    localKey: () => "k".repeat(43),
    inUse: () => ({ adminRequired: false }),
    uidOfPeer: async () => process.getuid(),
  };
  const windows = createWindowSessions(Date.now);
  const identify = createIdentifyCaller({ pairing, settings, windows, isSameOrigin: () => true });
  const request = { headers: { host: "localhost" }, socket: { remoteAddress: "127.0.0.1" } };
  const client = { ip: "127.0.0.1", shared: false };
  const ask = async (turns) => {
    for (let turn = 0; turn < turns; turn += 1)
      if ((await identify(request, { caller: "local" }, client)) !== "local") throw new Error("the caller was not known");
  };
  const measured = [];
  for (let round = 0; round <= rounds; round += 1) {
    const cost = await perTurn(100_000, ask);
    if (round > 0) measured.push(cost);
  }
  return measured;
}
