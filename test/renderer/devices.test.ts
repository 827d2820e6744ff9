import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { AnswerOf } from "../../src/contract/operations.ts";
import { MINUTE } from "../../src/core/index.ts";
import { axe } from "../browser.ts";
import { MANY_PHONES } from "./scene.ts";
import { type OpenChoice, settingsPages, settle } from "./settings-page.ts";

const pages = settingsPages();

async function open(choice: OpenChoice = {}) {
  const opened = await pages.open(choice);
  await opened.page.getByRole("heading", { name: "Paired phones" }).waitFor();
  return opened;
}
const focused = (locator: Locator): Promise<boolean> => locator.evaluate((element) => element === document.activeElement);
const SUBSCRIPTION = {
  endpoint: "https://push.example.com/1",
  keys: { p256dh: `B${"A".repeat(86)}`, auth: "A".repeat(22) },
};
const status = (page: Page, text: string): Locator => page.getByRole("status").getByText(text);

describe("the list of phones", () => {
  it("shows what is known of a phone, in words", async () => {
    const { page } = await open({
      at: "2026-11-24T12:00:30Z",
      async prepare({ havePhones, clock, byPhone }) {
        const pixel = { device_id: "pixel", device_name: "Pixel 9", device_type: "android", os_version: "16", paired_via: "qr" } as const;
        await havePhones([pixel], Date.parse("2026-11-24T12:00:30Z") - Date.parse("2026-11-01T08:00:00Z"));
        clock.move(-5.5 * MINUTE);
        await byPhone("pixel");
        clock.move(5.5 * MINUTE);
      },
    });
    const text = (await page.locator(".device").innerText()).replaceAll(/\s+/g, " ");
    for (const words of [
      "Pixel 9",
      "Active",
      "Android, 16",
      "Paired by QR code",
      "Paired 1 Nov 2026",
      "Last seen 5 minutes ago",
      "Access expires 1 Dec 2026",
    ]) {
      expect(text).toContain(words);
    }
    const seen = page.locator(".device time").nth(1);
    await expect.poll(() => seen.getAttribute("datetime")).toBe("2026-11-24T11:55:00Z");
    await expect.poll(() => seen.getAttribute("title")).toBe("24 Nov 2026, 12:55");
    await expect.poll(() => page.locator(".device .icon").first().getAttribute("aria-hidden")).toBe("true");
  });

  it.each(["light", "dark"] as const)("asks to confirm a phone that a program paired, by keyboard alone, %s", async (colorScheme) => {
    const { page } = await open({ phones: [{ confirmed: false }] });
    await page.emulateMedia({ colorScheme });
    await page.getByText("Not confirmed").waitFor();
    expect(await axe(page)).toEqual([]);
    // Every line of text in the row starts below the name.
    const starts = await page
      .locator(".device")
      .locator("h3, p:not(:empty)")
      .evaluateAll((lines) => lines.map((line) => Math.round(line.getBoundingClientRect().left)));
    expect(new Set(starts.slice(0, 5)).size).toBe(1);
    const confirm = page.getByRole("button", { name: "Confirm: John's iPhone" });
    await confirm.focus();
    await page.keyboard.press("Enter");
    await status(page, "John's iPhone is confirmed.").waitFor();
    await confirm.waitFor({ state: "detached" });
    await expect.poll(() => page.locator(".device .state").innerText()).toBe("Active");
  });

  it("is one sentence and one button while it is empty", async () => {
    const { page } = await open();
    await page.getByText("No phones are paired yet. Pair one to get build notifications on your phone.").waitFor();
    await page.getByRole("button", { name: "Pair a phone" }).click();
    await expect.poll(() => focused(page.getByLabel("Phone number"))).toBe(true);
  });

  it("says that it is busy while it loads", async () => {
    const { page, topdog } = await open({ prepare: (topdog) => topdog.hold("findDevices") });
    const section = page.getByRole("region", { name: "Paired phones" });
    await expect.poll(() => section.getAttribute("aria-busy")).toBe("true");
    topdog.release("findDevices");
    await expect.poll(() => section.getAttribute("aria-busy")).toBe("false");
  });

  it("says what is wrong and can be asked for again", async () => {
    const { page, topdog } = await open({
      phones: [{}],
      prepare: (topdog) =>
        topdog.refuse("findDevices", { status: 503, code: "storage_unavailable", detail: "The storage folder cannot be read." }),
    });
    await page.getByRole("alert").getByText("The storage folder cannot be read.").waitFor();
    topdog.refuse("findDevices");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "John's iPhone" }).waitFor();
    await expect.poll(() => page.getByRole("alert").count()).toBe(0);
  });

  it("follows what happens elsewhere", async () => {
    const { page, topdog } = await open({ phones: [{}, { device_name: "Pixel" }] });
    await page.getByText("2 phones").waitFor();
    await topdog.elsewhere("revokeDevice", { device_id: "device-1" });
    await page.getByText("1 phone", { exact: true }).waitFor();
    await page.getByText("Revoked phones (1)").click();
    await page.locator(".revoked").getByText("John's iPhone").waitFor();
  });

  it("says whose a phone is when it is another user's", async () => {
    const { page } = await open({ phones: [{ user_id: "jane" }] });
    await page.getByText("User jane").waitFor();
  });
});

