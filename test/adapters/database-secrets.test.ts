import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { createVapidKeys } from "../../src/adapters/push/vapid-keys.ts";
import { createAdminToken } from "../../src/adapters/secrets/admin-token.ts";
import { checkDatabaseSecrets, createDatabaseSecrets, fillSecrets, resealSecrets } from "../../src/adapters/secrets/database.ts";
import { createSealing } from "../../src/adapters/secrets/sealing.ts";
import { openSharedDatabase, type SharedDatabase } from "../../src/adapters/stores/postgres/shared-database.ts";
import { createJoseTokens } from "../../src/adapters/tokens/jose-tokens.ts";
import type { Log } from "../../src/core/index.ts";
import { secretStoreContract } from "../contracts/secret-store.ts";
import { emptySchema, hasPostgres, postgresUrl, sql } from "../postgres.ts";

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const newKey = (): string => randomBytes(32).toString("base64");
const row = { table: "secrets", id: "signing-key" };

describe("a sealed secret", () => {
  it("is opened with any of the keys, and sealed with the first", () => {
    const [former, next] = [newKey(), newKey()];
    const sealed = createSealing([former]).seal(row, "a secret ✓");
    const both = createSealing([next, former]);
    expect(both.open(row, sealed)).toEqual({ kind: "opened", secret: "a secret ✓" });
    expect(createSealing([former]).open(row, both.seal(row, "x"))).toEqual({ kind: "other_key" });
  });

  it("never looks the same twice, and holds nothing of the secret", () => {
    const sealing = createSealing([newKey()]);
    const sealed = Array.from({ length: 50 }, () => sealing.seal(row, "the same secret"));
    expect(new Set(sealed).size).toBe(50);
    for (const text of sealed) expect(Buffer.from(text.split(".").at(-1) ?? "", "base64url").includes("secret")).toBe(false);
  });

  it("is refused in another row or another table", () => {
    const sealing = createSealing([newKey()]);
    const sealed = sealing.seal(row, "secret");
    expect(sealing.open({ ...row, id: "push-key" }, sealed)).toEqual({ kind: "damaged" });
    expect(sealing.open({ ...row, table: "saved" }, sealed)).toEqual({ kind: "damaged" });
  });

  it("is refused with any character changed or cut off", () => {
    const sealing = createSealing([newKey()]);
    const sealed = sealing.seal(row, "secret");
    for (let at = 0; at < sealed.length; at += 1) {
      const other = sealed[at] === "A" ? "B" : "A";
      for (const changed of [
        `${sealed.slice(0, at)}${other}${sealed.slice(at + 1)}`,
        sealed.slice(0, at),
        `${sealed.slice(0, at)}${other}${sealed.slice(at)}`,
      ])
        expect(sealing.open(row, changed).kind).not.toBe("opened");
    }
    expect(sealing.open(row, `${sealed}A`).kind).toBe("damaged");
  });
});

