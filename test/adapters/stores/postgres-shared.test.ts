import pg from "pg";
import { afterEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { createDatabaseSecrets, fillSecrets } from "../../../src/adapters/secrets/database.ts";
import { createSealing } from "../../../src/adapters/secrets/sealing.ts";
import { addDocuments, openSharedSettings } from "../../../src/adapters/shared-settings.ts";
import { openDatabase } from "../../../src/adapters/stores/postgres/connection.ts";
import { openSharedDatabase, type SharedDatabase } from "../../../src/adapters/stores/postgres/shared-database.ts";
import { inTransaction } from "../../../src/adapters/stores/postgres/transaction.ts";
import { endUnconfirmed } from "../../../src/core/devices/unconfirmed.ts";
import { DAY, type PairingStore, type Ports } from "../../../src/core/index.ts";
import { judgeGuess } from "../../../src/core/limits/guess-limits.ts";
import { expireApprovals } from "../../../src/core/remote/settle-approval.ts";
import { callerKey } from "../../../src/http/count-request.ts";
import { guessCountsContract } from "../../contracts/guess-counts.ts";
import { follow, leasesContract, PATIENT } from "../../contracts/leases.ts";
import { approvalOf, askOf, CAPS, deviceOf, inviteOf, NOON, phone, sessionOf } from "../../contracts/pairing-store.ts";
import { connection, phoneConnectionsContract } from "../../contracts/phone-connections.ts";
import { ANSWERS, commandOf, voiceBoardContract } from "../../contracts/voice-board.ts";
import { emptySchema, hasPostgres, openOn, postgresUrl, sql } from "../../postgres.ts";
import { testLog } from "./folder.ts";

/** Two servers on one empty schema. */
async function twoServers() {
  const schema = await emptySchema();
  const [a, b] = await Promise.all([openOn(schema, testLog()), openOn(schema, testLog())]);
  return { schema, a, b };
}

/** Runs a statement in a transaction that stays open, after others. Returns how to undo it. */
async function holding(text: string, ...before: readonly string[]): Promise<() => Promise<void>> {
  for (const one of before) await sql(one);
  const client = new pg.Client(postgresUrl);
  await client.connect();
  await client.query(`begin; ${text}`);
  return async () => {
    await client.query("rollback");
    await client.end();
  };
}

/** How many statements in this schema wait for the lock of another transaction. */
async function countBlocked(schema: string): Promise<number> {
  const text = "select count(*) as count from pg_stat_activity where wait_event_type = 'Lock' and query like $1";
  return Number((await sql(text, [`%${schema}%`]))[0]?.["count"]);
}

const NOW = "floor(extract(epoch from clock_timestamp()) * 1000)::bigint";

describe.skipIf(!hasPostgres)("what the servers of a database have in common (Debian: apt-get install postgresql)", () => {
  describe("leases", () => {
    leasesContract(async () => {
      const { a, b } = await twoServers();
      return { first: a.coordination.leases, second: b.coordination.leases };
    });

    it("of a holder that is gone are taken over once they have run out, by one", async () => {
      const { schema, a, b } = await twoServers();
      await sql(`insert into ${schema}.leases values ('work', 'gone', 7, ${NOW} + 2000)`);
      const both = [follow(a.coordination.leases, "work"), follow(b.coordination.leases, "work")];
      await vi.waitFor(() => expect(both.filter(({ isHeld }) => isHeld())).toHaveLength(1), PATIENT);
      expect(both.flatMap(({ taken }) => taken.map(({ epoch }) => epoch))).toEqual([8]);
    });

    it("are lost by a holder in whose place another one is, and taken again when that is gone", async () => {
      const { schema, a } = await twoServers();
      const one = follow(a.coordination.leases, "work");
      await vi.waitFor(() => expect(one.isHeld()).toBe(true), PATIENT);
      await sql(`update ${schema}.leases set holder = 'another', epoch = epoch + 1, until = ${NOW} + 6000`);
      await vi.waitFor(() => expect(one.losses()).toBe(1), PATIENT);
      expect(one.isHeld()).toBe(false);
      await vi.waitFor(() => expect(one.isHeld()).toBe(true), PATIENT);
      expect(one.taken.map(({ epoch }) => epoch)).toEqual([1, 3]);
    });

    it("of a closed store are not given back by it when another server has them", async () => {
      const { schema, a, b } = await twoServers();
      const one = follow(a.coordination.leases, "work");
      await vi.waitFor(() => expect(one.isHeld()).toBe(true), PATIENT);
      await sql(`update ${schema}.leases set holder = 'another', epoch = epoch + 1, until = ${NOW} + 60000`);
      await one.giveBack();
      const other = follow(b.coordination.leases, "apart");
      await vi.waitFor(() => expect(other.isHeld()).toBe(true), PATIENT);
      const [row] = await sql(`select holder, until > ${NOW} as held from ${schema}.leases where name = 'work'`);
      expect(row).toEqual({ holder: "another", held: true });
    });
  });

  describe("connections of phones", () => {
    phoneConnectionsContract(async () => {
      const { a, b } = await twoServers();
      return { first: a.coordination.phoneConnections, second: b.coordination.phoneConnections };
    });

    it("at a server that is gone hold up nobody, and count for nothing", async () => {
      const { schema, a } = await twoServers();
      await sql(`insert into ${schema}.leases values ('server gone', 'gone', 1, ${NOW} - 1)`);
      await sql(`insert into ${schema}.connections values ('["ada","phone"]', 'gone', 4, 3)`);
      expect(await a.coordination.phoneConnections.isOpen(phone("phone"))).toBe(false);
      await a.coordination.phoneConnections.open(phone("phone"), async () => undefined);
      expect(await a.coordination.phoneConnections.isOpen(phone("phone"))).toBe(true);
      expect(await sql(`select epoch from ${schema}.connections`)).toEqual([{ epoch: "5" }]);
    });

    it("at a server that does not answer hold up the next one for a moment only", async () => {
      const { schema, a } = await twoServers();
      await sql(`insert into ${schema}.leases values ('server paused', 'paused', 1, ${NOW} + 60000)`);
      await sql(`insert into ${schema}.connections values ('["ada","phone"]', 'paused', 4, 3)`);
      expect(await a.coordination.phoneConnections.isOpen(phone("phone"))).toBe(true);
      await a.coordination.phoneConnections.open(phone("phone"), async () => undefined);
    });

    it.each(["that is gone", "of none yet"])(
      "that two servers open at once, in the place of one %s, wait for each other",
      async (former) => {
        const { schema, a, b } = await twoServers();
        const release =
          former === "of none yet"
            ? await holding(`insert into ${schema}.connections values ('["ada","phone"]', 'never', 1, 0)`)
            : await holding(
                `select * from ${schema}.connections for update`,
                `insert into ${schema}.connections values ('["ada","phone"]', 'gone', 4, 3)`,
              );
        const order: string[] = [];
        const ends = [connection(), connection()];
        const opening = [a, b].map(async ({ coordination }, index) => {
          await coordination.phoneConnections.open(phone("phone"), ends[index]?.end ?? (async () => undefined));
          order.push("opened");
        });
        // Both have begun before either has it.
        await vi.waitFor(async () => expect(await countBlocked(schema)).toBe(2), PATIENT);
        await release();
        await vi.waitFor(() => expect(ends.filter(({ end }) => end.mock.calls.length > 0)).toHaveLength(1), PATIENT);
        await vi.waitFor(() => expect(order).toEqual(["opened"]), PATIENT);
        order.push("ended");
        for (const one of ends) one.hasEnded();
        await Promise.all(opening);
        expect(order).toEqual(["opened", "ended", "opened"]);
      },
    );

    it("end when this server's own lease is lost: others took its phones for gone", async () => {
      const { schema, a } = await twoServers();
      const one = connection();
      await a.coordination.phoneConnections.open(phone("phone"), one.end);
      await sql(`update ${schema}.leases set holder = 'another', until = ${NOW} + 6000`);
      await vi.waitFor(() => expect(one.end).toHaveBeenCalledOnce(), PATIENT);
      one.hasEnded();
      // It goes on with a lease of a higher epoch.
      await vi.waitFor(async () => a.coordination.phoneConnections.open(phone("phone"), async () => undefined), PATIENT);
    });

    it("count as ended also where that could not be written down at once", async () => {
      const { schema, a, b } = await twoServers();
      const finish = await a.coordination.phoneConnections.open(phone("phone"), async () => undefined);
      await sql(`alter table ${schema}.connections rename to away`);
      await finish();
      await sql(`alter table ${schema}.away rename to connections`);
      await vi.waitFor(async () => expect(await b.coordination.phoneConnections.isOpen(phone("phone"))).toBe(false), PATIENT);
    });

    it("are found to be taken over also when the signal was lost with the connection that listens", async () => {
      const { schema, a, b } = await twoServers();
      const one = connection();
      await a.coordination.phoneConnections.open(phone("phone"), one.end);
      await sql(`update ${schema}.connections set epoch = epoch + 1, holder = 'another'`);
      await sql("select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' or query like 'unlisten %'");
      await vi.waitFor(() => expect(one.end).toHaveBeenCalledOnce(), PATIENT);
      one.hasEnded();
      expect(await b.coordination.phoneConnections.isOpen(phone("phone"))).toBe(false);
    });
  });

  describe("the board of voice commands", () => {
    voiceBoardContract(async () => {
      const { schema, a, b } = await twoServers();
      const pass = async (milliseconds: number): Promise<void> => {
        for (const table of ["voice_handlers", "voice_commands"])
          await sql(`update ${schema}.${table} set until = until - ${milliseconds}`);
      };
      return { first: a.coordination.voiceBoard, second: b.coordination.voiceBoard, pass };
    });

    it("forgets what a process offered when its server is gone, with the commands that it had", async () => {
      const { schema, a } = await twoServers();
      await sql(`insert into ${schema}.leases values ('server gone', 'gone', 1, ${NOW} - 1), ('server alive', 'alive', 1, ${NOW} + 60000)`);
      await sql(`insert into ${schema}.voice_handlers (handler_id, holder, data) values ('one', 'gone', '[]'), ('two', 'alive', '[]')`);
      await sql(`insert into ${schema}.voice_commands (command_id, status, handler_id, data) values
        ('1', 'running', 'one', '${JSON.stringify(commandOf("1"))}'), ('2', 'running', 'two', '${JSON.stringify(commandOf("2"))}')`);
      expect(await a.coordination.voiceBoard.offers()).toEqual([{ handlerId: "two", commands: [] }]);
      expect(await a.coordination.voiceBoard.takeUnanswered(ANSWERS)).toEqual([
        { command: commandOf("1"), outcome: ANSWERS.gone, isLate: false },
      ]);
      expect(await sql(`select handler_id from ${schema}.voice_handlers`)).toEqual([{ handler_id: "two" }]);
    });

    it("has what this process offers again after this server was taken for gone", async () => {
      const { schema, a, b } = await twoServers();
      await a.coordination.voiceBoard.offer({ handlerId: "one", commands: [] });
      // It cannot renew its lease for a while, and another server has swept.
      await sql(`update ${schema}.leases set holder = 'another', until = ${NOW} + 5000`);
      await sql(`delete from ${schema}.voice_handlers`);
      expect(await b.coordination.voiceBoard.offers()).toEqual([]);
      await vi.waitFor(async () => expect(await b.coordination.voiceBoard.offers()).toHaveLength(1), PATIENT);
    });
  });

  describe("counts of wrong guesses", () => {
    guessCountsContract(async () => {
      const { a, b } = await twoServers();
      return { first: a.coordination.guessCounts, second: b.coordination.guessCounts };
    });

    it("are each computer's own for callers on it, and everybody's for others", async () => {
      const { a, b } = await twoServers();
      const guess = async ({ coordination }: typeof a, caller: string) =>
        coordination.guessCounts.judge(caller, (known, now) => judgeGuess(known, false, now));
      for (const caller of [callerKey("127.0.0.1", { oneLoopback: true }), callerKey("::1", { oneLoopback: true })])
        for (let n = 0; n < 3; n += 1) await guess(a, caller);
      expect([await guess(a, "loopback"), await guess(b, "loopback")]).toMatchObject([{ retryAfter: 60 }, { keep: { wrong: 1 } }]);
      for (const caller of ["192.0.2.1", "10.0.0.1", "shared unknown"]) {
        for (let n = 0; n < 5; n += 1) await guess(a, caller);
        expect(await guess(b, caller)).toMatchObject({ retryAfter: 60 });
      }
    });

    it("are deleted once they have no effect any more", async () => {
      const { schema, a } = await twoServers();
      await sql(`insert into ${schema}.guesses values ('past', 1, 'null'), ('young', ${NOW} + 60000, 'null')`);
      await a.prune();
      expect(await sql(`select caller from ${schema}.guesses`)).toEqual([{ caller: "young" }]);
    });
  });

  describe("transactions beside the records", () => {
    const openShared = async (schema: string): Promise<SharedDatabase> => {
      const database = await openSharedDatabase({ url: postgresUrl, schema }, testLog());
      afterwards.push(database.close);
      return database;
    };
    const afterwards: (() => Promise<void>)[] = [];
    afterEach(async () => {
      await Promise.all(afterwards.splice(0).map(async (close) => close()));
    });
    const Document = z.record(z.string(), z.string());

    it("of a first start and of first saves at others never wait for each other in a circle", async () => {
      const schema = await emptySchema();
      const databases = await Promise.all([1, 2, 3].map(async () => openShared(schema)));
      const sealing = createSealing([Buffer.alloc(32).toString("base64")]);
      for (let round = 0; round < 15; round += 1) {
        await sql(`delete from ${schema}.saved; delete from ${schema}.secrets`);
        const work = databases.map(async (database, index) => {
          const documents = await openSharedSettings(database);
          const files = ["settings", "sms", "reachability"].map((name) => documents.file(name, Document));
          const saves = files.map(async (file) => file.update((latest) => ({ ...latest, [`of-${index}`]: "1" })));
          const start = database.transaction(async ({ query }) => {
            await fillSecrets(
              query,
              sealing,
              new Map([
                ["signing-key", "a"],
                ["push-key", "b"],
              ]),
            );
            await addDocuments(query, new Map(["reachability", "sms", "settings"].map((name) => [name, { first: "1" }])));
          });
          await Promise.all([start, ...saves, createDatabaseSecrets(database, sealing).set("push-key", "c")]);
        });
        await Promise.all(work);
        const [row] = await sql(`select data from ${schema}.saved where name = 'settings'`);
        expect(row?.["data"]).toMatchObject({ "of-0": "1", "of-1": "1", "of-2": "1" });
      }
    });

    it("are done again after a deadlock with others that lock in another order", async () => {
      const schema = await emptySchema();
      await sql(`insert into ${schema}.guesses values ('a', 0, 'null'), ('b', 0, 'null')`);
      const database = openDatabase({ url: postgresUrl, schema }, testLog());
      afterwards.push(database.close);
      let tries = 0;
      let meet = (): void => undefined;
      const both = new Promise<void>((resolve) => {
        meet = resolve;
      });
      const lock = async (first: string, second: string) =>
        inTransaction(database, async (query) => {
          tries += 1;
          await query("update topdog.guesses set ends_at = ends_at + 1 where caller = $1", [first]);
          if (tries === 2) meet();
          await both;
          await query("update topdog.guesses set ends_at = ends_at + 1 where caller = $1", [second]);
        });
      await Promise.all([lock("a", "b"), lock("b", "a")]);
      expect(tries).toBe(3);
      expect(await sql(`select ends_at::int as sum from ${schema}.guesses`)).toEqual([{ sum: 2 }, { sum: 2 }]);
    });
  });

  describe("periodic work that every server does", () => {
    const BUDGET = { perNumberPerTenMinutes: 1000, perNumberPerDay: 1000, perDay: 1_000_000 };
    const LATER = NOON + 2 * DAY;
    const ports = (store: PairingStore) => {
      let serial = 0;
      const nothing = { emit: () => undefined, listen: () => () => undefined, isConnected: () => false };
      const clock = { now: () => LATER, steady: () => 0, pause: async () => undefined };
      const random = { token: () => `made-${serial++}-${Math.random()}`, digits: () => "1" };
      return { clock, random, store, changeEvents: nothing, inboxSignals: nothing } as unknown as Ports;
    };

    it("is done once, however many do it at the same moment: row locks decide", async () => {
      const schema = await emptySchema();
      const stores = await Promise.all([1, 2, 3].map(async () => openOn(schema, testLog(), () => LATER)));
      const [store] = stores;
      if (!store) return expect.fail("no store");
      for (let number = 0; number < 40; number += 1) {
        const id = `a${number}`;
        await store.addInvite({ ...inviteOf(sessionOf(id)), budget: BUDGET, at: NOON, audit: [] });
        await store.addInvite({ ...inviteOf(sessionOf(`open-${id}`)), budget: BUDGET, at: NOON, audit: [] });
        const device = deviceOf(id, `jti-${id}`, number % 2 === 0 ? { confirmed: false } : {});
        await store.acceptInvite({ codeHash: `code-${id}`, device: { ...device, sessionId: `session-${id}` }, at: () => NOON, audit: [] });
      }
      await store.addApproval({ approval: approvalOf("1"), message: askOf("1"), to: [phone("a1")], caps: CAPS, at: NOON, audit: [] });
      await store.addApproval({ approval: approvalOf("2"), message: askOf("2"), to: [phone("a3")], caps: CAPS, at: NOON, audit: [] });

      await Promise.all(
        stores.map(async (one) =>
          Promise.all([one.expireDue(LATER), expireApprovals(ports(one)), endUnconfirmed(ports(one)), one.prune(), one.checkWritable()]),
        ),
      );

      const events = (await sql(`select event from ${schema}.audit`)).map(({ event }) => event);
      const count = (event: string): number => events.filter((found) => found === event).length;
      expect([count("invite_expired"), count("approval_decided"), count("revoke_device"), events.length]).toEqual([40, 2, 20, 62]);
      expect(await store.countDevices()).toEqual({ active: 20, suspended: 0, revoked: 20 });
      const inbox = await store.readInbox({ ...phone("a1"), since: 0, most: 10, at: NOON });
      expect(inbox?.messages.map(({ content }) => content.type)).toEqual(["approval_request", "approval_settled", "approval_settled"]);
    });
  });
});
