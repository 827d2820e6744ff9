import { defineConfig } from "vitest/config";

/** What npm run test:package runs: a whole package is made first. */
export default defineConfig({ test: { include: ["test/package/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 600_000 } });
