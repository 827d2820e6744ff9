import { defineConfig } from "vitest/config";
import { openScratchFolder } from "./test/scratch-folder.ts";

openScratchFolder();

// Servers and pages are waited for: on a busy machine they are late, which is no fault.
const slow = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 30_000 } } };

export default defineConfig({
  test: {
    // Browsers and disks are waited for more than they work.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{core,settings}/**/*.test.ts"],
          // Nothing here waits for a disk or another process.
          testTimeout: 5000,
        },
      },
      {
        test: {
          name: "system",
          globalSetup: "test/signing-keys.ts",
          include: ["test/{adapters,main,rooms,deploy,words}/**/*.test.ts"],
          // It imports Electron, which has a double here; from node_modules it would fetch the runtime.
          server: { deps: { inline: ["electron-store"] } },
          ...slow,
        },
      },
      {
        test: {
          name: "http",
          globalSetup: "test/signing-keys.ts",
          include: ["test/{http,docs,mqtt}/**/*.test.ts", "test/phone/{pair-pages,inbox-page,phone-texts}.test.ts"],
          ...slow,
        },
      },
      {
        test: {
          name: "browser",
          globalSetup: ["test/signing-keys.ts", "test/build-settings-page.ts"],
          include: ["test/{renderer,e2e}/**/*.test.ts", "test/phone/*-in-browser.test.ts"],
          ...slow,
        },
      },
    ],
  },
});
