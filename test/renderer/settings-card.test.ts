import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Option } from "../../src/settings/option.ts";
import { OPTIONS } from "../../src/settings/options.ts";
import { axe } from "../browser.ts";
import { type OpenChoice, settingsPages } from "./settings-page.ts";

const pages = settingsPages("settings");

/** Nothing is saved, unless a test says otherwise. */
async function open(choice: OpenChoice = {}) {
  const { page, topdog } = await pages.open({ saved: {}, ...choice });
  await page.getByRole("heading", { name: "All settings", exact: true }).click();
  await page.getByLabel("Find a setting").waitFor();
  return {
    page,
    card: page.locator("details", { has: page.getByRole("heading", { name: "All settings", exact: true }) }),
    field: (name: string) => page.getByLabel(name, { exact: true }),
    save: async (): Promise<void> => page.locator("details[open]").getByRole("button", { name: "Save", exact: true }).click(),
    topdog,
    saved: (): unknown[] =>
      topdog
        .calls("saveHostSettings")
        .filter(({ check_only }) => check_only !== true)
        .map(({ values }) => values),
  };
}

/** What a screen reader reads with the element that has the focus. */
const focused = async (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLInputElement | null;
    const described = (element?.getAttribute("aria-describedby") ?? "").split(" ");
    return {
      name: element?.labels?.[0]?.textContent ?? element?.getAttribute("aria-label") ?? element?.textContent ?? "",
      invalid: element?.getAttribute("aria-invalid") === "true",
      described: described.map((id) => document.getElementById(id)?.textContent ?? "").join(" "),
    };
  });