describe("permissions", () => {
  it("are shown, changed with the keyboard, and read out", async () => {
    const { page, topdog } = await open({ phones: [{}] });
    await page.getByText("Permissions: See notifications, answer approvals, give commands").waitFor();
    const button = page.getByRole("button", { name: "Permissions: John's iPhone" });
    await button.press("Enter");
    const choice = page.getByRole("form", { name: "Permissions: John's iPhone" }).getByLabel("Permissions");
    await expect.poll(() => focused(choice)).toBe(true);
    await expect
      .poll(() => choice.locator("option").allInnerTexts())
      .toEqual(["See notifications, answer approvals, give commands", "See notifications, answer approvals", "See notifications"]);
    await page.keyboard.press("End");
    // Nothing is changed before it is saved.
    expect(topdog.calls("changeDevice")).toEqual([]);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await status(page, "The permissions of John's iPhone are changed.").waitFor();
    expect(topdog.calls("changeDevice")).toEqual([{ device_id: "device-1", user_id: "john", level: "view" }]);
    await expect.poll(() => focused(button)).toBe(true);
    await page.getByText("Permissions: See notifications", { exact: true }).waitFor();
    // Escape leaves them as they are.
    await button.press("Enter");
    await page.keyboard.press("Home");
    await page.keyboard.press("Escape");
    await expect.poll(() => focused(button)).toBe(true);
    expect(topdog.calls("changeDevice")).toHaveLength(1);
  });

  it.each(["light", "dark"] as const)("are readable in the %s theme", async (colorScheme) => {
    const { page } = await open({ phones: [{ level: "answer" }] });
    await page.emulateMedia({ colorScheme });
    await page.getByRole("button", { name: "Permissions: John's iPhone" }).click();
    await settle(page);
    expect(await axe(page)).toEqual([]);
  });

  it("say why they cannot be changed", async () => {
    const { page } = await open({
      phones: [{}],
      prepare: (topdog) =>
        topdog.refuse("changeDevice", { status: 503, code: "storage_unavailable", detail: "The storage folder cannot be written." }),
    });
    await page.getByRole("button", { name: "Permissions: John's iPhone" }).click();
    await page.locator(".level-form select").selectOption("view");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("alert").getByText("The storage folder cannot be written.").waitFor();
    await expect.poll(() => page.locator(".level-form select").inputValue()).toBe("view");
  });
});

