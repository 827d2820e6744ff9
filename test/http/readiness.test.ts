import { afterEach, expect, it, vi } from "vitest";
import { createMemoryStore } from "../../src/adapters/stores/memory/memory-store.ts";
import { PairingError } from "../../src/core/index.ts";
import { createReadiness, type Readiness } from "../../src/host/readiness.ts";
import { startServer } from "./server.ts";

afterEach(() => {
  vi.useRealTimers();
});

const broken = async (): Promise<never> => Promise.reject(new PairingError("storage_unavailable"));
const outcome = async ({ check }: Readiness): Promise<string> =>
  check().then(
    () => "ready",
    (cause: PairingError) => cause.code,
  );

/** A storage whose state and clock the test sets. */
function opened(shared: boolean) {
  const state = { works: true, now: 0, age: 0 };
  const checkWritable = vi.fn(async () => (state.works ? undefined : broken()));
  const readiness = createReadiness({
    store: { checkWritable, feed: () => ({ ageMilliseconds: state.age, notified: true }) },
    steady: () => state.now,
    shared,
  });
  return { state, checkWritable, readiness };
}

it("fails at once where the storage is this server's own", async () => {
  const { state, readiness } = opened(false);
  expect(await outcome(readiness)).toBe("ready");
  state.works = false;
  expect(await outcome(readiness)).toBe("storage_unavailable");
  state.works = true;
  expect(await outcome(readiness)).toBe("ready");
});

it("fails after ten seconds where servers share a database", async () => {
  const { state, readiness } = opened(true);
  state.works = false;
  for (const [at, expected] of [
    [0, "ready"],
    [9999, "ready"],
    [10_000, "storage_unavailable"],
  ] as const) {
    state.now = at;
    expect([at, await outcome(readiness)]).toEqual([at, expected]);
  }
  state.works = true;
  expect(await outcome(readiness)).toBe("ready");
  // The next failure has ten seconds of its own.
  state.works = false;
  expect(await outcome(readiness)).toBe("ready");
});

it("fails, too, when the other servers' changes are not read", async () => {
  const { state, readiness } = opened(true);
  state.age = 6000;
  expect([await outcome(readiness), await readiness.isWritable()]).toEqual(["ready", false]);
  state.now = 10_000;
  expect(await outcome(readiness)).toBe("storage_unavailable");
});

it("waits a second for a storage that hangs, with one write however many ask", async () => {
  vi.useFakeTimers();
  const checkWritable = vi.fn(async () => new Promise<void>(() => undefined));
  const readiness = createReadiness({ store: { checkWritable }, steady: () => 0, shared: false });
  const asked = [outcome(readiness), outcome(readiness)];
  await vi.advanceTimersByTimeAsync(1000);
  expect(await Promise.all(asked)).toEqual(["storage_unavailable", "storage_unavailable"]);
  expect(checkWritable).toHaveBeenCalledOnce();
});

it("a stop waits five seconds where servers share a database, and not otherwise", async () => {
  vi.useFakeTimers();
  const alone = opened(false).readiness;
  await alone.drain();
  expect([await outcome(alone), alone.isStopping()]).toEqual(["server_stopping", true]);
  const { readiness } = opened(true);
  const drained = vi.fn();
  const draining = readiness.drain().then(drained);
  expect(await outcome(readiness)).toBe("server_stopping");
  await vi.advanceTimersByTimeAsync(4999);
  expect(drained).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await draining;
  expect(drained).toHaveBeenCalledOnce();
});

it("/healthz asks nothing of the storage, which /readyz tries to write", async () => {
  const checkWritable = vi.fn(broken);
  const server = await startServer(
    {},
    { openStore: async () => ({ ...createMemoryStore(), checkWritable, checkHeld() {}, warnings: [] }) },
  );
  expect((await server.phone("GET", "/healthz")).status).toBe(200);
  expect(checkWritable).not.toHaveBeenCalled();
  expect((await server.phone("GET", "/readyz")).body).toMatchObject({ status: 503, code: "storage_unavailable" });
});

it("a server that is about to stop is not ready, and answers everything else", async () => {
  const server = await startServer();
  expect((await server.phone("GET", "/readyz")).status).toBe(200);
  await server.drain();
  for (const door of ["local", "phone"] as const) {
    expect((await server[door]("GET", "/readyz")).body).toMatchObject({ status: 503, code: "server_stopping" });
    expect((await server[door]("GET", "/healthz")).status).toBe(200);
  }
  expect(await server.pair()).toMatch(/^ey/);
});
