import type { Locator, Page } from "playwright-core";
import { expect, it } from "vitest";
import { MINUTE, SECOND } from "../../src/core/index.ts";
import { axe, openView } from "../browser.ts";
import { MANY_PHONES, type PhoneChoice } from "./scene.ts";
import { type OpenChoice, settingsPages } from "./settings-page.ts";

const pages = settingsPages();

async function open(choice: OpenChoice) {
  const opened = await pages.open({ env: MANY_PHONES, ...choice });
  await opened.page.getByRole("heading", { name: "Paired phones" }).waitFor();
  return opened;
}

const isFocused = (locator: Locator): Promise<boolean> => locator.evaluate((element) => element === document.activeElement);
const phones = (count: number, part: PhoneChoice = {}): PhoneChoice[] =>
  Array.from({ length: count }, (_, place) => ({ device_name: `Phone ${place + 1}`, device_id: `id-${place + 1}`, ...part }));
const names = (page: Page): Promise<string[]> => page.locator(".device h3 bdi").allInnerTexts();
const status = (page: Page, text: string): Locator => page.getByRole("status").filter({ hasText: text });

it("shows phones in pages by the keyboard: the focus is on the first new one, and what is shown is announced", async () => {
  const { page, topdog } = await open({ phones: phones(120) });
  const section = page.getByRole("region", { name: "Paired phones" });
  await page.getByText("120 phones").waitFor();
  await section.getByText("50 of 120 shown.").waitFor();
  const more = section.getByRole("button", { name: "Show more: Paired phones" });
  await more.focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => isFocused(page.locator(".device").nth(50))).toBe(true);
  await status(page, "100 of 120 shown.").waitFor();
  await page.keyboard.press("Tab");
  await expect.poll(() => isFocused(page.getByRole("button", { name: "Rename: Phone 51" }))).toBe(true);
  await more.press("Enter");
  await expect.poll(() => isFocused(page.locator(".device").nth(100))).toBe(true);
  await status(page, "120 of 120 shown.").waitFor();
  await expect.poll(() => names(page)).toEqual(phones(120).map((_, place) => `Phone ${place + 1}`));
  await expect.poll(() => more.count()).toBe(0);
  expect(await axe(page, ["main"])).toEqual([]);
  // Never the whole list, and the same few rows at a time.
  expect(topdog.calls("listDevices")).toEqual([]);
  expect(topdog.calls("findDevices").every(({ limit }) => limit === 50)).toBe(true);
});

it("keeps all pages that are shown up to date: a revoked phone goes from the second, and the next one moves up", async () => {
  const { page, topdog } = await open({ phones: phones(120) });
  await page.getByRole("button", { name: "Show more: Paired phones" }).click();
  await page.getByRole("button", { name: "Revoke: Phone 70" }).press("Enter");
  await page.getByRole("alertdialog", { name: "Revoke Phone 70?" }).getByRole("button", { name: "Revoke" }).click();
  await status(page, "Revoked Phone 70.").waitFor();
  await expect.poll(() => isFocused(page.getByRole("button", { name: "Revoke: Phone 71" }))).toBe(true);
  await expect
    .poll(async () => (await names(page)).slice(68))
    .toEqual(Array.from({ length: 32 }, (_, place) => `Phone ${place < 1 ? 69 : place + 70}`));
  // Somebody else revokes one of the first page, and a phone is paired.
  await topdog.elsewhere("revokeDevice", { device_id: "id-3" });
  await topdog.pair({ device_id: "new", device_name: "New phone" });
  await status(page, "New phone is paired").waitFor();
  await expect.poll(async () => (await names(page)).slice(0, 4)).toEqual(["New phone", "Phone 1", "Phone 2", "Phone 4"]);
  await expect.poll(() => names(page)).toHaveLength(100);
  await page.getByText("119 phones").waitFor();
});

