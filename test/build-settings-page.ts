import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the settings page lies, built as the product builds it. */
    readonly settingsPageFolder: string;
  }
}

/** Builds the settings page once for all test files, from the sources as they are now. Answers how to take it away. */
export default async function buildSettingsPage(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), "topdog-page-"));
  // Vitest calls itself a test environment; React would then bring its development build.
  const environment = process.env["NODE_ENV"];
  process.env["NODE_ENV"] = "production";
  const configFile = fileURLToPath(new URL("../vite.config.ts", import.meta.url));
  await build({ configFile, logLevel: "error", build: { outDir: folder } });
  process.env["NODE_ENV"] = environment;
  project.provide("settingsPageFolder", folder);
  return () => rm(folder, { recursive: true });
}
