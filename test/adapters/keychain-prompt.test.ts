import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { KeychainProcess, KeychainQuestion } from "../../src/adapters/secrets/keychain-calls.ts";
import { type OpenPlace, openKeychainPlace } from "../../src/adapters/secrets/keychain-place.ts";
import { freshFolder, testLog } from "./stores/folder.ts";

/** A keychain whose answers the test triggers. */
function createFakeKeychain() {
  const items = new Map<string, string>();
  const processes: { asked: KeychainQuestion[]; ended: boolean }[] = [];
  /** Waits for a person instead of answering; these are the person's answers. */
  const persons: ((granted: boolean) => void)[] = [];
  const keychain = { locked: false };

  const answerTo = (question: KeychainQuestion): { ok: true; value: string | null } | { ok: false; message: string } => {
    if (question.ask === "backend") return { ok: true, value: "fake" };
    if (keychain.locked)
      return question.ask === "get" ? { ok: true, value: null } : { ok: false, message: "Cannot create an item in a locked collection" };
    if (question.ask === "get") return { ok: true, value: items.get(question.account) ?? null };
    if (question.ask === "set") items.set(question.account, question.text);
    else items.delete(question.account);
    return { ok: true, value: null };
  };
  const start = (): KeychainProcess => {
    const process = { asked: [] as KeychainQuestion[], ended: false };
    processes.push(process);
    let answer: (message: unknown) => void = () => undefined;
    let onEnd: () => void = () => undefined;
    return {
      send(question) {
        process.asked.push(question);
        const began = Date.now();
        const reply = (): void =>
          answer({ ...answerTo(question), ...(keychain.locked ? { noLibrary: false } : {}), took: Date.now() - began });
        if (keychain.locked) {
          persons.push((granted) => {
            keychain.locked = !granted;
            reply();
          });
        } else queueMicrotask(reply);
      },
      onMessage(listener) {
        answer = listener;
        queueMicrotask(() => listener("listens"));
      },
      onExit(listener) {
        onEnd = listener;
      },
      end() {
        process.ended = true;
        onEnd();
      },
    };
  };
  return {
    items,
    processes,
    persons,
    start,
    lock() {
      keychain.locked = true;
    },
  };
}

let place: OpenPlace;
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => {
  place.close();
  vi.useRealTimers();
});

/**
 * A folder whose secret is in the fake keychain, and a later process that finds it locked, with a window that asks for the
 * password.
 */
async function openLocked() {
  const keychain = createFakeKeychain();
  const folder = freshFolder();
  const first = openKeychainPlace({ folder, start: keychain.start, log: testLog(), changed: () => undefined });
  await first.secrets.set("signing-key", "the key");
  first.close();
  keychain.processes.length = 0;
  keychain.lock();
  const states: string[] = [];
  place = openKeychainPlace({
    folder,
    start: keychain.start,
    log: testLog(),
    changed: () => void states.push(place.place.status().state),
  });
  const refused = place.secrets.get("signing-key").catch((cause: unknown) => (cause as Error).message);
  await vi.waitFor(() => expect(keychain.persons).toHaveLength(1));
  await vi.advanceTimersByTimeAsync(3000);
  expect(await refused).toMatch(/^The system is asking you to unlock the keyring\./);
  expect(states).toEqual(["waiting"]);
  return { keychain, states };
}

it("goes on by itself when the person unlocks the keyring at last", async () => {
  const { keychain, states } = await openLocked();
  expect(keychain.processes.map(({ ended }) => ended)).toEqual([false]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(keychain.processes).toHaveLength(1);
  keychain.persons[0]!(true);
  await vi.waitFor(() => expect(states).toEqual(["waiting", "ready"]));
  expect(await place.secrets.get("signing-key")).toBe("the key");
  expect(keychain.processes.every(({ ended }) => ended)).toBe(true);
});

it("does not open the window again when the person closed it; a person's own wish does", async () => {
  const { keychain, states } = await openLocked();
  keychain.persons[0]!(false);
  await vi.waitFor(() => expect(states).toEqual(["waiting", "locked"]));
  await vi.advanceTimersByTimeAsync(600_000);
  expect(keychain.processes).toHaveLength(1);
  const retrying = place.place.retry();
  await vi.waitFor(() => expect(keychain.persons).toHaveLength(2));
  keychain.persons[1]!(true);
  expect(await retrying).toMatchObject({ state: "ready" });
});

it("lets the hanging window go when the person decides for a file", async () => {
  const { keychain } = await openLocked();
  expect(await place.place.moveTo("file")).toMatchObject({ kind: "file", state: "ready" });
  expect(keychain.processes.map(({ ended }) => ended)).toEqual([true]);
  expect(await place.secrets.get("signing-key")).toBeUndefined();
  await place.secrets.set("signing-key", "another");
  expect(await place.secrets.get("signing-key")).toBe("another");
  expect([...keychain.items.values()].some((text) => text.includes("the key"))).toBe(true);
});