it("does not take a phone for a new one that moves up onto the first page", async () => {
  const { page, topdog } = await open({ phones: phones(60) });
  await topdog.elsewhere("revokeDevice", { device_id: "id-7" });
  await page.getByText("59 phones").waitFor();
  await page.getByRole("heading", { name: "Phone 51" }).waitFor();
  await expect.poll(() => page.getByText("is paired").count()).toBe(0);
});

it("searches on the server once there is more than one page, and says how many were found, or that none were", async () => {
  const { page, topdog } = await open({
    phones: [...phones(87), ...phones(32, { user_id: "jane" }), { device_name: "Küchentelefon", device_id: "kitchen" }],
  });
  const section = page.getByRole("region", { name: "Paired phones" });
  const field = section.getByRole("searchbox", { name: "Find a phone" });
  await field.pressSequentially("kitchen", { delay: 5 });
  await status(page, "1 found.").waitFor();
  await expect.poll(() => names(page)).toEqual(["Küchentelefon"]);
  await field.fill("JANE phone");
  await status(page, "32 found.").waitFor();
  await field.fill("phone");
  await status(page, "Showing the first 50 found.").waitFor();
  await section.getByRole("button", { name: "Show more: Paired phones" }).click();
  await status(page, "Showing the first 100 found.").waitFor();
  await field.fill("<b>nobody</b>");
  await status(page, "Nothing matches “<b>nobody</b>”. Try other words, or clear the search.").waitFor();
  await expect.poll(() => page.locator(".device").count()).toBe(0);
  expect(await axe(page, ["main"])).toEqual([]);
  await page.getByText("120 phones").waitFor();
  await field.fill("");
  await expect.poll(() => names(page)).toHaveLength(50);
  await expect.poll(() => isFocused(field)).toBe(true);
  // Seven keys in quick succession are one question, or few.
  expect(topdog.calls("findDevices").filter(({ q }) => q !== undefined && "kitchen".startsWith(q)).length).toBeLessThan(4);
});

it("has no search and no button where everything is on one page", async () => {
  const { page } = await open({
    phones: phones(50),
    invites: [{}],
    prepare: async ({ requestApproval }) => void (await requestApproval({ device_id: "id-1" })),
  });
  await expect.poll(() => names(page)).toHaveLength(50);
  await openView(page, "Approvals");
  await page.getByRole("list", { name: "Approvals and notifications" }).waitFor();
  await expect.poll(() => page.getByRole("searchbox").count()).toBe(0);
  await expect.poll(() => page.getByRole("button", { name: /^Show more/ }).count()).toBe(0);
});

it("reads revoked phones only when somebody opens their list, in pages and with a search of their own", async () => {
  const { page, topdog } = await open({ phones: [{ device_name: "Pixel" }, ...phones(70, { status: "revoked" })] });
  const revoked = page.locator(".revoked");
  await revoked.getByText("Revoked phones (70)").waitFor();
  const asked = async (): Promise<number> =>
    topdog.calls("findDevices").filter((input) => JSON.stringify(input).includes("revoked")).length;
  expect(await asked()).toBe(0);
  await revoked.getByText("Revoked phones (70)").click();
  await expect.poll(() => revoked.locator("h3").count()).toBe(50);
  await revoked.getByRole("button", { name: "Show more: Revoked phones" }).click();
  await expect.poll(() => isFocused(revoked.locator(".row").nth(50))).toBe(true);
  await revoked.getByRole("searchbox", { name: "Find a revoked phone" }).fill("id-66");
  await status(page, "1 found.").waitFor();
  await expect.poll(() => revoked.locator("h3 bdi").allInnerTexts()).toEqual(["Phone 66"]);
  await expect.poll(() => names(page)).toEqual(["Pixel"]);
});