describe("renaming", () => {
  it("is done with F2, a name and Enter", async () => {
    const { page, topdog } = await open({ phones: [{}] });
    const button = page.getByRole("button", { name: "Rename: John's iPhone" });
    await button.focus();
    await page.keyboard.press("F2");
    const field = page.getByLabel("Name of this phone");
    await expect.poll(() => focused(field)).toBe(true);
    // The old name is selected: typing replaces it.
    await page.keyboard.type("Kitchen phone");
    await page.keyboard.press("Enter");
    await status(page, "Renamed to Kitchen phone.").waitFor();
    expect(topdog.calls("changeDevice")).toEqual([{ device_id: "device-1", user_id: "john", device_name: "Kitchen phone" }]);
    await expect.poll(() => focused(page.getByRole("button", { name: "Rename: Kitchen phone" }))).toBe(true);
  });

  it("is left with Escape, as it was", async () => {
    const { page, topdog } = await open({ phones: [{}] });
    await page.getByRole("button", { name: "Rename: John's iPhone" }).press("Enter");
    await expect.poll(() => focused(page.getByLabel("Name of this phone"))).toBe(true);
    await page.keyboard.type("Nobody");
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "John's iPhone" }).waitFor();
    await expect.poll(() => focused(page.getByRole("button", { name: "Rename: John's iPhone" }))).toBe(true);
    expect(topdog.calls("changeDevice")).toEqual([]);
  });

  it("takes 1 to 40 characters, and says when a name is taken", async () => {
    const { page } = await open({ phones: [{}, { device_name: "Pixel" }] });
    await page.getByRole("button", { name: "Rename: John's iPhone" }).click();
    const field = page.getByLabel("Name of this phone");
    await field.fill("");
    await page.keyboard.press("Enter");
    await status(page, "Enter a name of 1 to 40 characters.").waitFor();
    await expect.poll(() => field.getAttribute("aria-invalid")).toBe("true");
    await field.pressSequentially("x".repeat(45));
    await expect.poll(() => field.inputValue()).toHaveLength(40);
    await field.fill("Pixel");
    await status(page, "Another phone has the same name.").waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await status(page, "Renamed to Pixel.").waitFor();
  });

  it("keeps the typed name when the server refuses it", async () => {
    const { page } = await open({
      phones: [{}],
      prepare: (topdog) =>
        topdog.refuse("changeDevice", {
          status: 400,
          code: "invalid_request",
          detail: "The name is empty. Give the phone a name of 1 to 40 characters.",
        }),
    });
    await page.getByRole("button", { name: "Rename: John's iPhone" }).click();
    await page.getByLabel("Name of this phone").fill("https://x");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("The name is empty.").waitFor();
    await expect.poll(() => page.getByLabel("Name of this phone").inputValue()).toBe("https://x");
  });
});

