import { readdirSync } from "node:fs";
import { expect, it, vi } from "vitest";
import { createMemoryStore } from "../../src/adapters/stores/memory/memory-store.ts";
import type { StoreDeps } from "../../src/host/store-factory.ts";
import { startServer } from "./server.ts";

it("keeps its records in the store that the host opens", async () => {
  const memory = createMemoryStore();
  const close = vi.spyOn(memory, "close");
  const server = await startServer(
    {},
    { openStore: async () => ({ ...memory, close, checkHeld() {}, warnings: ["This store forgets."] }) },
  );

  await server.pair("iphone-12345");

  expect((await memory.listDevices()).map(({ deviceId }) => deviceId)).toEqual(["iphone-12345"]);
  expect(server.printed).toContain("⚠ This store forgets.");
  expect(readdirSync(server.folder).filter((name) => name.startsWith("pairing"))).toEqual([]);
  await server.close();
  expect(close).toHaveBeenCalledOnce();
});

it("answers nothing more when the host's store was taken over", async () => {
  let deps: StoreDeps | undefined;
  const server = await startServer(
    {},
    {
      async openStore(given) {
        deps = given;
        return { ...createMemoryStore(), checkHeld() {}, warnings: [] };
      },
    },
  );
  expect(await server.phone("GET", "/healthz")).toMatchObject({ status: 200 });

  deps?.lost(new Error("Another server has the records now."));

  await expect(server.phone("GET", "/healthz")).rejects.toThrow();
});

it("opens no door when the host's store cannot be opened", async () => {
  let deps: StoreDeps | undefined;
  const starting = startServer(
    {},
    {
      async openStore(given) {
        deps = given;
        throw new Error("The database does not answer.");
      },
    },
  );
  await expect(starting).rejects.toThrow("The database does not answer.");
  expect(deps).toBeDefined();
});
