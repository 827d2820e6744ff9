import { connect, createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { deviceRecord } from "../../../src/adapters/stores/file/records.ts";
import type { ForeignChanges } from "../../../src/adapters/stores/postgres/change-feed.ts";
import { migrate } from "../../../src/adapters/stores/postgres/migrate.ts";
import { SCHEMA_VERSION } from "../../../src/adapters/stores/postgres/migrations.ts";
import { openPostgresStore } from "../../../src/adapters/stores/postgres/postgres-store.ts";
import { DAY, MINUTE, type PairingStore } from "../../../src/core/index.ts";
import { afterEachTest } from "../../after-each-test.ts";
import { deliveryOf, deviceOf, entry, inviteOf, messageOf, NOON, phone, sessionOf } from "../../contracts/pairing-store.ts";
import { emptySchema, hasPostgres, KEEP, openOn, postgresUrl, sql } from "../../postgres.ts";
import { testLog } from "./folder.ts";

const cleanups: (() => void)[] = [];
afterEachTest(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const EVERYTHING = ["approvals", "audit", "devices", "invites", "messages"];
const BUDGET = { perNumberPerTenMinutes: 1000, perNumberPerDay: 1000, perDay: 1000 };

describe.skipIf(!hasPostgres)("several servers on one database (Debian: apt-get install postgresql)", () => {
  const openSome = async (count: number): Promise<readonly PairingStore[]> => {
    const schema = await emptySchema();
    return Promise.all(Array.from({ length: count }, async () => openOn(schema, testLog())));
  };
  const invite = async (store: PairingStore | undefined, id: string, budget = BUDGET) =>
    store?.addInvite({ ...inviteOf(sessionOf(id)), budget, at: NOON, audit: [entry("send_sms_invite")] });
  const accept = async (store: PairingStore, id: string, deviceId: string, jti: string) =>
    store.acceptInvite({
      codeHash: `code-${id}`,
      device: deviceOf(deviceId, jti, { sessionId: `session-${id}` }),
      at: () => NOON,
      audit: [entry()],
    });

  it("see at once what another one changed", async () => {
    const [a, b] = await openSome(2);
    await invite(a, "1");
    expect((await b?.findByCode("code-1"))?.status).toBe("pending");
    expect(b && (await accept(b, "1", "phone", "jti-1")).kind).toBe("accepted");
    await a?.revokeDevice({ ...phone("phone"), at: NOON, audit: [] });
    expect(await b?.findByTokenId("jti-1")).toMatchObject({ revoked: true, device: { status: "revoked" } });
  });

  it("let one of many accepts win each invite", async () => {
    const stores = await openSome(3);
    const ids = Array.from({ length: 40 }, (_, index) => String(index));
    await Promise.all(ids.map(async (id) => invite(stores[0], id)));
    const all = await Promise.all(
      stores.flatMap((store, server) => ids.map(async (id) => accept(store, id, `phone-${id}-${server}`, `jti-${id}-${server}`))),
    );
    expect(all.filter(({ kind }) => kind === "accepted")).toHaveLength(40);
    expect(await stores[1]?.listDevices()).toHaveLength(40);
    expect(await stores[2]?.countDevices()).toEqual({ active: 40, suspended: 0, revoked: 0 });
  });

  it("pair a new phone once where two of its invites are accepted at the same moment", async () => {
    const [a, b] = await openSome(2);
    for (let round = 0; round < 10; round += 1) {
      for (const side of ["a", "b"]) await invite(a, `${round}-${side}`);
      const both = await Promise.all([
        a && accept(a, `${round}-a`, `phone-${round}`, `jti-${round}-a`),
        b && accept(b, `${round}-b`, `phone-${round}`, `jti-${round}-b`),
      ]);
      const replaced = both.flatMap((one) => (one?.kind === "accepted" && one.replacedTokenId ? [one.replacedTokenId] : []));
      expect(replaced).toHaveLength(1);
      const [device] = (await a?.findDevices(`phone-${round}`)) ?? [];
      expect(device?.jti).not.toBe(replaced[0]);
      expect((await b?.findByTokenId(replaced[0] ?? ""))?.revoked).toBe(true);
    }
  });

  it("send no more text messages together than the budget has", async () => {
    const stores = await openSome(3);
    const budget = { perNumberPerTenMinutes: 7, perNumberPerDay: 100, perDay: 100 };
    const all = await Promise.all(Array.from({ length: 30 }, async (_, index) => invite(stores[index % 3], String(index), budget)));
    expect(all.filter((one) => one?.kind === "added")).toHaveLength(7);
  });

  it("send no more text messages to all numbers together than the budget has", async () => {
    const stores = await openSome(3);
    const budget = { perNumberPerTenMinutes: 100, perNumberPerDay: 100, perDay: 7 };
    const send = async (id: number) =>
      stores[id % 3]?.addInvite({
        ...inviteOf(sessionOf(String(id), { phoneNumber: `+14155550${100 + id}` })),
        budget,
        at: NOON,
        audit: [entry("send_sms_invite")],
      });
    const all = await Promise.all(Array.from({ length: 30 }, async (_, id) => send(id)));
    expect(all.filter((one) => one?.kind === "added")).toHaveLength(7);
    expect(await send(30)).toEqual({ kind: "over-budget", retryAt: NOON + DAY });
  });

  it("find each of many sessions that are asked for at once", async () => {
    const [a, b] = await openSome(2);
    const ids = Array.from({ length: 300 }, (_, index) => String(index));
    await Promise.all(ids.map(async (id) => invite(a, id)));
    const found = await Promise.all([...ids, "unknown", ...ids].map(async (id) => b?.findByCode(`code-${id}`)));
    expect(found.map((session) => session?.sessionId)).toEqual(
      [...ids, undefined, ...ids].map((id) => (id === undefined ? undefined : `session-${id}`)),
    );
  });

  it("add no more invites together than may be pending", async () => {
    const stores = await openSome(2);
    const qr = async (server: number, id: string) =>
      stores[server]?.addInvite({ ...inviteOf(sessionOf(id, { method: "qr" })), at: NOON, audit: [] });
    await Promise.all(Array.from({ length: 9950 }, async (_, index) => qr(index % 2, String(index))));
    const all = await Promise.all(Array.from({ length: 200 }, async (_, index) => qr(index % 2, `more-${index}`)));
    expect(all.filter((one) => one?.kind === "added")).toHaveLength(50);
    expect(all.find((one) => one?.kind === "too-many")).toEqual({ kind: "too-many", retryAt: NOON + 15 * MINUTE });
    expect(await stores[0]?.countPendingInvites(NOON)).toBe(10_000);
  });

  it("number a phone's messages and the audit trail without gaps", async () => {
    const stores = await openSome(3);
    await invite(stores[0], "1");
    await accept(stores[0]!, "1", "phone", "jti-1");
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) =>
        stores[index % 3]?.sendMessage({
          message: messageOf(String(index)),
          to: [phone("phone")],
          at: NOON,
          audit: [entry("voice_command")],
        }),
      ),
    );
    const inbox = await stores[0]?.readInbox({ ...phone("phone"), since: 0, most: 100, at: NOON });
    expect(inbox?.messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    const { lines, missing } = await stores[1]!.readAudit({ most: 100 });
    expect([lines.length, missing]).toEqual([62, 0]);
  });

  it("give each open claim digits of its own", async () => {
    const stores = await openSome(3);
    for (let index = 0; index < 30; index += 1) await invite(stores[0], String(index));
    const claims = await Promise.all(
      Array.from({ length: 30 }, async (_, index) =>
        stores[index % 3]?.openClaim({
          codeHash: `code-${index}`,
          claim: {
            claimId: `claim-${index}`,
            secretHash: "secret",
            claimedAt: NOON,
            expiresAt: NOON + MINUTE,
            phone: { deviceId: "phone", deviceName: "phone", deviceType: "ios", osVersion: "18", appVersion: "web" },
            caller: { ip: "203.0.113.7", ua: "a browser" },
          },
          digits: "47",
          most: 3,
          at: () => NOON,
          audit: [],
        }),
      ),
    );
    expect(new Set(claims.map((claim) => claim?.kind === "opened" && claim.claim.digits)).size).toBe(30);
  });

  it("refuse alone what a column does not take", async () => {
    const [store] = await openSome(1);
    const tooLong = "x".repeat(100_000) + Array.from({ length: 3000 }, (_, index) => index * 7919).join("");
    const all = await Promise.allSettled([invite(store, "1"), invite(store, tooLong), invite(store, "2")]);
    expect(all.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(all[1]).toMatchObject({ reason: { code: "storage_unavailable", note: "54000" } });
  });
});

describe.skipIf(!hasPostgres)("a connection that is cut", () => {
  it.each(["before", "after"] as const)("%s the server has the commit: what is answered is what is there", async (when) => {
    const schema = await emptySchema();
    const cut = await cutter(when);
    const store = await openPostgresStore({ url: cut.url, schema, now: Date.now, keep: KEEP, log: testLog() });
    try {
      await store.appendAudit(NOON, entry("key_rotated"));
      cut.arm();
      await store.appendAudit(NOON, entry("admin_denied"));
      expect(cut.done()).toBe(true);
      const lines = await sql(`select event from ${schema}.audit order by seq`);
      expect(lines.map(({ event }) => event)).toEqual(["key_rotated", "admin_denied"]);
      expect(await sql(`select count(*)::int as count from ${schema}.changes`)).toEqual([{ count: 2 }]);
      // What was found to be committed is answered after a further commit: a standby that confirms this one has both.
      expect(await sql(`select probed::int from ${schema}.probe`)).toEqual([{ probed: when === "after" ? 1 : 0 }]);
    } finally {
      await store.close();
    }
  });

  it("for good: a change's outcome is unknown, and so its answer says, with the way to find out", async () => {
    const schema = await emptySchema();
    const cut = await cutter("before");
    const log = testLog();
    const store = await openPostgresStore({ url: cut.url, schema, now: Date.now, keep: KEEP, log });
    cut.arm("for good");
    const unknown = {
      code: "storage_unavailable",
      message: expect.stringMatching(/unknown whether the change was made.*same Idempotency-Key/),
    };
    await expect(store.appendAudit(NOON, entry("admin_denied"))).rejects.toMatchObject(unknown);
    expect(log.warnings).toContain("it is unknown whether changes were written to the database");
    // No later one reaches the database.
    await expect(store.appendAudit(NOON, entry("key_rotated"))).rejects.toMatchObject({
      code: "storage_unavailable",
      message: expect.stringMatching(/nothing was changed/),
    });
    await expect(store.checkWritable()).rejects.toMatchObject({ code: "storage_unavailable" });
    await expect(store.findByCode("code")).rejects.toMatchObject({ code: "storage_unavailable" });
    expect(await sql(`select * from ${schema}.audit`)).toEqual([]);
    expect(log.warnings).toContain("changes cannot be written to the database and are refused");
    await store.close();
  });
});

describe.skipIf(!hasPostgres)("a change that was committed, and whose answer stays unknown", () => {
  it("is reported to those who listen at this server, as a change of another one", async () => {
    const schema = await emptySchema();
    const cut = await cutter("after");
    const reported: ForeignChanges[] = [];
    const changed = (changes: ForeignChanges): void => void reported.push(changes);
    const store = await openPostgresStore({ url: cut.url, schema, now: Date.now, keep: KEEP, log: testLog(), changed });
    cleanups.push(() => void store.close());
    cut.arm("for good");
    await expect(store.appendAudit(NOON, entry("admin_denied"))).rejects.toMatchObject({ message: expect.stringMatching(/unknown/) });
    expect(await sql(`select event from ${schema}.audit`)).toEqual([{ event: "admin_denied" }]);
    cut.restore();
    await expect.poll(() => reported.flatMap(({ events }) => events), { timeout: 30_000 }).toEqual(["audit"]);
  });
});

/** A way to the server that ends with the first commit after it is armed: before the server gets it, or before its answer comes back. */
async function cutter(when: "before" | "after") {
  const { port, hostname } = new URL(postgresUrl);
  const sockets = new Set<Socket>();
  let armed: boolean | "for good" = false;
  let done = false;
  const server = createServer((near) => {
    if (done && armed === "for good") return void near.destroy();
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        near.destroy();
        far.destroy();
      });
    }
    let cutsAnswer = false;
    near.on("data", (bytes) => {
      const isCommit = armed !== false && !done && bytes.includes("commit\0") && bytes[0] === 0x51;
      if (isCommit && when === "before") {
        done = true;
        if (armed === "for good") for (const socket of sockets) socket.destroy();
        return void near.destroy();
      }
      cutsAnswer ||= isCommit;
      far.write(bytes);
    });
    far.on("data", (bytes) => {
      if (!cutsAnswer || done) return void near.write(bytes);
      done = true;
      if (armed === "for good") for (const socket of sockets) socket.destroy();
      near.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address() as { port: number };
  return {
    url: postgresUrl.replace(`:${port}`, `:${address.port}`),
    arm: (how: true | "for good" = true) => {
      armed = how;
    },
    /** From now on there is a way again. */
    restore: () => {
      armed = false;
    },
    done: () => done,
  };
}

describe.skipIf(!hasPostgres)("migrations", () => {
  const fresh = (): string => `migrated_${process.pid}_${Math.random().toString(36).slice(2)}`;

  it("make the tables once, however many run at once", async () => {
    const schema = fresh();
    await expect(openOn(schema, testLog())).rejects.toThrow(/has no tables of Top Dog yet. Run topdog-phone migrate/);
    await sql("select 1");
    const all = await Promise.all(Array.from({ length: 4 }, async () => migrate({ url: postgresUrl, schema }, "PAIRING_DATABASE_URL", 10)));
    expect(all.map(({ from }) => from).sort()).toEqual([0, SCHEMA_VERSION, SCHEMA_VERSION, SCHEMA_VERSION]);
    const store = await openOn(schema, testLog());
    await store.checkWritable();
    await store.close();
    await sql(`drop schema ${schema} cascade`);
  });

  it("leave the tables of a newer version as they are, with which a server works", async () => {
    const schema = await emptySchema();
    await sql(`update ${schema}.version set version = version + 1`);
    try {
      expect(await migrate({ url: postgresUrl, schema }, "PAIRING_DATABASE_URL")).toEqual({
        from: SCHEMA_VERSION + 1,
        to: SCHEMA_VERSION + 1,
      });
      const store = await openOn(schema, testLog());
      await store.checkWritable();
    } finally {
      await sql(`update ${schema}.version set version = version - 1`);
    }
  });

  it("are waited for: a server refuses older tables", async () => {
    const schema = await emptySchema();
    await sql(`update ${schema}.version set version = -1`);
    try {
      await expect(openOn(schema, testLog())).rejects.toThrow(/are of version -1, and this Top Dog needs version/);
    } finally {
      await sql(`update ${schema}.version set version = ${SCHEMA_VERSION}`);
    }
  });
});

describe.skipIf(!hasPostgres)("what is past its time", () => {
  it("is deleted, and nothing else; revoked tokens stay revoked as long as they would last", async () => {
    const schema = await emptySchema();
    let now = NOON;
    const store = await openOn(schema, testLog(), () => now);
    for (const id of ["gone", "here", "waiting"])
      await store.addInvite({ ...inviteOf(sessionOf(id)), budget: BUDGET, at: NOON, audit: [entry("send_sms_invite")] });
    for (const id of ["gone", "here"])
      await store.acceptInvite({
        codeHash: `code-${id}`,
        device: deviceOf(id, `jti-${id}`, { sessionId: `session-${id}`, expiresAt: NOON + 400 * DAY }),
        at: () => NOON,
        audit: [entry()],
      });
    await store.sendMessage({ message: messageOf("1"), to: [phone("here"), phone("gone")], at: NOON, audit: [] });
    await store.noteDelivery({ textId: "text-here", send: 1, delivery: deliveryOf("sent"), at: NOON, audit: [] });
    await store.revokeDevice({ ...phone("gone"), at: NOON, audit: [entry("revoke_device")] });
    const count = async (table: string) => (await sql(`select count(*)::int as count from ${schema}.${table}`))[0]?.["count"];
    const counts = async () => Promise.all(["sessions", "texts", "messages", "queue", "devices", "revoked", "audit", "sends"].map(count));

    now += 6 * DAY;
    await store.prune();
    expect(await counts()).toEqual([3, 3, 1, 1, 2, 1, 6, 0]);
    expect(await store.countMessages(NOON)).toBe(1);

    now = NOON + 91 * DAY;
    await store.prune();
    expect(await counts()).toEqual([1, 1, 0, 0, 2, 1, 6, 0]);
    expect((await store.findByCode("code-waiting"))?.status).toBe("pending");
    expect(await store.readInbox({ ...phone("here"), since: 0, most: 10, at: now })).toMatchObject({ messages: [], lastSeq: 1 });

    now = NOON + 366 * DAY;
    await store.appendAudit(now, entry("key_rotated"));
    await store.prune();
    expect(await counts()).toEqual([1, 1, 0, 0, 1, 1, 1, 0]);
    expect(await store.countDevices()).toEqual({ active: 1, suspended: 0, revoked: 0 });
    expect(await store.findByTokenId("jti-gone")).toEqual({ device: undefined, revoked: true });
    expect(await store.readAudit({ most: 10 })).toMatchObject({ lines: [{ seq: 7 }], missing: 0 });

    now = NOON + 401 * DAY;
    await store.prune();
    expect(await counts()).toEqual([1, 1, 0, 0, 1, 0, 1, 0]);
  });
});

describe.skipIf(!hasPostgres)("what another server changed", () => {
  const soon = { timeout: 20_000, interval: 10 };
  const openPair = async (url = postgresUrl) => {
    const schema = await emptySchema();
    const a = await openOn(schema, testLog());
    const reported: ForeignChanges[] = [];
    const log = testLog();
    const changed = (changes: ForeignChanges): void => void reported.push(changes);
    const b = await openPostgresStore({ url, schema, now: Date.now, keep: KEEP, log, changed });
    cleanups.push(() => void b.close());
    const events = (): readonly string[] => [...new Set(reported.flatMap((one) => one.events))].sort();
    return { a, b, reported, events, log, schema };
  };

  it("is reported once, with the phones that it is about, and not what this one changed itself", async () => {
    const { a, b, reported, events } = await openPair();
    await b.addInvite({ ...inviteOf(sessionOf("1")), budget: BUDGET, at: NOON, audit: [entry("send_sms_invite")] });
    await b.acceptInvite({ codeHash: "code-1", device: deviceOf("phone", "jti-1"), at: () => NOON, audit: [] });
    await a.sendMessage({ message: messageOf("1"), to: [phone("phone")], at: NOON, audit: [] });
    await expect.poll(() => reported, soon).toEqual([{ shared: [], events: ["messages"], phones: [phone("phone")] }]);
    await a.revokeDevice({ ...phone("phone"), at: NOON, audit: [entry("revoke_device")] });
    await expect.poll(events, soon).toEqual(["audit", "devices", "invites", "messages"]);
  });

  it("is found also when the connection that listens ends", async () => {
    const { a, reported, events } = await openPair();
    for (let round = 0; round < 3; round += 1) {
      reported.length = 0;
      await sql("select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' or query like 'unlisten %'");
      await a.appendAudit(NOON, entry("key_rotated"));
      await expect.poll(events, soon).toEqual(["audit"]);
    }
  });

  it("leaves nothing behind of the connections that ended", async () => {
    const { a, events } = await openPair();
    const warnings: string[] = [];
    const note = ({ name }: Error): void => void warnings.push(name);
    process.on("warning", note);
    cleanups.push(() => void process.off("warning", note));
    const listening = "from pg_stat_activity where query like 'listen %' or query like 'unlisten %'";
    // Node.js warns of the eleventh listener for one thing.
    for (let round = 0; round < 12; round += 1) {
      await expect.poll(async () => (await sql(`select 1 ${listening}`)).length, soon).toBe(2);
      await sql(`select pg_terminate_backend(pid) ${listening}`);
    }
    await a.appendAudit(NOON, entry("key_rotated"));
    await expect.poll(events, soon).toEqual(["audit"]);
    expect(warnings).toEqual([]);
  });

  it("is found without notifications, which a pooler swallows", async () => {
    const { a, events, log } = await openPair(await swallowing());
    await a.appendAudit(NOON, entry("key_rotated"));
    await expect.poll(events, soon).toEqual(["audit"]);
    await expect
      .poll(() => log.warnings, soon)
      .toContain("notifications do not arrive through this connection to the database, so it is asked more often");
    await a.addInvite({ ...inviteOf(sessionOf("1")), budget: BUDGET, at: NOON, audit: [] });
    await expect.poll(events, soon).toEqual(["approvals", "audit", "invites"]);
  });

  it.each([0, 1, 2, 3])("is everything, where a failover lost the last two changes and %i others have their numbers", async (others) => {
    const { a, b, reported, events, schema } = await openPair();
    for (let change = 1; change <= 3; change += 1) {
      reported.length = 0;
      await a.appendAudit(NOON, entry("key_rotated"));
      await expect.poll(events, soon).toEqual(["audit"]);
    }
    reported.length = 0;
    await sql(`begin; delete from ${schema}.changes where seq > 1;
      insert into ${schema}.changes (seq, change_id, at, kind, key)
        select seq, gen_random_uuid(), 0, 'audit', '[]' from generate_series(2, ${1 + others}) as seq;
      update ${schema}.state set change_seq = ${1 + others}; commit`);
    await expect.poll(events, soon).toEqual(EVERYTHING);
    expect(reported.map(({ phones }) => phones)).toContain("all");
    reported.length = 0;
    await a.appendAudit(NOON, entry("key_rotated"));
    await expect.poll(events, soon).toEqual(["audit"]);
    await b.checkWritable();
  });

  it.each(["more than", "all of"])("is everything, for every phone, where %s what was missed is not in the list any more", async (how) => {
    const { a, b, events, reported, schema } = await openPair();
    await sql(`update ${schema}.state set change_seq = change_seq + 100`);
    if (how === "more than") await a.appendAudit(NOON, entry("key_rotated"));
    await expect.poll(events, soon).toEqual(EVERYTHING);
    expect(reported.map(({ phones }) => phones)).toContain("all");
    reported.length = 0;
    await a.appendAudit(NOON, entry("key_rotated"));
    await expect.poll(events, soon).toEqual(["audit"]);
    await b.checkWritable();
  });

  it("names every phone, where it is about more than can be named", async () => {
    const { a, reported, schema } = await openPair();
    await sql(
      `insert into ${schema}.devices (device_key, user_id, device_id, jti, session_id, status, unconfirmed, paired_at, data)
      select '["ada","' || id || '"]', 'ada', id, id, 's', 'active', false, 0, replace($1, 'p0', id)::json
      from (select 'p' || n as id from generate_series(1, 10001) n) ids`,
      [JSON.stringify(deviceRecord(deviceOf("p0", "p0")))],
    );
    const devices = Array.from({ length: 10_001 }, (_, index) => phone(`p${index + 1}`));
    await a.sendMessage({ message: messageOf("1"), to: devices, at: NOON, audit: [] });
    await expect.poll(() => reported.map(({ phones }) => phones), { ...soon, timeout: 60_000 }).toEqual(["all"]);
  });
});

/** A way to the server on which no notification comes back. */
async function swallowing(): Promise<string> {
  const { port, hostname } = new URL(postgresUrl);
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.pipe(far);
    // A message is its kind, its length and its content; notifications are of the kind A.
    let pending: Buffer = Buffer.alloc(0);
    far.on("data", (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes]);
      while (pending.length >= 5 && pending.length > pending.readInt32BE(1)) {
        const end = pending.readInt32BE(1) + 1;
        if (pending[0] !== 0x41) near.write(pending.subarray(0, end));
        pending = pending.subarray(end);
      }
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on("error", () => undefined);
      one.on("close", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => server.close());
  return postgresUrl.replace(`:${port}`, `:${(server.address() as { port: number }).port}`);
}
