import { defineConfig } from "vitest/config";

/** The long suite (npm run test:faults): crashes, full and failing disks, damage. One file after another, with the machine to itself. */
export default defineConfig({
  test: {
    include: [
      "test/faults/**/*.test.ts",
      // Of these sweeps npm test tries a sample.
      "test/adapters/stores/{file-store,faults,kill,one-answer,pgbouncer}.test.ts",
      "test/core/{any-order,deadlines}.test.ts",
    ],
    setupFiles: "test/setup.ts",
    globalSetup: ["test/signing-keys.ts", "test/postgres-server.ts"],
    env: { EVERY_CASE: "1" },
    fileParallelism: false,
    testTimeout: 60 * 60_000,
    hookTimeout: 120_000,
    reporters: ["verbose"],
  },
});
