import { describe } from "vitest";
import { pairingStoreContract } from "../../contracts/pairing-store.ts";
import { backUpSchema, emptySchema, hasPostgres, openOn, sql } from "../../postgres.ts";
import { testLog } from "./folder.ts";

describe.skipIf(!hasPostgres)("in a database (Debian: apt-get install postgresql)", () => {
  pairingStoreContract("PostgreSQL", async () => {
    const schema = await emptySchema();
    let store = await openOn(schema, testLog());
    const reopen = async () => {
      await store.close();
      store = await openOn(schema, testLog());
      return store;
    };
    const backUp = async () => {
      const restore = await backUpSchema();
      return async () => {
        await store.close();
        await restore();
        store = await openOn(schema, testLog());
        return store;
      };
    };
    const audit = async () =>
      (await sql(`select line from ${schema}.audit order by seq`)).map(({ line }) => JSON.parse(line as string) as Record<string, unknown>);
    return { store, reopen, backUp, audit };
  });
});
