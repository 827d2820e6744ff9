import { expect, it } from "vitest";
import { createMemoryStore } from "../../src/adapters/stores/memory/memory-store.ts";
import { revokeAllDevices } from "../../src/core/devices/change-device.ts";
import type { ChangeEvent } from "../../src/core/index.ts";
import { deviceOf, NOON, sessionOf } from "../contracts/pairing-store.ts";

const CLOCK = { now: () => NOON, steady: () => 0, pause: async () => undefined };

it("of very many phones are revoked all that are meant, and never more than a page at a time", async () => {
  const store = createMemoryStore();
  for (let index = 0; index < 900; index += 1) {
    const jti = `jti-${index}`;
    const userId = index % 3 === 0 ? "bob" : "ada";
    await store.addInvite({ session: sessionOf(jti, { userId }), at: NOON, audit: [] });
    await store.acceptInvite({ codeHash: `code-${jti}`, device: deviceOf(`phone-${index}`, jti, { userId }), at: () => NOON, audit: [] });
  }
  await store.updateDevice({ userId: "ada", deviceId: "phone-1", set: { status: "suspended" }, at: NOON, audit: [] });
  await store.revokeDevice({ userId: "ada", deviceId: "phone-2", at: NOON, audit: [] });
  let underWay = 0;
  let most = 0;
  const deps = {
    clock: CLOCK,
    changeEvents: { emit: (_: ChangeEvent) => undefined, listen: () => () => undefined },
    store: {
      ...store,
      async revokeDevice(change: Parameters<typeof store.revokeDevice>[0]) {
        underWay += 1;
        most = Math.max(most, underWay);
        const revoked = await store.revokeDevice(change);
        underWay -= 1;
        return revoked;
      },
    },
  };
  expect(await revokeAllDevices(deps, { userId: "ada", exceptDeviceId: "phone-4" }, {})).toBe(598);
  expect(most).toBeLessThanOrEqual(200);
  expect(await store.countDevices()).toEqual({ active: 301, suspended: 0, revoked: 599 });
  expect(await revokeAllDevices(deps, {}, {})).toBe(301);
  expect(await store.countDevices()).toEqual({ active: 0, suspended: 0, revoked: 900 });
});
