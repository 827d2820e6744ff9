import { defineConfig } from "vitest/config";

// What is waited for comes in its own time: a machine at work with other things is no fault.
const patience = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 30_000 } } };

export default defineConfig({
  test: {
    // Browsers and disks are waited for more than they work.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{core,contract,settings,adapters,main,rooms,deploy,words}/**/*.test.ts"],
          // It imports Electron, which has a double here; from node_modules it would fetch the runtime.
          server: { deps: { inline: ["electron-store"] } },
          ...patience,
        },
      },
      {
        test: {
          name: "http",
          include: ["test/{http,docs,mqtt}/**/*.test.ts", "test/phone/{pair-pages,inbox-page,phone-texts}.test.ts"],
          ...patience,
        },
      },
      {
        test: {
          name: "browser",
          globalSetup: "test/build-settings-page.ts",
          include: ["test/{renderer,e2e}/**/*.test.ts", "test/phone/*-in-browser.test.ts"],
          ...patience,
        },
      },
    ],
  },
});