describe("revoking", () => {
  const two = [{}, { device_name: "Pixel 9" }];

  it("asks first, names the phone and what happens, and starts on Cancel", async () => {
    const { page, topdog } = await open({ phones: two });
    const revoke = page.getByRole("button", { name: "Revoke: John's iPhone" });
    await revoke.press("Enter");
    const dialog = page.getByRole("alertdialog", { name: "Revoke John's iPhone?" });
    await dialog.waitFor();
    await expect.poll(() => dialog.innerText()).toContain("To use it again, pair it again.");
    await expect.poll(() => focused(dialog.getByRole("button", { name: "Cancel" }))).toBe(true);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => focused(revoke)).toBe(true);
    expect(topdog.calls("revokeDevice")).toEqual([]);
  });

  it("moves the focus to the next phone, then to the heading; the phones stay readable", async () => {
    const { page, topdog } = await open({ phones: two });
    await page.getByRole("button", { name: "Revoke: John's iPhone" }).press("Enter");
    await expect.poll(() => focused(page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }))).toBe(true);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await status(page, "Revoked John's iPhone. Pair again to restore.").waitFor();
    await expect.poll(() => focused(page.getByRole("button", { name: "Revoke: Pixel 9" }))).toBe(true);
    await page.keyboard.press("Enter");
    await page.getByRole("alertdialog", { name: "Revoke Pixel 9?" }).getByRole("button", { name: "Revoke" }).click();
    await page.getByText("No phones are paired yet.").waitFor();
    await expect.poll(() => focused(page.getByRole("heading", { name: "Paired phones" }))).toBe(true);
    await page.getByText("Revoked phones (2)").click();
    await expect.poll(() => page.locator(".revoked h3 bdi").allInnerTexts()).toEqual(["John's iPhone", "Pixel 9"]);
    expect(topdog.calls("revokeDevice")).toEqual([
      { device_id: "device-1", user_id: "john" },
      { device_id: "device-2", user_id: "john" },
    ]);
  });

  it("says in the dialog what went wrong", async () => {
    const { page } = await open({
      phones: two,
      prepare: (topdog) =>
        topdog.refuse("revokeDevice", { status: 503, code: "storage_unavailable", detail: "The change could not be written to disk." }),
    });
    await page.getByRole("button", { name: "Revoke: John's iPhone" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("alertdialog").getByRole("alert").getByText("could not be written").waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(".device").count()).toBe(2);
  });

  it("revokes all but the phone that is kept", async () => {
    const { page, topdog } = await open({ phones: [...two, { device_name: "Couch" }] });
    await page.getByRole("button", { name: "Revoke all other phones…" }).click();
    const dialog = page.getByRole("alertdialog", { name: "Revoke all other phones?" });
    await expect.poll(() => focused(dialog.getByRole("button", { name: "Cancel" }))).toBe(true);
    // Nothing is chosen in advance, and neither a press nor Enter revokes anything yet.
    await expect.poll(() => dialog.getByRole("radio", { checked: true }).count()).toBe(0);
    await dialog.getByRole("button", { name: "Revoke phones" }).click();
    await dialog.getByText("Choose the phone to keep, or none.").waitFor();
    await dialog.getByLabel("Pixel 9").check();
    await dialog.getByRole("button", { name: "Revoke 2 phones" }).click();
    await dialog.getByText("Type the word above to confirm.").waitFor();
    expect(topdog.calls("revokeAllDevices")).toEqual([]);
    await dialog.getByLabel("Type revoke to confirm").fill("Revoke ");
    await dialog.getByRole("button", { name: "Revoke 2 phones" }).click();
    await status(page, "Revoked 2 phones. Pair again to restore.").waitFor();
    await expect.poll(() => page.locator(".device h3 bdi").allInnerTexts()).toEqual(["Pixel 9"]);
    expect(topdog.calls("revokeAllDevices")).toEqual([{ except_device_id: "device-2" }]);
    await expect.poll(() => page.getByRole("button", { name: "Revoke all other phones…" }).count()).toBe(0);
    await expect.poll(() => focused(page.getByRole("heading", { name: "Paired phones" }))).toBe(true);
  });

  it("distinguishes thirty phones, equal names too, and keeps the way back in view", async () => {
    const many = Array.from({ length: 28 }, (_each, index) => ({ device_name: `Phone ${index}` }));
    const { page } = await open({
      phones: [
        { device_name: "iPhone", device_id: "iphone-a", user_id: "jane", paired_via: "qr" },
        { device_name: "iPhone", device_id: "iphone-b" },
        ...many,
      ],
      context: { viewport: { width: 800, height: 600 } },
    });
    await page.getByRole("button", { name: "Revoke all other phones…" }).click();
    const dialog = page.getByRole("alertdialog");
    const cancel = dialog.getByRole("button", { name: "Cancel" });
    await expect.poll(() => focused(cancel)).toBe(true);
    const inView = async (): Promise<boolean> => {
      const box = await cancel.boundingBox();
      return box !== null && box.y >= 0 && box.y + box.height <= 600;
    };
    await expect.poll(() => inView()).toBe(true);
    const rows = await dialog.locator("label:has(input[type=radio])").allInnerTexts();
    expect(rows).toHaveLength(31);
    const equal = rows.filter((row) => row.startsWith("iPhone"));
    expect(equal).toHaveLength(2);
    expect(equal.find((row) => row.includes("ID iphone-a"))).toMatch(/User jane[\s\S]*Paired by QR code[\s\S]*Paired \d[\s\S]*Last seen/);
    expect(equal.find((row) => row.includes("ID iphone-b"))).toMatch(/User john[\s\S]*Paired by SMS/);
    expect(rows.filter((row) => row.includes("ID "))).toHaveLength(2);
    await dialog.getByRole("radio").last().scrollIntoViewIfNeeded();
    await expect.poll(() => inView()).toBe(true);
    expect(await axe(page)).toEqual([]);
  });

  it("keeps one of two phones that have the same id under two users", async () => {
    const phones = ["john", "jane"].map((user_id) => ({ device_id: "same", user_id, device_name: `Phone of ${user_id}` }));
    const { page } = await open({ phones });
    await page.getByRole("button", { name: "Revoke all other phones…" }).click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByLabel("Phone of jane").check();
    await expect.poll(() => dialog.getByRole("radio", { checked: true }).count()).toBe(1);
    await dialog.getByLabel("Type revoke to confirm").fill("revoke");
    await dialog.getByRole("button", { name: "Revoke 1 phone" }).click();
    await status(page, "Revoked 1 phone. Pair again to restore.").waitFor();
    await expect.poll(() => page.locator(".device h3 bdi").allInnerTexts()).toEqual(["Phone of jane"]);
  });

  it("is offered for all others only where there are others", async () => {
    const { page } = await open({ phones: [{}, { status: "suspended" }] });
    await page.locator(".device").first().waitFor();
    await expect.poll(() => page.getByRole("button", { name: "Revoke all other phones…" }).count()).toBe(0);
  });
});

