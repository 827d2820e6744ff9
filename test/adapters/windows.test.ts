import { afterEach, describe, expect, it } from "vitest";
import { openSharedDatabase, type SharedDatabase } from "../../src/adapters/stores/postgres/shared-database.ts";
import { createDatabaseWindows } from "../../src/adapters/windows/database.ts";
import { createMemoryWindows } from "../../src/adapters/windows/memory.ts";
import type { Log } from "../../src/core/index.ts";
import { windowOf, windowStoreContract } from "../contracts/window-store.ts";
import { emptySchema, hasPostgres, postgresUrl } from "../postgres.ts";

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe("windows in memory", () => windowStoreContract(async () => ({ store: createMemoryWindows() })));

describe.skipIf(!hasPostgres)("windows in a database (Debian: apt-get install postgresql)", () => {
  const open: SharedDatabase[] = [];
  afterEach(async () => {
    for (const database of open.splice(0)) await database.close();
  });
  const openHere = async (): Promise<SharedDatabase> => {
    const database = await openSharedDatabase({ url: postgresUrl, schema: await emptySchema() }, quiet);
    open.push(database);
    return database;
  };

  windowStoreContract(async () => {
    const database = await openHere();
    return { store: createDatabaseWindows(database), reopen: () => createDatabaseWindows(database) };
  });

  it("are refused while the database is away, not let in", async () => {
    const database = await openHere();
    const windows = createDatabaseWindows(database);
    await windows.add(windowOf("a"), { usedSince: 0, most: 3 });
    await database.close();
    await expect(windows.use("digest-a", 1, 0)).rejects.toMatchObject({ code: "storage_unavailable" });
  });
});
