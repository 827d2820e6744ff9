import { expect, it } from "vitest";
import type { Device, NewsItem, Ports } from "../../src/core/index.ts";
import { tellChanges } from "../../src/core/tell-changes.ts";

const NOON = Date.parse("2026-11-24T12:00:00Z");
const phone = { userId: "john", deviceId: "iphone", jti: "token-1", lastSeen: NOON - 60_000 } as Device;

function open(): ReturnType<typeof tellChanges> & { readonly told: NewsItem[] } {
  const told: NewsItem[] = [];
  const store = { noteSeen: () => undefined, appendAudit: async () => undefined } as unknown as Ports["store"];
  const news: Ports["news"] = { tell: (item) => void told.push(item), listen: () => () => undefined };
  return { ...tellChanges({ store, news }), told };
}

it("tells that phones were seen once for each half minute, however often they ask", () => {
  const { store, tellSeen, told } = open();
  tellSeen();
  expect(told).toEqual([]);
  for (const later of [0, 1000, 2000]) store.noteSeen(phone, NOON + later);
  tellSeen();
  tellSeen();
  expect(told).toEqual(["devices"]);
  store.noteSeen(phone, NOON + 29_000);
  tellSeen();
  expect(told).toEqual(["devices"]);
  store.noteSeen(phone, NOON + 31_000);
  tellSeen();
  expect(told).toEqual(["devices", "devices"]);
});

it("tells that the audit trail has a new line", async () => {
  const { store, told } = open();
  await store.appendAudit(NOON, { event: "key_rotated" });
  expect(told).toEqual(["audit"]);
});