describe("suspending", () => {
  it("is a button, and so is the way back", async () => {
    const { page } = await open({ phones: [{}] });
    await page.getByRole("button", { name: "Suspend: John's iPhone" }).click();
    await status(page, "John's iPhone is suspended.").waitFor();
    await page.locator(".device .pill").getByText("Suspended").waitFor();
    await page.getByRole("button", { name: "Reactivate: John's iPhone" }).click();
    await status(page, "John's iPhone is active again.").waitFor();
    await page.locator(".device .pill").getByText("Active").waitFor();
  });
});

describe("names that strangers chose", () => {
  // The server cleans them, and the page does not rely on it.
  const called =
    (name: string) =>
    ({ devices, ...found }: AnswerOf<"findDevices">): AnswerOf<"findDevices"> => ({
      ...found,
      devices: devices.map((device) => (device.device_id === "device-1" ? { ...device, device_name: name } : device)),
    });

  it.each([
    ["markup", "<img src=x onerror=alert(1)><b>x</b>"],
    ["catalogue marks", "{{name}} $t(page.title) {0}"],
    ["a bidi override", "\u202egnp.exe"],
    ["forty wide letters", "W".repeat(40)],
    ["right to left", "هاتف محمد الجديد"],
    ["one long emoji line", "👨‍👩‍👧‍👦".repeat(3)],
  ])("are text and break nothing: %s", async (_what, name) => {
    const { page } = await open({
      phones: [{}, { device_name: "Pixel" }],
      prepare: (topdog) => topdog.alter("findDevices", called(name)),
      context: { viewport: { width: 300, height: 900 } },
    });
    await expect.poll(() => page.locator(".device h3 bdi").first().textContent()).toBe(name);
    await expect.poll(() => page.locator(".device img, .device b").count()).toBe(0);
    const revoke = page.locator("[data-revoke]").first();
    await expect.poll(() => revoke.getAttribute("aria-label")).toBe(`Revoke: ${name}`);
    await revoke.click();
    await expect.poll(() => page.getByRole("alertdialog").getByRole("heading").textContent()).toBe(`Revoke ${name}?`);
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(300);
    await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
    await expect.poll(() => page.locator(".notice p").textContent()).toBe(`Revoked ${name}. Pair again to restore.`);
  });

  it("are called unnamed when they are empty", async () => {
    const { page } = await open({ phones: [{}], prepare: (topdog) => topdog.alter("findDevices", called("")) });
    await page.getByRole("button", { name: "Rename: Unnamed phone" }).waitFor();
  });
});