describe.skipIf(!hasPostgres)("secrets in a database (Debian: apt-get install postgresql)", () => {
  const open: SharedDatabase[] = [];
  afterEach(async () => {
    for (const database of open.splice(0)) await database.close();
  });
  const openOn = async (schema: string): Promise<SharedDatabase> => {
    const database = await openSharedDatabase({ url: postgresUrl, schema }, quiet);
    open.push(database);
    return database;
  };
  const key = newKey();
  const sealing = createSealing([key]);
  /** Two servers' ways to the same secrets. */
  const two = async () => {
    const schema = await emptySchema();
    const databases = [await openOn(schema), await openOn(schema)] as const;
    return { schema, databases, stores: databases.map((database) => createDatabaseSecrets(database, sealing)) };
  };

  secretStoreContract(async () => {
    const { stores } = await two();
    return { store: stores[0]!, reopen: () => stores[1]! };
  });

  it("are replaced only where nobody else replaced them meanwhile", async () => {
    const { stores } = await two();
    const replaced = await Promise.all(stores.map(async (store, index) => store.replace!("push-key", undefined, `of ${index}`)));
    expect(replaced.filter(Boolean)).toHaveLength(1);
    const first = (await stores[0]!.get("push-key")) ?? "";
    expect(await stores[1]!.replace!("push-key", "something else", "wrong")).toBe(false);
    const again = await Promise.all(stores.map(async (store, index) => store.replace!("push-key", first, `again of ${index}`)));
    expect(again.filter(Boolean)).toHaveLength(1);
    expect(await stores[0]!.replace!("signing-key", "one that is gone", "x")).toBe(false);
  });

  it("are one key set for servers that start at the same moment, and one key for notifications", async () => {
    const { stores } = await two();
    const signed = stores.map((store) => createJoseTokens(store, quiet));
    const keys = await Promise.all(signed.map(async (tokens) => tokens.publicKeys(0)));
    expect(keys[0]).toEqual(keys[1]);
    const push = await Promise.all(stores.map(async (store) => createVapidKeys(store, quiet)()));
    expect(push[0]).toEqual(push[1]);
  });

  it("rotate so that every server accepts the new key before the first one signs with it", async () => {
    const { stores } = await two();
    const other = createJoseTokens(stores[1]!, quiet);
    await other.ensureSigning();
    const published: unknown[] = [];
    const rotating = createJoseTokens(stores[0]!, quiet, undefined, async () => {
      await other.refresh();
      published.push(await other.publicKeys(0));
      expect(decodeKid(await rotating.issue(claims))).toBe(former);
    });
    const former = decodeKid(await rotating.issue(claims));
    const { kid } = await rotating.rotate(NOW + 60_000);
    expect(published).toEqual([{ keys: expect.arrayContaining([expect.objectContaining({ kid })]) }]);
    const token = await rotating.issue(claims);
    expect(decodeKid(token)).toBe(kid);
    expect(await other.verify(token, NOW)).toEqual(claims);
    // The other one signs with the new key once it read again.
    expect(decodeKid(await other.issue(claims))).toBe(former);
    await other.refresh();
    expect(decodeKid(await other.issue(claims))).toBe(kid);
  });

  it("accept a key that another server made since the last reading", async () => {
    const { stores } = await two();
    const [one, other] = stores.map((store) => createJoseTokens(store, quiet, undefined, async () => undefined));
    await other!.ensureSigning();
    await one!.rotate(NOW + 60_000);
    expect(await other!.verify(await one!.issue(claims), NOW)).toEqual(claims);
  });

  it("have the admin token as it is now, whatever this server read last about whether there is one", async () => {
    const database = await openOn(await emptySchema());
    const secrets = createDatabaseSecrets(database, createSealing([newKey()]));
    const marks = { saved: false, seen: false };
    const token = createAdminToken({
      secrets,
      fromEnvironment: undefined,
      isSaved: () => marks.seen,
      noteSaved: async (saved) => {
        marks.saved = saved;
      },
    });
    // Another server has saved one.
    await secrets.set("admin-token", "of another server");
    expect(await token.read()).toBe("of another server");
    // Another server has dropped it.
    await secrets.remove("admin-token");
    expect(await token.read()).toBeUndefined();
    marks.seen = true;
    await token.keep("of this server");
    expect([marks.saved, await token.read()]).toEqual([true, "of this server"]);
  });

  it("lose no key when servers rotate at the same moment", async () => {
    const { stores } = await two();
    const both = stores.map((store) => createJoseTokens(store, quiet, undefined, async () => undefined));
    const before = await both[0]!.issue(claims);
    const made = await Promise.all(both.map(async (tokens) => tokens.rotate(NOW + 60_000)));
    const fresh = createJoseTokens(stores[0]!, quiet);
    const { keys } = await fresh.publicKeys(NOW);
    expect(keys.map(({ kid }) => kid)).toEqual(expect.arrayContaining([...made.map(({ kid }) => kid), decodeKid(before)]));
    expect(keys).toHaveLength(3);
    expect(await fresh.verify(before, NOW)).toEqual(claims);
  });

  it("are filled from one folder, and only once", async () => {
    const { databases, stores } = await two();
    const filled = await Promise.all(
      databases.map(async (database, index) =>
        database.transaction(async ({ query }) => {
          await query("select from topdog.state for update");
          return fillSecrets(query, sealing, new Map([["signing-key", `of ${index}`]]));
        }),
      ),
    );
    expect(filled.filter(Boolean)).toHaveLength(1);
    expect(await stores[0]!.get("signing-key")).toBe(`of ${filled.indexOf(true)}`);
  });

  it("refuse a start without their key, with another one, and with damaged rows, which are named", async () => {
    const { schema, databases, stores } = await two();
    await checkDatabaseSecrets(databases[0], undefined);
    await stores[0]!.set("push-key", "one");
    await stores[0]!.set("admin-token", "two");
    await checkDatabaseSecrets(databases[1], sealing);
    await expect(checkDatabaseSecrets(databases[1], undefined)).rejects.toThrow(
      /has 2 encrypted secrets, and no key was given\. Set PAIRING_SECRETS_KEY/,
    );
    await expect(checkDatabaseSecrets(databases[1], createSealing([newKey()]))).rejects.toThrow(
      /No key of PAIRING_SECRETS_KEY decrypts these secrets .*: admin-token, push-key\./,
    );
    await sql(
      `update ${schema}.secrets set sealed = (select sealed from ${schema}.secrets where name = 'push-key') where name = 'admin-token'`,
    );
    await expect(checkDatabaseSecrets(databases[1], sealing)).rejects.toThrow(/rows of the table secrets .* are damaged: admin-token\./);
    await expect(stores[0]!.get("admin-token")).rejects.toThrow(/The row admin-token of the database's table secrets is damaged/);
    await expect(createDatabaseSecrets(databases[0], createSealing([newKey()])).get("push-key")).rejects.toThrow(
      /push-key was encrypted with a key that this server doesn't have/,
    );
  });

  it("are encrypted anew with the first key, all or none; then the former key is not needed", async () => {
    const { schema, databases, stores } = await two();
    await stores[0]!.set("push-key", "one");
    await stores[0]!.set("admin-token", "two");
    const next = newKey();
    await expect(resealSecrets(databases[0], createSealing([next]))).rejects.toThrow(/No key of PAIRING_SECRETS_KEY decrypts/);
    expect(await stores[1]!.get("push-key")).toBe("one");
    expect(await resealSecrets(databases[0], createSealing([next, key]))).toBe(2);
    const alone = createDatabaseSecrets(databases[1], createSealing([next]));
    expect([await alone.get("push-key"), await alone.get("admin-token")]).toEqual(["one", "two"]);
    const kinds = await sql(`select kind from ${schema}.changes order by seq desc limit 1`);
    expect(kinds).toEqual([{ kind: "secrets" }]);
  });
});

const NOW = 1_800_000_000_000;
const claims = {
  userId: "ada",
  deviceId: "phone",
  fingerprint: "f".repeat(43),
  jti: "jti-1",
  issuedAt: NOW / 1000,
  expiresAt: NOW / 1000 + 3600,
};

function decodeKid(token: string): string {
  return (JSON.parse(Buffer.from(token.split(".", 1)[0] ?? "", "base64url").toString()) as { kid: string }).kid;
}
