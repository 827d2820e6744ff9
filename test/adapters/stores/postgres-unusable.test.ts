import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { TLSSocket } from "node:tls";
import pg from "pg";
import { describe, expect, it, vi } from "vitest";
import { openPostgresStore } from "../../../src/adapters/stores/postgres/postgres-store.ts";
import { MINUTE } from "../../../src/core/index.ts";
import { afterEachTest } from "../../after-each-test.ts";
import { deviceOf, entry, inviteOf, NOON, phone, sessionOf } from "../../contracts/pairing-store.ts";
import { emptySchema, hasPostgres, KEEP, openOn, postgresUrl, sql } from "../../postgres.ts";
import { findPrograms, freePort, ownerOf, servePostgres } from "../../postgres-server.ts";
import { testLog } from "./folder.ts";

const cleanups: (() => unknown)[] = [];
afterEachTest(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const BUDGET = { perNumberPerTenMinutes: 1000, perNumberPerDay: 1000, perDay: 1000 };
const open = async (url: string) => openPostgresStore({ url, now: Date.now, keep: KEEP, log: testLog() });
const at = (change: (url: URL) => void): string => {
  const url = new URL(postgresUrl);
  change(url);
  return url.href;
};

/** The address of something else than PostgreSQL. */
async function listening(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return at((url) => Object.assign(url, { port: String((server.address() as { port: number }).port) }));
}

async function expectRefused(url: string, sentence: RegExp): Promise<void> {
  const refused = await open(url).catch((cause: unknown) => cause);
  expect(refused).toMatchObject({ name: "StorageError", message: expect.stringMatching(sentence) });
  expect(String(refused)).not.toContain("cret");
  expect(String(refused)).not.toContain("\n");
}

describe.skipIf(!hasPostgres)("a database that cannot be used", () => {
  it.each([
    [
      "nobody answers",
      () => at((url) => Object.assign(url, { port: "9" })),
      /The database at 127.0.0.1:9 does not answer \(ECONNREFUSED\). Start it/,
    ],
    [
      "its name is nobody's",
      () => at((url) => Object.assign(url, { hostname: "nowhere.invalid" })),
      /The database at nowhere.invalid:\d+ does not answer/,
    ],
    ["it is not there", () => at((url) => Object.assign(url, { pathname: "/none" })), /There is no database none at 127.0.0.1/],
    [
      "the password is wrong",
      () => at((url) => Object.assign(url, { username: "locked", password: "se%20cret" })),
      /refuses the account locked \(28P01\). Correct the name or the password in PAIRING_DATABASE_URL/,
    ],
    ["it only reads", () => at((url) => Object.assign(url, { pathname: "/reads_only" })), /it is a standby or read-only/],
    [
      "it asks for TLS",
      () => at((url) => Object.assign(url, { username: "encrypted", password: "secret" })),
      /lets the account encrypted not connect from here without TLS \(28000\). Add \?sslmode=verify-full to PAIRING_DATABASE_URL/,
    ],
    [
      "it has no TLS",
      () => at((url) => Object.assign(url, { search: "?sslmode=verify-full" })),
      /has no TLS. Switch it on there, or take sslmode out of PAIRING_DATABASE_URL/,
    ],
    [
      "the file of an authority is not there",
      () => at((url) => Object.assign(url, { search: "?sslmode=verify-full&sslrootcert=/nowhere/ca.pem" })),
      /The file \/nowhere\/ca.pem, which PAIRING_DATABASE_URL names, can't be read \(ENOENT\)/,
    ],
    [
      "it has no connection to spare",
      () => at((url) => Object.assign(url, { username: "crowd" })),
      /has no connection to spare for the account crowd \(53300\). Raise its limit/,
    ],
  ])("names what to do when %s, and no password", async (_, url, sentence) => {
    const once = "exception when duplicate_object then null; end $$";
    await sql(`do $$ begin create role locked login password 'right'; ${once}`);
    await sql(`do $$ begin create role crowd login connection limit 0; ${once}`);
    if ((await sql("select 1 from pg_database where datname = 'reads_only'")).length === 0) {
      await sql("create database reads_only");
      await sql("alter database reads_only set default_transaction_read_only = on");
    }
    await expectRefused(url(), sentence);
  });

  it("names what to do when it says nothing", async () => {
    await expectRefused(await listening(() => undefined), /does not answer \(timeout\). Start it/);
  });

  it.skipIf(spawnSync("openssl", ["version"]).status !== 0)("names what to do when its certificate is nobody's", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "topdog-certificate-"));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const [key, cert] = ["key.pem", "cert.pem"].map((name) => path.join(folder, name)) as [string, string];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    execFileSync("openssl", ["req", "-x509", ...curve, "-subj", "/CN=db.example", "-keyout", key, "-out", cert], { stdio: "ignore" });
    const url = await listening((socket) => {
      socket.once("data", () => {
        socket.write("S");
        new TLSSocket(socket, { isServer: true, key: readFileSync(key), cert: readFileSync(cert) }).on("error", () => undefined);
      });
    });
    await expectRefused(
      `${url}?sslmode=verify-full`,
      /certificate of the database at 127.0.0.1:\d+ is not accepted \(DEPTH_ZERO_SELF_SIGNED/,
    );
    await expectRefused(`${url}?sslmode=verify-full&sslrootcert=${cert}`, /is not accepted \(ERR_TLS_CERT_ALTNAME_INVALID\)/);
  });

  it("names what to do when it is a standby, which follows another one", async () => {
    await sql("select 1");
    const programs = findPrograms() ?? "";
    const folder = mkdtempSync(path.join(tmpdir(), "topdog-standby-"));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    const [account, port] = [await ownerOf(folder), await freePort()];
    const copy = ["-d", postgresUrl, "-D", path.join(folder, "data"), "-R", "-X", "stream", "-c", "fast", "--no-sync"];
    execFileSync(path.join(programs, "pg_basebackup"), copy, { ...account, stdio: "ignore", cwd: folder });
    const standby = servePostgres(programs, folder, port, account);
    cleanups.push(async () => {
      const ended = new Promise((resolve) => standby.once("exit", resolve));
      standby.stdin?.end();
      await ended;
    });
    const url = at((there) => Object.assign(there, { port: String(port) }));
    await vi.waitFor(async () => expectRefused(url, /cannot be written: it is a standby or read-only. Name the primary/), {
      timeout: 60_000,
      interval: 100,
    });
  });
});

