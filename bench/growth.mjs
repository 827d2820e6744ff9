// What very many records cost, beside the same with few of them: starts, pages, the audit trail, subscriptions, checkpoints.
import { createHash, randomUUID } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readSync, statSync } from "node:fs";
import path from "node:path";
import { loadParts, perTurn } from "./parts.mjs";
import { startOurs } from "./server.mjs";

const DAY = 24 * 60 * 60_000;
const PAGE = 200;
const silent = { info() {}, warn() {}, error() {} };

const loadStores = () =>
  loadParts(`
    export { writeRecords } from "./src/adapters/stores/file/checkpoint.ts";
    export { openFileStore } from "./src/adapters/stores/file/file-store.ts";
    export { sessionRecord } from "./src/adapters/stores/file/records.ts";
    export { createMemoryStore } from "./src/adapters/stores/memory/memory-store.ts";`);

function openIn({ openFileStore }, folder, over = {}) {
  return openFileStore({
    folder,
    now: Date.now,
    log: silent,
    sessionRetentionDays: 90,
    deviceRetentionDays: 365,
    auditRetentionDays: 365,
    ...over,
  });
}

/** Expired invites of the last eighty days, as the product itself writes them. */
async function fillFolder(parts, folder, amount) {
  mkdirSync(folder, { recursive: true });
  await (await openIn(parts, folder)).close();
  const since = Date.now() - 80 * DAY;
  function* sessions() {
    for (let number = 0; number < amount; number += 1) {
      const createdAt = since + Math.floor((number * 79 * DAY) / amount);
      yield {
        sessionId: randomUUID(),
        method: "sms",
        codeHash: createHash("sha256").update(String(number)).digest("base64url"),
        status: "expired",
        userId: `user-${number % 1000}`,
        userName: "Ada Lovelace",
        phoneNumber: `+1415555${String(number % 10_000).padStart(4, "0")}`,
        baseUrl: "https://pair.example.test",
        createdAt,
        expiresAt: createdAt + 15 * 60_000,
        sentAt: [createdAt],
      };
    }
  }
  const file = path.join(folder, "pairing_sessions.json");
  await parts.writeRecords(file, `"seq":0,"audit_seq":0`, "sessions", sessions(), parts.sessionRecord, () => false);
  return file;
}

