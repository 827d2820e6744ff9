import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { AnswerOf } from "../../src/contract/operations.ts";
import { type AuditEntry, DAY, type Device } from "../../src/core/index.ts";
import { axe } from "../browser.ts";
import { settingsPages } from "./settings-page.ts";
import type { Topdog } from "./topdog.ts";

const pages = settingsPages("activity");

type Line = AnswerOf<"listAudit">["lines"][number];

/** Newest first, as the server answers them. */
const TRAIL: readonly Line[] = [
  { ts: "2026-11-24T10:03:00.000Z", seq: 4, event: "admin_denied", ip: "203.0.113.9", ua: "curl/8.14", reason: "admin_token_invalid" },
  { ts: "2026-11-24T10:02:00.000Z", seq: 3, event: "revoke_device", device_id: "device-1", user_id: "john", ip: "127.0.0.1" },
  {
    ts: "2026-11-24T10:01:00.000Z",
    seq: 2,
    event: "accept_invite",
    device_id: "device-1",
    user_id: "john",
    ip: "198.51.100.4",
    ua: '=1+1,"x"',
  },
  { ts: "2026-11-24T10:00:00.000Z", seq: 1, event: "send_sms_invite", user_id: "john", phone_number: "+1******2671", via: "twilio" },
];

/** Before the page is opened, this has happened. */
const happened =
  (trail: readonly Line[]) =>
  async ({ store }: Topdog): Promise<void> => {
    for (const { ts, seq, ...entry } of trail.toReversed()) await store.appendAudit(Date.parse(ts), entry as AuditEntry);
  };

/** A paired phone of which the trail says nothing. */
async function haveSilentPhone({ store, clock }: Topdog): Promise<void> {
  const [at, userId] = [clock.now(), "john"];
  const invite = { sessionId: "s", method: "sms", codeHash: "h", userId, userName: "", phoneNumber: "+14155552671", baseUrl: "" } as const;
  await store.addInvite({ session: { ...invite, status: "pending", createdAt: at, expiresAt: at + DAY }, at, audit: [] });
  const seen = { pairedAt: at, lastSeen: at, expiresAt: at + DAY };
  const phone = { deviceId: "device-1", deviceName: "John's iPhone", deviceType: "ios", osVersion: "", appVersion: "" } as const;
  const device: Device = { ...phone, ...seen, userId, status: "active", pairedVia: "sms", jti: "j", sessionId: "s" };
  await store.acceptInvite({ codeHash: "h", device, at: () => at, audit: [] });
}

async function open(trail: readonly Line[] = TRAIL, prepare: (topdog: Topdog) => void = () => undefined) {
  const opened = await pages.open({
    async prepare(topdog) {
      await haveSilentPhone(topdog);
      await happened(trail)(topdog);
      prepare(topdog);
    },
  });
  return opened;
}
const titles = async (page: Page): Promise<readonly string[]> => page.locator(".audit-line > .audit-icon + p").allInnerTexts();

it("asks for nothing before somebody opens it", async () => {
  const { page, topdog } = await pages.open({ show: "approvals", prepare: happened(TRAIL) });
  await page.getByRole("heading", { name: "No approvals waiting" }).waitFor();
  expect(topdog.calls("listAudit")).toEqual([]);
});

it("says what happened in words, the newest first, and passes axe", async () => {
  const { page } = await open();
  await page.getByText("Pairing link sent").waitFor();
  await expect
    .poll(() => titles(page))
    .toEqual([
      "Denied: a caller who may not ask, or a wrong key or token",
      "John's iPhone revoked",
      "John's iPhone paired by SMS",
      "Pairing link sent",
    ]);
  const denied = page.locator(".audit-line").first();
  await expect
    .poll(() => denied.innerText())
    .toMatch(/24 Nov 2026, 11:03.*from 203\.0\.113\.9.*admin token invalid.*No\. 4\s+curl\/8\.14/s);
  expect(await axe(page)).toEqual([]);
});