it("opens where the menu asks, even before the page has loaded", async () => {
  const each = await pages.open({
    phones: [{}],
    prepare: (topdog) => {
      topdog.hold("overview");
    },
  });
  each.topdog.open("pair");
  each.topdog.release("overview");
  const number = each.page.getByLabel("Phone number");
  await expect.poll(async () => (await number.count()) === 1 && focused(number)).toBe(true);
  each.topdog.open("devices");
  await expect.poll(() => focused(each.page.getByRole("heading", { name: "Paired phones" }))).toBe(true);
});

it("shows a hundred phones in two pages, and one change reads these and no more", async () => {
  const { page, topdog } = await open({
    at: "2026-11-24T12:00:00Z",
    env: MANY_PHONES,
    phones: Array.from({ length: 100 }, (_, place) => ({ device_name: `Phone ${place}` })),
  });
  await settle(page);
  await page.getByRole("button", { name: "Show more: Paired phones" }).click();
  await settle(page);
  await expect.poll(() => page.locator(".device").count()).toBe(100);
  const before = topdog.calls("findDevices").length;
  await topdog.elsewhere("changeDevice", { device_id: "device-70", device_name: "Changed" });
  await settle(page);
  await page.getByRole("heading", { name: "Changed" }).waitFor();
  expect(topdog.calls("findDevices")).toHaveLength(before + 2);
  expect(topdog.calls("listDevices")).toEqual([]);
});

describe("a test notification", () => {
  it("is sent by a button of the phone's row, which shows its outcome on each channel", async () => {
    const { page, topdog } = await open({
      phones: [{ device_name: "Pixel 9" }],
      prepare: async ({ byPhone, as }) => as(await byPhone("device-1"), "subscribeToPush", SUBSCRIPTION),
    });
    await page.getByRole("button", { name: "Send test: Pixel 9" }).click();
    await status(page, "A test is waiting for this phone to fetch it. The push service accepted the notification.").waitFor();
    expect(topdog.calls("testDevice")).toHaveLength(1);
    // Its outcome on the phone is shown at once.
    const [test] = (await topdog.elsewhere("listNotifications", {})).notifications;
    await topdog.fetchMessages("device-1");
    await status(page, "The test was delivered to the phone. The push service accepted the notification.").waitFor();
    await topdog.fetchMessages("device-1", test?.notification_id);
    await status(page, "The test was read on the phone. The push service accepted the notification.").waitFor();
  });

  it("says that the phone will not get it, where it was paired anew before it had it", async () => {
    const { page, topdog } = await open({ phones: [{ device_name: "Pixel 9" }] });
    await page.getByRole("button", { name: "Send test: Pixel 9" }).click();
    await status(page, "A test is waiting for this phone to fetch it.").waitFor();
    // The page reads the phones again when both have happened.
    topdog.hold("findDevices");
    await topdog.elsewhere("revokeDevice", { device_id: "device-1" });
    await topdog.pair({ device_id: "device-1", device_name: "Pixel 9" });
    topdog.release("findDevices");
    await status(page, "The test wasn't delivered to this phone.").waitFor();
  });

  it("is not offered for a phone that is suspended", async () => {
    const { page } = await open({ phones: [{ device_name: "Pixel 9", status: "suspended" }] });
    await page.getByRole("button", { name: "Reactivate: Pixel 9" }).waitFor();
    await expect.poll(() => page.getByRole("button", { name: "Send test: Pixel 9" }).count()).toBe(0);
  });
});
