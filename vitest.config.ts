import { readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { openScratchFolder } from "./test/scratch-folder.ts";

openScratchFolder();

// Servers and pages are waited for: on a busy machine they are late, which is no fault.
const slow = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 30_000 } } };

/** A mock of a module is for one file: these get a worker of their own, as all files with browsers do. */
const MOCKING = readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => `test/${name.replaceAll("\\", "/")}`)
  .filter((file) => /\bvi\.(?:mock|doMock)\(/.test(readFileSync(file, "utf8")) && !file.endsWith("-in-browser.test.ts"));

/** Left out by `npm run test:quick`: other programs, kills, whole matrices and sweeps. Each takes as long as many files of the rest. */
const THOROUGH = [
  "test/mqtt/{mosquitto,kill,embedded}.test.ts",
  "test/http/{authorisation,callers,claims,approvals,database,hostile-strings,keychain,news,push}.test.ts",
  "test/adapters/{tunnel,phone-numbers,keychain}.test.ts",
  "test/adapters/stores/{faults,file-store,kill,pgbouncer,postgres-contract,postgres-store,postgres-unusable,power-cut,slices,formats}.test.ts",
  "test/{docs/commands,rooms/libraries}.test.ts",
];

/** One worker runs many files and imports what they test once: most of a short file's time. test/setup.ts tidies up between them. */
const shared = {
  isolate: false,
  setupFiles: "test/setup.ts",
  exclude: [...MOCKING, ...(process.env["TEST_QUICK"] === "1" ? THOROUGH : [])],
};

/** It imports Electron, which has a double in tests; from node_modules it would fetch the runtime. */
const electronStore = { deps: { inline: ["electron-store"] } };

export default defineConfig({
  test: {
    // Browsers and disks are waited for more than they work.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: "unit",
          ...shared,
          include: ["test/{core,settings}/**/*.test.ts"],
          // Nothing here waits for a disk or another process; other workers may have the processor.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "system",
          ...shared,
          globalSetup: ["test/signing-keys.ts", "test/postgres-server.ts"],
          include: [
            "test/{adapters,main,rooms,deploy,words,http,docs,mqtt}/**/*.test.ts",
            "test/phone/{pair-pages,inbox-page,phone-texts}.test.ts",
          ],
          server: electronStore,
          ...slow,
        },
      },
      {
        test: {
          name: "browser",
          ...shared,
          globalSetup: ["test/signing-keys.ts", "test/build-settings-page.ts", "test/postgres-server.ts"],
          include: ["test/{renderer,e2e}/**/*.test.ts", "test/phone/*-in-browser.test.ts"],
          ...slow,
        },
      },
      {
        test: {
          name: "mocking",
          setupFiles: "test/setup.ts",
          globalSetup: "test/signing-keys.ts",
          include: MOCKING,
          server: electronStore,
          ...slow,
        },
      },
    ],
  },
});