it.each([
  [{ device_id: "device-1", user_id: "john", reason: "approved", via: "phone" }, "Approval answered on John's iPhone"],
  [{ reason: "rejected", via: "computer" }, "Approval answered at the computer"],
  [{ reason: "approved", via: "admin" }, "Approval answered with the admin token"],
  [{ reason: "expired" }, "Approval expired without an answer"],
  [{ reason: "cancelled" }, "Approval cancelled"],
])("says how an approval ended (%o)", async (how, title) => {
  const { page } = await open([{ ts: "2026-11-24T10:03:00.000Z", seq: 1, event: "approval_decided", ...how }]);
  await page.locator(".audit-line").waitFor();
  await expect.poll(() => titles(page)).toEqual([title]);
});

it("can be narrowed to a kind and to a word, and says when nothing is left", async () => {
  const { page } = await open();
  await page.getByRole("group", { name: "Show" }).getByRole("button", { name: "Phones" }).click();
  await page.getByText("Pairing link sent").waitFor({ state: "detached" });
  await expect.poll(() => titles(page)).toEqual(["John's iPhone revoked", "John's iPhone paired by SMS"]);
  await page.getByLabel("Search").fill("198.51");
  await page.getByText("John's iPhone revoked").waitFor({ state: "detached" });
  await expect.poll(() => titles(page)).toEqual(["John's iPhone paired by SMS"]);
  await page.getByLabel("Search").fill("nobody");
  await page.getByText("No entries match. Choose Everything and clear the search to see all.").waitFor();
});

it("shows what happens while it is open", async () => {
  const { page, topdog } = await open([]);
  await page.getByText("Nothing has happened yet.").waitFor();
  await happened([{ ts: "2026-11-24T10:00:00.000Z", seq: 1, event: "generate_qr" }])(topdog);
  topdog.emit("audit");
  await page.locator(".audit-line").waitFor();
});

it("goes back page by page, and warns of missing numbers", async () => {
  const trail = Array.from(
    { length: 120 },
    (_, index): Line => ({ ts: "2026-11-24T10:00:00.000Z", seq: 120 - index, event: "generate_qr" }),
  );
  const { page } = await open(trail, ({ alter }) => {
    // No store in memory loses any.
    alter("listAudit", (answer) => ({ ...answer, missing: answer.lines[0]?.seq === 120 ? 2 : 0 }));
  });
  await page.getByText("2 entries are missing").waitFor();
  await expect.poll(() => titles(page)).toHaveLength(50);
  const older = page.getByRole("button", { name: "Show older entries" });
  await older.click();
  await page.getByText("No. 21", { exact: true }).waitFor();
  await older.click();
  await page.getByText("No. 1", { exact: true }).waitFor();
  await expect.poll(() => titles(page)).toHaveLength(120);
  await expect.poll(() => older.count()).toBe(0);
});

it("saves all that the filter lets through: as JSON lines, and as a table that no spreadsheet runs", async () => {
  const { page } = await open();
  const save = async (name: string): Promise<string> => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
    return readFile(await download.path(), "utf8");
  };
  const lines = (await save("Save as JSON Lines")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([...TRAIL].reverse());
  await page.getByText("Saved 4 entries.").waitFor();
  await page.getByRole("group", { name: "Show" }).getByRole("button", { name: "Phones" }).click();
  await page.getByText("Pairing link sent").waitFor({ state: "detached" });
  expect(await save("Save as CSV")).toBe(
    `\ufeff${[
      "ts,seq,event,session_id,user_id,device_id,ip,ua,phone_number,reason,via,kid,approval_id,content_sha256,count",
      `2026-11-24T10:01:00.000Z,2,accept_invite,,john,device-1,198.51.100.4,"'=1+1,""x""",,,,,,,`,
      "2026-11-24T10:02:00.000Z,3,revoke_device,,john,device-1,127.0.0.1,,,,,,,,",
      "",
    ].join("\r\n")}`,
  );
});

it("says what went wrong when the trail cannot be read, and tries again", async () => {
  const { page, topdog } = await pages.open({
    async prepare(topdog) {
      await happened(TRAIL)(topdog);
      topdog.refuse("listAudit", { status: 503, code: "storage_unavailable", detail: "The audit trail cannot be read right now." });
    },
  });
  await page.getByText("The audit trail cannot be read right now.").waitFor();
  topdog.refuse("listAudit");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("Pairing link sent").waitFor();
});
