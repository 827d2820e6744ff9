import { expect, it, vi } from "vitest";
import { createWaking } from "../../src/core/remote/wake-phones.ts";
import { askOf, messageOf, phone } from "../contracts/pairing-store.ts";

type Deps = Parameters<typeof createWaking>[0];

/** The test ends the pauses. */
function world() {
  const pauses: (() => void)[] = [];
  const wake = vi.fn(async () => []);
  const deps = {
    clock: { pause: () => new Promise<void>((resolve) => void pauses.push(resolve)) },
    store: {
      findMessage: async (id: string) => ({
        message: {
          ...(id.startsWith("news") ? messageOf(id) : askOf(id)),
          to: [{ ...phone(id.startsWith("other") ? "b" : "a"), seq: 1 }],
        },
        deliveries: [],
      }),
    },
    log: { warn: (message: string) => expect.fail(message) },
  } as unknown as Deps;
  const wakePhones = createWaking(deps, { approvalTexts: undefined } as Parameters<typeof createWaking>[1], { wake });
  const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    wake,
    async ask(...ids: string[]) {
      for (const id of ids) wakePhones(id);
      await turn();
    },
    async pass() {
      const resolve = pauses.shift();
      if (!resolve) throw new Error("nobody waits");
      resolve();
      await turn();
    },
    waiting: () => pauses.length,
    woken: () => wake.mock.calls.map((call: unknown[]) => (call.flat() as { messageId: string }[]).map(({ messageId }) => messageId)),
  };
}

it("a burst of approvals for the same phones is one push, the latest first", async () => {
  const { ask, pass, woken, waiting } = world();
  await ask("1", "2", "3", "other");
  expect(woken()).toEqual([]);
  await pass();
  expect(woken()).toEqual([["message-ask-3", "message-ask-2", "message-ask-1"]]);
  await pass();
  expect(woken().at(-1)).toEqual(["message-ask-other"]);
  // Approvals shortly after it wait, and share one push.
  await ask("4", "5");
  expect(woken()).toHaveLength(2);
  await pass();
  expect(woken().at(-1)).toEqual(["message-ask-5", "message-ask-4"]);
  // Nothing more came: the next one starts again, and no state is left.
  await pass();
  await pass();
  expect(waiting()).toBe(0);
  await ask("6");
  await pass();
  expect(woken().at(-1)).toEqual(["message-ask-6"]);
});

it("build news wait for nothing", async () => {
  const { ask, woken } = world();
  await ask("news");
  expect(woken()).toEqual([["message-news"]]);
});
