import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { inspectDatabase } from "../../../src/adapters/stores/postgres/inspect-database.ts";
import { openPostgresStore } from "../../../src/adapters/stores/postgres/postgres-store.ts";
import { entry, NOON, pairingStoreContract } from "../../contracts/pairing-store.ts";
import { phoneBody, startServer } from "../../http/server.ts";
import { hasPgBouncer, type Pooler, startPgBouncer } from "../../pgbouncer.ts";
import { backUpSchema, emptySchema, KEEP, openOn, postgresUrl, sql } from "../../postgres.ts";
import { EVERY_CASE } from "../../sampled.ts";
import { testLog } from "./folder.ts";

/** Of the contract, which has passed without a pooler already. */
const NTH = 5;
const SOON = { timeout: 20_000, interval: 10 };

describe.skipIf(!hasPgBouncer)("behind PgBouncer (Debian: apt-get install pgbouncer)", () => {
  let pooler: Pooler;
  beforeAll(async () => {
    pooler = await startPgBouncer();
    // Waits until the database is there.
    await sql("select 1");
  });
  afterAll(async () => pooler?.stop());

  describe("in transaction mode", () => {
    let tests = 0;
    beforeEach(({ skip }) => skip(!EVERY_CASE && tests++ % NTH !== 0, "npm run test:faults has it"));
    pairingStoreContract("PostgreSQL", async () => {
      const schema = await emptySchema();
      const open = async () => openOn(schema, testLog(), Date.now, pooler.url);
      let store = await open();
      const openAgain = async () => {
        await store.close();
        store = await open();
        return store;
      };
      return {
        store,
        reopen: openAgain,
        async backUp() {
          const restore = await backUpSchema();
          return async () => {
            await store.close();
            await restore();
            return openAgain();
          };
        },
        audit: async () =>
          (await sql(`select line from ${schema}.audit order by seq`)).map(
            ({ line }) => JSON.parse(line as string) as Record<string, unknown>,
          ),
      };
    });
  });

  it("a server finds what others changed without notifications, and says once that none arrive", async () => {
    const schema = await emptySchema();
    const log = testLog();
    const events: string[] = [];
    const a = await openOn(schema, testLog());
    const changed = (changes: { readonly events: readonly string[] }): void => void events.push(...changes.events);
    const b = await openPostgresStore({ url: pooler.url, schema, now: Date.now, keep: KEEP, log, changed });
    try {
      await a.appendAudit(NOON, entry("key_rotated"));
      await expect.poll(() => events, SOON).toEqual(["audit"]);
      const warning = "notifications do not arrive through this connection to the database, so it is asked more often";
      await expect.poll(() => log.warnings.filter((line) => line === warning), SOON).toEqual([warning]);
      expect(b.feed?.().notified).toBe(false);
      expect((await inspectDatabase({ url: pooler.url, schema }, Date.now)).notified).toBe(false);
      expect((await inspectDatabase({ url: postgresUrl, schema }, Date.now)).notified).toBe(true);
    } finally {
      await b.close();
    }
  });

  it("a server makes its tables by the direct address and works by the pooler's", async () => {
    const name = `pooled_${randomUUID().replaceAll("-", "")}`;
    await sql(`create database ${name}`);
    const at = (url: string): string => url.replace(/[^/]*$/, name);
    const server = await startServer({
      PAIRING_DATABASE_URL: at(pooler.url),
      PAIRING_DATABASE_MIGRATION_URL: at(postgresUrl),
      PAIRING_DATABASE_MIGRATE: "1",
    });
    const paired = await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(await server.invite()) });
    expect(paired.status).toBe(200);
    expect((await server.local("GET", "/phone/devices")).body).toMatchObject([{ device_id: "iphone-12345", status: "active" }]);
    expect((await server.local("GET", "/readyz")).status).toBe(200);
    await server.close();
    await sql(`drop database ${name} with (force)`);
  });

  it("names what to do where the pooler refuses", async () => {
    const console = pooler.url.replace(/[^/]*$/, "pgbouncer");
    const refused = await openPostgresStore({ url: console, now: Date.now, keep: KEEP, log: testLog() }).catch((cause: unknown) => cause);
    expect(String(refused)).toMatch(
      /The connection pooler at 127.0.0.1:\d+ refuses \(.+\). Correct its settings, or PAIRING_DATABASE_URL.$/,
    );
  });
});