/** Seconds of CPU time for what no start can do without: every byte read and hashed, every line parsed. */
function readBare(file) {
  const before = process.cpuUsage();
  const fd = openSync(file, "r");
  const digest = createHash("sha256");
  const piece = Buffer.alloc(1 << 20);
  let opened = "";
  for (let left = fstatSync(fd).size; left > 0; ) {
    const read = readSync(fd, piece);
    left -= read;
    digest.update(piece.subarray(0, read));
    const lines = (opened + piece.toString("latin1", 0, read)).split("\n");
    opened = lines.pop();
    for (const line of lines) if (line.startsWith('{"session_id"')) JSON.parse(line.endsWith(",") ? line.slice(0, -1) : line);
  }
  closeSync(fd);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** A server that has so many sessions, all of which are over. */
export async function startFilled(home, amount) {
  await fillFolder(await loadStores(), storageOf(home), amount);
  return startOurs(home);
}

function storageOf(home) {
  return path.join(home, ".topdog/pairing");
}

/** Rounds of a server's start on so many sessions: seconds until it answers, of its CPU time, and of reading the file alone. */
export async function startTimes(work, amount, rounds) {
  const home = path.join(work, "start-many");
  const file = await fillFolder(await loadStores(), storageOf(home), amount);
  const measured = [];
  for (let round = 0; round < rounds; round += 1) {
    const bare = readBare(file);
    const began = performance.now();
    const server = await startOurs(home);
    measured.push({ bare, wall: (performance.now() - began) / 1000, cpu: server.cpu() });
    await server.stop();
  }
  return { measured, megabytes: statSync(file).size / 1024 / 1024 };
}

/** Rounds of microseconds for a page in the middle of a long list and of a short one; and how long a checkpoint of the long one holds the event loop. */
export async function pageTimes(work, few, many, rounds) {
  const parts = await loadStores();
  const stores = {};
  const file = await fillFolder(parts, path.join(work, "pages-many"), many);
  await fillFolder(parts, path.join(work, "pages-few"), few);
  // Each checkpoint writes all of it.
  stores.many = await openIn(parts, path.join(work, "pages-many"), { largeStateBytes: Number.POSITIVE_INFINITY });
  stores.few = await openIn(parts, path.join(work, "pages-few"));
  const middle = {};
  for (const [name, amount] of [
    ["few", few],
    ["many", many],
  ]) {
    let after;
    for (let seen = 0; seen < amount / 2; seen += PAGE) {
      ({ next: after } = await stores[name].pageOfSessions({ most: PAGE, at: Date.now(), ...(after ? { after } : {}) }));
    }
    middle[name] = after;
  }
  const page = (name) => async (turns) => {
    for (let turn = 0; turn < turns; turn += 1) {
      const { items } = await stores[name].pageOfSessions({ most: PAGE, at: Date.now(), after: middle[name] });
      if (items.length === 0) throw new Error("the page is empty");
    }
  };
  const pages = [];
  for (let round = 0; round <= rounds; round += 1) {
    const figures = { few: await perTurn(1000, page("few")), many: await perTurn(1000, page("many")) };
    if (round > 0) pages.push(figures);
  }
  const holds = [];
  for (let round = 0; round < rounds; round += 1) holds.push(await checkpointHold(stores.many, file));
  await Promise.all([stores.few.close(), stores.many.close()]);
  return { pages, holds };
}

/** Milliseconds of the main thread's CPU time for which nobody else had a turn, at most, while everything is written. */
async function checkpointHold(store, file) {
  const before = statSync(file).ino;
  const turns = watchTurns();
  await store.appendAudit(Date.now(), { event: "key_rotated" });
  for (const until = performance.now() + 120_000; statSync(file).ino === before; ) {
    if (performance.now() > until) throw new Error("no checkpoint was written");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  return turns.end();
}

/** The longest turn of the event loop from now on, of CPU time: what others on the machine do is not counted. */
function watchTurns() {
  const fd = openSync(`/proc/self/task/${process.pid}/schedstat`, "r");
  const bytes = Buffer.alloc(64);
  const cpu = () => Number(bytes.toString("latin1", 0, readSync(fd, bytes, 0, bytes.length, 0)).split(" ", 1)[0]) / 1e6;
  let most = 0;
  let last = cpu();
  let next;
  const turn = () => {
    const now = cpu();
    most = Math.max(most, now - last);
    last = now;
    next = setImmediate(turn);
  };
  next = setImmediate(turn);
  return {
    end() {
      clearImmediate(next);
      closeSync(fd);
      return most;
    },
  };
}

/** Rounds of microseconds for the newest page of a long audit trail, and for one from its beginning. */
export async function auditTimes(work, lines, rounds) {
  const store = await openIn(await loadStores(), path.join(work, "audit"), { auditPartBytes: 1 << 20 });
  for (let number = 0; number < lines; number += 1000) {
    const some = Array.from({ length: Math.min(1000, lines - number) }, async (_, index) =>
      store.appendAudit(Date.now(), {
        event: "accept_invite",
        session_id: randomUUID(),
        user_id: `user-${number + index}`,
        ip: "203.0.113.7",
      }),
    );
    await Promise.all(some);
  }
  const page = (before) => async (turns) => {
    for (let turn = 0; turn < turns; turn += 1) {
      const { lines: found } = await store.readAudit({ most: PAGE, ...(before ? { before } : {}) });
      if (found.length !== PAGE) throw new Error("the page is not full");
    }
  };
  const measured = [];
  for (let round = 0; round <= rounds; round += 1) {
    const figures = { newest: await perTurn(100, page()), deep: await perTurn(100, page(Math.floor(lines / 50) + round)) };
    if (round > 0) measured.push(figures);
  }
  await store.close();
  return measured;
}

/** Rounds of microseconds for a phone's push subscription among few phones and among many. */
export async function subscriptionTimes(few, many, rounds) {
  const { createMemoryStore } = await loadStores();
  const filled = async (amount) => {
    const store = createMemoryStore();
    const at = Date.now();
    for (let number = 0; number < amount; number += 1) {
      const shared = { userId: `user-${number}`, sessionId: `session-${number}` };
      const session = {
        ...shared,
        method: "qr",
        codeHash: `code-${number}`,
        status: "pending",
        userName: "",
        phoneNumber: "",
        baseUrl: "https://pair.example.test",
        createdAt: at,
        expiresAt: at + DAY,
        sentAt: [],
      };
      const device = {
        ...shared,
        deviceId: `phone-${number}`,
        deviceName: "Phone",
        deviceType: "web",
        osVersion: "",
        appVersion: "",
        status: "active",
        pairedVia: "qr",
        pairedAt: at + number,
        lastSeen: at,
        expiresAt: at + 30 * DAY + number,
        jti: `jti-${number}`,
      };
      await store.addInvite({ session, at, audit: [] });
      await store.acceptInvite({ codeHash: session.codeHash, device, at: () => at, audit: [] });
    }
    let next = 0;
    return async (turns) => {
      for (const last = next + turns; next < last; next += 1) {
        const number = (next * 7919) % amount;
        const saved = await store.keepSubscription({
          userId: `user-${number}`,
          deviceId: `phone-${number}`,
          jti: `jti-${number}`,
          subscription: { endpoint: `https://push.example.test/${next}`, p256dh: "p", auth: "a" },
          at,
          audit: [],
        });
        if (!saved) throw new Error("the subscription was not kept");
      }
    };
  };
  const [amongFew, amongMany] = [await filled(few), await filled(many)];
  const measured = [];
  for (let round = 0; round <= rounds; round += 1) {
    const figures = { few: await perTurn(2000, amongFew), many: await perTurn(2000, amongMany) };
    if (round > 0) measured.push(figures);
  }
  return measured;
}
