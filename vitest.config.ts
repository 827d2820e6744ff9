import { defineConfig } from "vitest/config";

const patience = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/{core,contract,settings,adapters,main,rooms}/**/*.test.ts"], ...patience } },
      { test: { name: "http", include: ["test/{http,phone,headless}/**/*.test.ts"], ...patience } },
      // One browser at a time: each brings several processes.
      { test: { name: "browser", include: ["test/{renderer,e2e}/**/*.test.ts"], fileParallelism: false, ...patience } },
    ],
  },
});