describe("the settings card", () => {
  it("shows every setting of the page in its group by a human name, with what it means, its default and its variable", async () => {
    const { card, field } = await open();
    const editable = (Object.entries(OPTIONS) as [string, Option][]).filter(([, { group }]) => group !== undefined).map(([name]) => name);
    expect((await card.locator(".variable").allInnerTexts()).sort()).toEqual(editable.sort());
    for (const label of await card.locator("label").allInnerTexts()) expect(label).not.toMatch(/PAIRING_|PHONE_/);
    for (const heading of await card.locator("h3").allInnerTexts()) expect(heading).toMatch(/^[A-Z]/);
    await expect.poll(() => field("Link lifetime (minutes)").getAttribute("placeholder")).toBe("15");
    const hint = card.locator("#setting-PAIRING_PORT-hint");
    await expect
      .poll(() => hint.innerText())
      .toBe("The local door's port; 0 takes a free one. Default: 8000. Changes apply after a restart.");
  });

  it("saves what was changed by keyboard alone, says that it is in use, and takes it back to the default", async () => {
    const { page, field, saved, card } = await open();
    await field("Link lifetime (minutes)").focus();
    await page.keyboard.type("30");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("Saved and applied.").waitFor();
    await field("Require a one-time password").focus();
    await page.keyboard.press("Space");
    await card.getByText("You have unsaved changes.").waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(saved).toEqual([{ PAIRING_INVITE_EXPIRY_MINUTES: "30" }, { PAIRING_QR_REQUIRE_OTP: "1" }]);
    await card.getByText("2 changed").waitFor();
    await page.getByRole("button", { name: "Reset to default: Link lifetime (minutes)" }).click();
    await field("Link lifetime (minutes)").press("Enter");
    await expect.poll(saved).toHaveLength(3);
    expect(saved()[2]).toEqual({ PAIRING_INVITE_EXPIRY_MINUTES: null });
    await card.getByText("1 changed").waitFor();
    await expect.poll(() => field("Link lifetime (minutes)").inputValue()).toBe("");
  });

  it("names what another server saved and this one cannot use, until something else is saved there", async () => {
    const { page, field, card, saved } = await open({
      savedElsewhere: { PAIRING_SMS_PER_DAY: "of a newer version", PAIRING_PORT: "9000" },
    });
    const note = card.locator("#setting-PAIRING_SMS_PER_DAY-note");
    await expect.poll(() => note.innerText()).toMatch(/^Another server saved this, and it can't be used here: it must be a whole number/);
    // The other one is right, and waits for a restart.
    await expect.poll(() => card.locator("#setting-PAIRING_PORT-note").innerText()).toBe("Saved. It applies after a restart.");
    await field("Texts per day").fill("50");
    await field("Texts per day").press("Enter");
    await page.getByRole("status").getByText("Saved").waitFor();
    await expect.poll(saved).toEqual([{ PAIRING_SMS_PER_DAY: "50" }]);
    await expect.poll(() => note.innerText()).toBe("");
  });

  it("says beside a field what is wrong when it is left, and when it is saved, where the focus goes to the first", async () => {
    const { page, field, save, saved, card } = await open();
    await field("QR code lifetime (minutes)").fill("90");
    await field("Your name").focus();
    await page.getByText("QR code lifetime (minutes) must be a whole number from 1 to 60.").waitFor();
    await expect.poll(() => field("QR code lifetime (minutes)").getAttribute("aria-invalid")).toBe("true");
    await field("Your country").fill("Germany");
    await page.getByLabel("Find a setting").fill("port");
    await save();
    // What hid the field makes way.
    await expect.poll(async () => (await focused(page)).name).toBe("Your country");
    await expect
      .poll(() => focused(page))
      .toMatchObject({
        invalid: true,
        described: expect.stringContaining("Your country must be a two-letter country code."),
      });
    await expect
      .poll(() => card.locator(".wrong").allInnerTexts())
      .toEqual(["Your country must be a two-letter country code.", "QR code lifetime (minutes) must be a whole number from 1 to 60."]);
    await page.getByRole("alert").getByText("Nothing was saved").waitFor();
    await field("Your country").fill("de");
    await field("QR code lifetime (minutes)").fill("");
    await save();
    await page.getByText("Saved and applied.").waitFor();
    expect(saved().at(-1)).toEqual({ PAIRING_COUNTRY: "de" });
    await expect.poll(() => card.locator(".wrong").count()).toBe(0);
    expect(await axe(page)).toEqual([]);
  });

  it("says what two settings are wrong about together, beside the one that has to change", async () => {
    const { page, field, save } = await open();
    await field("Local door address").fill("0.0.0.0");
    await save();
    await page.getByText("Local door address 0.0.0.0 opens the local door to the network: set PHONE_DEVICES_REQUIRE_ADMIN=1").waitFor();
    expect((await focused(page)).name).toBe("Local door address");
  });

  it("marks what the environment rules, and leaves it alone", async () => {
    const { page, card, field, save, saved } = await open({ env: { PAIRING_PORT: "9000", PAIRING_QR_REQUIRE_OTP: "1" } });
    // Nobody changed anything here.
    await card.getByText("Default settings").waitFor();
    await expect.poll(() => field("Local door port").inputValue()).toBe("9000");
    await expect.poll(() => field("Local door port").getAttribute("readonly")).not.toBeNull();
    await field("Local door port").focus();
    expect((await focused(page)).described).toContain("Set by PAIRING_PORT. Change it there and restart Top Dog.");
    await expect.poll(() => page.getByRole("button", { name: "Reset to default: Local door port" }).count()).toBe(0);
    await field("Require a one-time password").press("Space");
    await expect.poll(() => field("Require a one-time password").isChecked()).toBe(true);
    await save();
    await page.getByText("No changes to save.").waitFor();
    expect(saved()).toEqual([]);
  });

  it("discards what was typed, and keeps it whatever news arrives", async () => {
    const { page, field, topdog } = await open({ saved: { PAIRING_MQTT_BROKER: "mqtt.example.com" } });
    await field("MQTT broker").fill("other.example.com");
    topdog.emit("settings");
    await page.getByText("You have unsaved changes.").waitFor();
    await expect.poll(() => field("MQTT broker").inputValue()).toBe("other.example.com");
    await page.getByRole("button", { name: "Discard changes" }).click();
    await expect.poll(() => field("MQTT broker").inputValue()).toBe("mqtt.example.com");
    expect((await focused(page)).name).toBe("Save");
  });

  it("offers what is one of a few words as a choice in plain words, by keyboard alone", async () => {
    const { page, field, saved, card } = await open();
    const choice = field("Confirm each new phone at this computer");
    await expect.poll(() => choice.locator("option").allInnerTexts()).toEqual(["Never", "Only for QR codes", "Always"]);
    await expect.poll(() => card.locator("#setting-PAIRING_CONFIRM-hint").innerText()).toContain("Default: Never.");
    await choice.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Tab");
    await page.getByText("You have unsaved changes.").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).press("Enter");
    await page.getByRole("status").getByText("Saved and applied.").waitFor();
    await choice.selectOption("Never");
    await page.getByRole("button", { name: "Save", exact: true }).press("Enter");
    await expect.poll(saved).toEqual([{ PAIRING_CONFIRM: "always" }, { PAIRING_CONFIRM: null }]);
  });

  it("leaves a choice of the environment alone", async () => {
    const { page, field, save, saved } = await open({ env: { PAIRING_CONFIRM: "qr-only" } });
    const choice = field("Confirm each new phone at this computer");
    await choice.focus();
    expect((await focused(page)).described).toContain("Set by PAIRING_CONFIRM.");
    await page.keyboard.press("End");
    await expect.poll(() => choice.inputValue()).toBe("qr-only");
    await save();
    expect(saved()).toEqual([]);
  });

  it("finds settings by any of their words, and says how many there are", async () => {
    const { page, card } = await open();
    const find = page.getByLabel("Find a setting");
    await find.fill("phone door port");
    await card.getByRole("status").getByText("1 setting").waitFor();
    await expect.poll(() => card.locator(".variable").allInnerTexts()).toEqual(["PAIRING_PHONE_PORT"]);
    await find.fill("mqtt_BROKER");
    await expect.poll(() => card.locator(".variable").allInnerTexts()).toEqual(["PAIRING_MQTT_BROKER"]);
    await find.fill("pigeon");
    await card.getByRole("status").getByText("No matching settings").waitFor();
    expect(await axe(page)).toEqual([]);
  });

  it("says what waits for a restart, and restarts from here", async () => {
    const { page, field, save, card } = await open();
    await field("Phone door port").fill("9001");
    await save();
    await card.getByText("1 applies after a restart").waitFor();
    await card.getByText("Applies after a restart: Phone door port.").waitFor();
    await field("Phone door port").focus();
    expect((await focused(page)).described).toContain("Saved. It applies after a restart.");
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Restart pairing now" }).press("Enter");
    await page.getByRole("status").getByText("Pairing was restarted.").waitFor();
    expect((await focused(page)).name).toBe("Save");
  });

  it("shows a restart that failed, with the way back", async () => {
    const { page, field, save } = await open({
      restarted: {
        kind: "failed",
        sentence: "The phone door can't open nowhere:8001 because the host name isn't known.",
        fault: "other",
        value: "nowhere",
        fixed: false,
        way_back: "previous",
      },
    });
    await field("Phone door address").fill("nowhere");
    await save();
    await page.getByRole("button", { name: "Restart pairing now" }).click();
    await page.getByRole("alert").getByText("the host name isn't known").waitFor();
    await expect.poll(() => page.getByLabel("Another port").count()).toBe(0);
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Restore the last working settings" }).click();
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
  });

  it("says why it could not save, and keeps what was typed", async () => {
    const { page, field, save, topdog } = await open();
    topdog.refuse("saveHostSettings", {
      status: 503,
      code: "storage_unavailable",
      detail: "The change could not be written to disk.",
    });
    await field("Your name").fill("Jane");
    await save();
    await page.getByRole("alert").getByText("The change could not be written to disk.").waitFor();
    await expect.poll(() => field("Your name").inputValue()).toBe("Jane");
  });

  it("shows what it cannot read, and reads it again", async () => {
    const { page, topdog } = await pages.open({
      prepare: (topdog) => topdog.refuse("hostSettings", { status: 503, code: "storage_unavailable", detail: "It cannot be read." }),
    });
    await page.getByRole("heading", { name: "All settings", exact: true }).click();
    const problem = page.getByRole("alert").filter({ hasText: "It cannot be read." });
    await problem.waitFor();
    topdog.refuse("hostSettings");
    await problem.getByRole("button", { name: "Try again" }).click();
    await page.getByLabel("Find a setting").waitFor();
  });

  it.each([
    ["light", { colorScheme: "light", forcedColors: "none" }],
    ["dark", { colorScheme: "dark", forcedColors: "none" }],
    ["forced colours", { colorScheme: "dark", forcedColors: "active" }],
  ] as const)("everybody can use in %s, at 320 pixels too", async (_theme, media) => {
    const { page, field, save } = await open({ env: { PAIRING_PORT: "9000" }, saved: { PAIRING_SMS_PER_DAY: "5" } });
    await page.emulateMedia(media);
    await field("QR code lifetime (minutes)").fill("90");
    await save();
    await page.locator(".wrong").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 800 });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    expect(await axe(page)).toEqual([]);
  });
});

