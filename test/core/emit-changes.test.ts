import { expect, it } from "vitest";
import { emitChanges } from "../../src/core/emit-changes.ts";
import type { ChangeEvent, Device, Ports } from "../../src/core/index.ts";

const NOON = Date.parse("2026-11-24T12:00:00Z");
const phone = { userId: "john", deviceId: "iphone", jti: "token-1", lastSeen: NOON - 60_000 } as Device;

function open(): ReturnType<typeof emitChanges> & { readonly emitted: ChangeEvent[] } {
  const emitted: ChangeEvent[] = [];
  const store = { noteSeen: () => undefined, appendAudit: async () => undefined } as unknown as Ports["store"];
  const changeEvents: Ports["changeEvents"] = { emit: (item) => void emitted.push(item), listen: () => () => undefined };
  return { ...emitChanges({ store, changeEvents }), emitted };
}

it("reports that phones were seen once per half minute, however often they ask", () => {
  const { store, emitSeen, emitted } = open();
  emitSeen();
  expect(emitted).toEqual([]);
  for (const later of [0, 1000, 2000]) store.noteSeen(phone, NOON + later);
  emitSeen();
  emitSeen();
  expect(emitted).toEqual(["devices"]);
  store.noteSeen(phone, NOON + 29_000);
  emitSeen();
  expect(emitted).toEqual(["devices"]);
  store.noteSeen(phone, NOON + 31_000);
  emitSeen();
  expect(emitted).toEqual(["devices", "devices"]);
});

it("reports that the audit trail has a new line", async () => {
  const { store, emitted } = open();
  await store.appendAudit(NOON, { event: "key_rotated" });
  expect(emitted).toEqual(["audit"]);
});
