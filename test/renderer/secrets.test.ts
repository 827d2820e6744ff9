import { expect, it } from "vitest";
import type { SecretPlaceStatus } from "../../src/core/index.ts";
import { axe, openView } from "../browser.ts";
import { settingsPages } from "./settings-page.ts";

const pages = settingsPages();

const LOCKED: SecretPlaceStatus = {
  kind: "keychain",
  state: "locked",
  sentence: "The keyring is locked. Unlock it, then try again.",
  ways: ["retry", "file"],
  newKey: true,
};

const open = (secrets: SecretPlaceStatus) => pages.open({ prepare: ({ setSecrets }) => setSecrets(secrets) });

it("says nothing of the keychain while it works, and while it is being asked", async () => {
  for (const state of ["ready", "opening"] as const) {
    const { page } = await open({ kind: "keychain", state, ways: [], newKey: false });
    await page.getByText("No phones are paired yet.").waitFor();
    await expect.poll(() => page.getByRole("alert").count()).toBe(0);
  }
});

it("says what is wrong with the keychain, asks it again, and is content when it answers", async () => {
  const { page, topdog } = await open(LOCKED);
  const banner = page.getByRole("alert");
  await expect
    .poll(() => banner.innerText())
    .toBe(
      "The keychain can't be used. The keyring is locked. Unlock it, then try again. Until then, phones can't be paired, and paired phones can't connect.",
    );
  await page.getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => topdog.calls("checkSecrets")).toEqual([{}]);
  await banner.waitFor();
  topdog.setSecrets();
  await banner.waitFor({ state: "detached" });
});

it("keeps the key in a file only when somebody says so, having read what that means, and back again", async () => {
  const { page, topdog } = await open(LOCKED);
  await page.getByRole("button", { name: "Store the key in a file instead…" }).click();
  const question = page.getByRole("alertdialog", { name: "Store the key in a file?" });
  await question.getByText("every phone must be paired again").waitFor();
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "detached" });
  expect(topdog.calls("moveSecrets")).toEqual([]);

  await page.getByRole("button", { name: "Store the key in a file instead…" }).click();
  await question.getByRole("button", { name: "Store in a file" }).click();
  await openView(page, "Settings");
  await page.getByText("stored in a file in the storage folder, as you chose").waitFor();
  expect([await page.getByRole("alert").count(), topdog.calls("moveSecrets")]).toEqual([0, [{ to: "file" }]]);

  topdog.refuse("moveSecrets", { status: 503, code: "keys_unavailable", detail: "The keyring is locked." });
  await page.getByRole("button", { name: "Move it to the keychain" }).click();
  await page.getByRole("alert").getByText("The keyring is locked.").waitFor();
  topdog.refuse("moveSecrets");
  await page.getByRole("button", { name: "Move it to the keychain" }).click();
  await page.getByText("kept in a file of the storage folder").waitFor({ state: "detached" });
});

it("does not speak of pairing again where the key goes along", async () => {
  const { page } = await open({ ...LOCKED, newKey: false });
  await page.getByRole("button", { name: "Store the key in a file instead…" }).click();
  await page.getByRole("alertdialog").waitFor();
  await expect.poll(() => page.getByText("must be paired again").count()).toBe(0);
});

it("sends no link and makes no QR code while no phone could be paired, and says why beside both buttons", async () => {
  const { page, topdog } = await open(LOCKED);
  const why = "Phones can't be paired right now. No link is sent and no QR code is made. The keyring is locked. Unlock it, then try again.";
  const send = page.getByRole("button", { name: "Send Pairing Link" });
  await page.getByLabel("Phone number").fill("+1 415 555 2671");
  await page.getByLabel("Phone number").press("Enter");
  await expect.poll(() => send.getAttribute("aria-disabled")).toBe("true");
  await page.locator("#sms-blocked").getByText(why).waitFor();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("tab", { name: "QR code" }).click();
  const show = page.getByRole("button", { name: "Show QR code" });
  await page.locator("#qr-blocked").getByText(why).waitFor();
  await show.click({ force: true });
  expect([topdog.calls("sendInvite"), topdog.calls("generateQr")]).toEqual([[], []]);

  topdog.setSecrets();
  await page.locator("#qr-blocked").waitFor({ state: "detached" });
  await show.click();
  await page.getByText("The link in the code").waitFor();
});