describe("the admin token", () => {
  const part = (page: Page) => page.getByRole("region", { name: "Admin token" });

  it("is made and shown once, to be copied; the page sends it and shows it no more", async () => {
    const { page, topdog } = await open();
    await part(page).getByText("Not set.").waitFor();
    await part(page).getByRole("button", { name: "Create an admin token" }).click();
    const field = part(page).getByLabel("Copy it now. It won't be shown again.");
    await expect.poll(() => field.inputValue()).toMatch(/^[0-9a-f]{64}$/);
    expect(topdog.calls("saveAdminToken")).toEqual([{ admin_token: await field.inputValue() }]);
    await part(page).getByText("Stored in this computer's keychain.").waitFor();
    expect(await axe(page)).toEqual([]);
    await part(page).getByRole("button", { name: "Remove" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await part(page).getByText("Not set.").waitFor();
    await expect.poll(() => field.count()).toBe(0);
  });

  it("is replaced only after a question, and an error is shown in it", async () => {
    const { page, topdog } = await open({
      prepare: async ({ elsewhere }) => void (await elsewhere("saveAdminToken", { admin_token: "x".repeat(40) })),
    });
    await part(page).getByRole("button", { name: "Replace token" }).click();
    expect(topdog.calls("saveAdminToken").length).toBe(0);
    topdog.refuse("saveAdminToken", { status: 503, code: "secrets_unavailable", detail: "The keyring is locked." });
    const question = page.getByRole("alertdialog");
    await question.getByRole("button", { name: "Replace token" }).click();
    await question.getByText("The keyring is locked.").waitFor();
    await expect.poll(() => part(page).locator("#made-token").count()).toBe(0);
  });

  it("of the environment is shown, and offers nothing", async () => {
    const { page } = await open({ env: { ADMIN_TOKEN: "x".repeat(40) } });
    await part(page).getByText("Set by ADMIN_TOKEN.").waitFor();
    await expect.poll(() => part(page).getByRole("button").count()).toBe(0);
  });
});