describe.skipIf(!hasPostgres)("a change that the database refuses", () => {
  const openWithPhone = async () => {
    const schema = await emptySchema();
    const log = testLog();
    const store = await openOn(schema, log);
    await store.addInvite({ ...inviteOf(sessionOf("1")), budget: BUDGET, at: NOON, audit: [entry("send_sms_invite")] });
    await store.acceptInvite({ codeHash: "code-1", device: deviceOf("phone", "jti-1"), at: () => NOON, audit: [entry()] });
    return { schema, log, store };
  };
  const revoke = { ...phone("phone"), at: NOON, audit: [entry("revoke_device")] };

  it.each([
    ["its disk is full", "53100"],
    ["it has no memory", "53200"],
    ["it was made a standby", "25006"],
    ["somebody cancels it", "57014"],
    ["a lock is held for too long", "55P03"],
    ["the account lost its rights", "42501"],
    ["it is broken", "XX001"],
  ])("because %s (%s) is not confirmed, also a revocation, and the next one succeeds", async (_, code) => {
    const { schema, log, store } = await openWithPhone();
    await sql(`create function ${schema}.refuse() returns trigger language plpgsql as
      $$ begin raise exception 'refused' using errcode = '${code}'; end $$`);
    cleanups.push(async () => sql(`drop function if exists ${schema}.refuse() cascade`));
    await sql(`create trigger refuse before insert on ${schema}.changes execute function ${schema}.refuse()`);
    for (const refused of [store.appendAudit(NOON, entry("admin_denied")), store.revokeDevice(revoke)])
      await expect(refused).rejects.toMatchObject({ code: "storage_unavailable", note: code });
    expect((await store.findByTokenId("jti-1")).revoked).toBe(false);
    expect(log.warnings).toEqual(["changes cannot be written to the database and are refused"]);
    await sql(`drop function ${schema}.refuse() cascade`);
    await store.revokeDevice(revoke);
    expect((await store.findByTokenId("jti-1")).revoked).toBe(true);
    expect((await store.readAudit({ most: 10 })).lines.map(({ event }) => event)).toEqual([
      "revoke_device",
      "accept_invite",
      "send_sms_invite",
    ]);
  });

  it("because an administrator cancels what waits is not confirmed", async () => {
    const { schema, store } = await openWithPhone();
    const other = new pg.Client(postgresUrl);
    await other.connect();
    cleanups.push(async () => other.end());
    await other.query(`begin; select from ${schema}.state for update`);
    const revoked = expect(store.revokeDevice(revoke)).rejects.toMatchObject({ code: "storage_unavailable", note: "57014" });
    const waiting = "from pg_stat_activity where wait_event_type = 'Lock' and query like $1";
    await vi.waitFor(
      async () => expect(await sql(`select pg_cancel_backend(pid) as done ${waiting}`, [`%${schema}%`])).toEqual([{ done: true }]),
      {
        timeout: 4000,
        interval: 20,
      },
    );
    await revoked;
    await other.query("commit");
    await store.revokeDevice(revoke);
    expect((await store.findByTokenId("jti-1")).revoked).toBe(true);
  });
});

describe.skipIf(!hasPostgres)("a clock that is ten minutes off", () => {
  it.each([
    ["ahead of", 10],
    ["behind", -10],
  ])("%s the database's is reported at the start, and deadlines are judged by the database's", async (_, minutes) => {
    const schema = await emptySchema();
    const now = () => Date.now() + minutes * MINUTE;
    const log = testLog();
    const store = await openPostgresStore({ url: postgresUrl, schema, now, keep: KEEP, log });
    cleanups.push(async () => store.close());
    expect(store.warnings).toEqual([expect.stringMatching(/differ by 10 minutes. Deadlines are judged by the database's clock. Set both/)]);
    expect(log.warnings).toContain("the database's clock differs from this computer's");
    for (const [id, left] of [
      ["over", -5],
      ["open", 5],
    ] as const)
      await store.addInvite({
        ...inviteOf(sessionOf(id, { createdAt: Date.now(), expiresAt: Date.now() + left * MINUTE })),
        budget: BUDGET,
        at: Date.now(),
        audit: [],
      });
    const accept = async (id: string) =>
      store.acceptInvite({ codeHash: `code-${id}`, device: deviceOf(id, `jti-${id}`, { sessionId: `session-${id}` }), at: now, audit: [] });
    expect([(await accept("over")).kind, (await accept("open")).kind]).toEqual(["refused", "accepted"]);
  });
});
