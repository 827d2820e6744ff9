import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { AnswerOf } from "../../src/contract/operations.ts";
import { axe } from "../browser.ts";
import { settingsPages } from "./settings-page.ts";

const pages = settingsPages();

const LOCKED: AnswerOf<"checkSecrets"> = {
  kind: "keychain",
  state: "locked",
  sentence: "The keyring is locked. Unlock it, then try again.",
  ways: ["retry", "file"],
  new_key: true,
  can_pair: false,
};

const open = async (secrets: AnswerOf<"checkSecrets">): Promise<Page> => (await pages.open({ fake: { overview: { secrets } } })).page;
const asked = (page: Page, name: string): Promise<unknown[]> =>
  page.evaluate((wanted) => window.fakePage.calls.filter((call) => call.name === wanted).map(({ input }) => input), name);

it("says nothing of the keychain while it works, and while it is being asked", async () => {
  for (const state of ["ready", "opening"] as const) {
    const page = await open({ kind: "keychain", state, ways: [], new_key: false, can_pair: true });
    await page.getByText("No phones are paired yet.").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  }
});

it("says what is wrong with the keychain, asks it again, and is content when it answers", async () => {
  const page = await open(LOCKED);
  const banner = page.getByRole("alert");
  expect(await banner.innerText()).toBe(
    "The keychain can't be used. The keyring is locked. Unlock it, then try again. Until then, phones can't be paired, and paired phones can't connect.",
  );
  await page.getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => asked(page, "checkSecrets")).toEqual([{}]);
  await banner.waitFor();
  await page.evaluate(() => {
    window.fakePage.setOverview({ secrets: { kind: "keychain", state: "ready", ways: [], new_key: false, can_pair: true } });
    window.fakePage.emit("invites");
  });
  await banner.waitFor({ state: "detached" });
});

it("keeps the key in a file only when somebody says so, having read what that means, and back again", async () => {
  const page = await open(LOCKED);
  await page.getByRole("button", { name: "Store the key in a file instead…" }).click();
  const question = page.getByRole("alertdialog", { name: "Store the key in a file?" });
  await question.getByText("every phone must be paired again").waitFor();
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "detached" });
  expect(await asked(page, "moveSecrets")).toEqual([]);

  await page.getByRole("button", { name: "Store the key in a file instead…" }).click();
  await question.getByRole("button", { name: "Store in a file" }).click();
  await page.getByText("stored in a file in the storage folder, as you chose").waitFor();
  expect([await page.getByRole("alert").count(), await asked(page, "moveSecrets")]).toEqual([0, [{ to: "file" }]]);

  await page.evaluate(() =>
    window.fakePage.refuse("moveSecrets", { status: 503, code: "keys_unavailable", detail: "The keyring is locked." }),
  );
  await page.getByRole("button", { name: "Move it to the keychain" }).click();
  await page.getByRole("alert").getByText("The keyring is locked.").waitFor();
  await page.evaluate(() => window.fakePage.refuse("moveSecrets"));
  await page.getByRole("button", { name: "Move it to the keychain" }).click();
  await page.getByText("kept in a file of the storage folder").waitFor({ state: "detached" });
});

it("does not speak of pairing again where the key goes along", async () => {
  const page = await open({ ...LOCKED, new_key: false, can_pair: true });
  await page.getByRole("button", { name: "Store the key in a file instead…" }).click();
  await page.getByRole("alertdialog").waitFor();
  expect(await page.getByText("must be paired again").count()).toBe(0);
});

it("sends no link and makes no QR code while no phone could be paired, and says why beside both buttons", async () => {
  const page = await open(LOCKED);
  const why = "Phones can't be paired right now. No link is sent and no QR code is made. The keyring is locked. Unlock it, then try again.";
  const send = page.getByRole("button", { name: "Send Pairing Link" });
  await page.getByLabel("Phone number").fill("+1 415 555 2671");
  await page.getByLabel("Phone number").press("Enter");
  expect(await send.getAttribute("aria-disabled")).toBe("true");
  await page.locator("#sms-blocked").getByText(why).waitFor();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("tab", { name: "QR code" }).click();
  const show = page.getByRole("button", { name: "Show QR code" });
  await page.locator("#qr-blocked").getByText(why).waitFor();
  await show.click({ force: true });
  expect([await asked(page, "sendInvite"), await asked(page, "generateQr")]).toEqual([[], []]);

  await page.evaluate(() => {
    window.fakePage.setOverview({ secrets: { kind: "keychain", state: "ready", ways: [], new_key: false, can_pair: true } });
    window.fakePage.emit("invites");
  });
  await page.locator("#qr-blocked").waitFor({ state: "detached" });
  await show.click();
  await page.getByText("The link in the code").waitFor();
});
