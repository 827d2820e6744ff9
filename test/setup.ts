import { afterAll, afterEach, expect, vi } from "vitest";
import { fileHooks, hooks } from "./after-each-test.ts";

// Vitest runs this anew for each test file, whose own hooks then run before these.
const environment = { ...process.env };
const folder = process.cwd();

afterEach(async () => {
  for (const hook of hooks) await hook();
});

/** The next file in this worker finds the process as this one found it. */
afterAll(async () => {
  for (const hook of fileHooks) await hook();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
  expect(process.cwd()).toBe(folder);
});