it("keeps a phone of any page when all others are revoked, found by its search", async () => {
  const { page } = await open({ phones: [...phones(120), { device_name: "Mine", device_id: "id-5", user_id: "jane" }] });
  await page.getByRole("button", { name: "Revoke all other phones…" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Revoke all other phones?" });
  const more = dialog.getByRole("button", { name: "Show more" });
  await more.click();
  await expect.poll(() => isFocused(dialog.getByRole("radio").nth(50))).toBe(true);
  await dialog.getByRole("searchbox", { name: "Find a phone" }).fill("mine");
  await dialog.getByLabel("Mine").check();
  // What is chosen stays chosen, whatever is searched for next.
  await dialog.getByRole("searchbox", { name: "Find a phone" }).fill("phone 44");
  await dialog.getByText("1 found.").waitFor();
  expect(await axe(page)).toEqual([]);
  await dialog.getByLabel("Type revoke to confirm").fill("revoke");
  await dialog.getByRole("button", { name: "Revoke 120 phones" }).click();
  await status(page, "Revoked 120 phones.").waitFor();
  await expect.poll(() => names(page)).toEqual(["Mine"]);
});

it("reads the history of approvals and notifications in pages, in one order, with one search", async () => {
  const { page } = await open({
    phones: phones(110),
    // One has a word that no id contains by chance.
    async prepare(topdog) {
      topdog.clock.move(-119 * MINUTE);
      for (let place = 119; place >= 0; place -= 1) {
        // Two notifications for each approval.
        if (place < 110)
          await topdog.notify({
            device_id: "id-110",
            build_id: `b-${place}`,
            project_name: `Shop ${place}${place === 77 ? " tulips" : ""}`,
          });
        if (place % 2 === 0) {
          const asked = await topdog.requestApproval({ device_id: "id-110", project_name: `Deploy ${place / 2}` });
          await topdog.elsewhere("decideAtComputer", { ...asked, decision: "approve" });
        }
        if (place > 0) topdog.clock.move(MINUTE);
      }
    },
  });
  await openView(page, "Approvals");
  const list = page.getByRole("list", { name: "Approvals and notifications" });
  const more = page.getByRole("button", { name: "Show more: Approvals and notifications" });
  const times = async (): Promise<number[]> =>
    (await list.locator("h3").allInnerTexts()).map((name) => Number(name.split(" ")[1]) * (name.startsWith("Deploy") ? 2 : 1));
  await expect.poll(async () => (await times()).length).toBeGreaterThan(50);
  // A phone's name is known although its row is on a page that was not read.
  await list.getByText("Not delivered to Phone 110 yet").first().waitFor();
  for (let before = -1; (await more.count()) > 0 && before < (await times()).length; ) {
    before = (await times()).length;
    await more.click();
    await expect.poll(async () => (await times()).length).toBeGreaterThan(before);
    await expect.poll(() => isFocused(list.locator("> .row").nth(before))).toBe(true);
  }
  const all = await times();
  expect(all).toHaveLength(170);
  expect(all).toEqual(all.toSorted((one, other) => one - other));
  await page.getByRole("searchbox", { name: "Find an approval or a notification" }).fill("tulips");
  await status(page, "1 found.").waitFor();
  await expect.poll(() => list.locator("h3").allInnerTexts()).toEqual(["Shop 77 tulips"]);
});

it("shows waiting approvals in pages, and what became of one that was answered elsewhere", async () => {
  const ids: string[] = [];
  const { page, topdog } = await open({
    // A user has at most twenty that wait.
    phones: ["pixel", "jane", "grace"].map((id) => ({ device_id: id, device_name: "Pixel", user_id: id })),
    async prepare({ clock, requestApproval }) {
      clock.move(-45 * SECOND);
      for (let place = 45; place > 0; place -= 1) {
        ids[place] = (
          await requestApproval({
            user_id: ["pixel", "jane", "grace"][place % 3],
            project_name: `Deploy ${place}${place === 41 ? " tulips" : ""}`,
          })
        ).approval_id;
        clock.move(SECOND);
      }
    },
  });
  await openView(page, "Approvals");
  const rows = page.locator(".approval");
  await expect.poll(() => rows.count()).toBe(20);
  const more = page.getByRole("button", { name: "Show more: Waiting for your answer" });
  await more.press("Enter");
  await expect.poll(() => isFocused(rows.nth(20))).toBe(true);
  await more.press("Enter");
  await expect.poll(() => rows.count()).toBe(45);
  await topdog.decide("pixel", { approval_id: ids[30] ?? "", decision: "reject" });
  await status(page, "Deploy 30: Rejected on Pixel").waitFor();
  await expect.poll(() => rows.count()).toBe(44);
  await page.getByRole("searchbox", { name: "Find an approval" }).fill("tulips");
  await status(page, "1 found.").waitFor();
  await page.getByRole("button", { name: "Approve: Deploy 41 tulips" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Approve", disabled: false }).click();
  await status(page, "Deploy 41 tulips was approved.").waitFor();
  await page.getByRole("searchbox", { name: "Find an approval" }).fill("");
  await expect.poll(() => rows.count()).toBe(43);
});

it("shows invites beyond those that the overview has room for, found by number or name, and cancels one of them", async () => {
  const { page } = await open({
    invites: Array.from({ length: 130 }, (_, place) => ({
      user_name: `Person ${place + 1}x`,
      phone_number: `+1415555${1000 + place}`,
      ago: place * SECOND,
    })),
  });
  const rows = page.locator(".invite");
  await expect.poll(() => rows.count()).toBe(50);
  const more = page.getByRole("button", { name: "Show more: Pending invites" });
  await more.press("Enter");
  await expect.poll(() => rows.count()).toBe(100);
  await expect.poll(() => isFocused(rows.nth(50))).toBe(true);
  await more.press("Enter");
  await expect.poll(() => rows.count()).toBe(130);
  await page.getByRole("button", { name: "Cancel: invite to +1******1119" }).click();
  await status(page, "Invite to +1******1119 cancelled.").waitFor();
  await expect.poll(() => rows.count()).toBe(129);
  await page.getByRole("searchbox", { name: "Find an invite by number or name" }).fill("person 77x");
  await status(page, "1 found.").waitFor();
  await expect.poll(() => rows.locator("h3").allInnerTexts()).toEqual(["+1******1076"]);
  await page.getByRole("searchbox", { name: "Find an invite by number or name" }).fill("");
  await expect.poll(() => rows.count()).toBe(129);
});

it("says what went wrong where the next page cannot be read, and goes on when it can", async () => {
  const { page, topdog } = await open({ phones: phones(80) });
  const more = page.getByRole("button", { name: "Show more: Paired phones" });
  await more.waitFor();
  topdog.refuse("findDevices", { status: 503, code: "storage_unavailable", detail: "The folder cannot be read." });
  await more.click();
  await page.getByRole("alert").getByText("The folder cannot be read.").waitFor();
  await expect.poll(() => names(page)).toHaveLength(50);
  topdog.refuse("findDevices");
  await more.click();
  await expect.poll(() => names(page)).toHaveLength(80);
  await expect.poll(() => page.getByRole("alert").count()).toBe(0);
});

it("loses neither the next page nor a change where both come at once", async () => {
  const { page, topdog } = await open({ phones: phones(80) });
  const more = page.getByRole("button", { name: "Show more: Paired phones" });
  await more.waitFor();
  topdog.hold("findDevices");
  await topdog.elsewhere("changeDevice", { device_id: "id-1", device_name: "Changed 1" });
  await more.click();
  await topdog.elsewhere("changeDevice", { device_id: "id-2", device_name: "Changed 2" });
  topdog.release("findDevices");
  await expect.poll(() => names(page)).toHaveLength(80);
  await expect.poll(async () => (await names(page)).slice(0, 2)).toEqual(["Changed 1", "Changed 2"]);
});
