import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, vi } from "vitest";
import { createFakeElectron, FakeWindow } from "../fakes/electron.ts";

const { electron } = createFakeElectron("/nowhere");
Object.assign(electron.protocol, { handle: () => undefined, unhandle: () => undefined });
vi.doMock("electron", () => electron);
const { activate, deactivate } = await import("../../src/main/plugin.ts");

it("has ended for everybody who waits for it only when the storage folder is free", async () => {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), "topdog-plugin-")), "phones");
  const line = (): void => undefined;
  await activate({
    storageFolder: folder,
    settings: { PAIRING_PORT: "0", PAIRING_PHONE_PORT: "0" },
    log: { info: line, warn: line, error: line },
    openWindow: (options) => new FakeWindow(options) as never,
    registerCommand: () => ({ dispose: () => undefined }),
  });
  const lock = path.join(folder, "pairing.lock");
  expect(existsSync(lock)).toBe(true);
  // As an IDE does that is asked to quit, and asked again when its windows are closed.
  await Promise.race([deactivate(), deactivate()]);
  expect(existsSync(lock)).toBe(false);
});
