import { expect, it } from "vitest";
import { axe } from "../browser.ts";
import { settingsPages } from "./settings-page.ts";

const pages = settingsPages("settings");

it("checks for a new version on request, shows the download, and installs it by one button", async () => {
  const { page, topdog } = await pages.open({
    update: { known: { kind: "idle" }, found: { kind: "loading", version: "0.2.0", percent: 40 } },
  });
  const card = page.getByRole("region", { name: "This app" });
  await card.getByText("Not checked for updates yet.").waitFor();
  await card.getByRole("button", { name: "Check now" }).click();
  await card.getByText("Downloading version 0.2.0: 40%.").waitFor();
  await expect.poll(() => card.getByRole("button").count()).toBe(0);
  topdog.desktop.update = { kind: "ready", version: "0.2.0" };
  await card.getByText("Version 0.2.0 is ready to install.").waitFor();
  expect(await axe(page)).toEqual([]);
  await card.getByRole("button", { name: "Restart and install" }).click();
  await expect.poll(() => topdog.desktop.installs).toBe(1);
});

it("says why it could not check, and checks by itself only where that is wanted", async () => {
  const { page } = await pages.open({
    update: { known: { kind: "latest", version: "0.1.0" }, found: { kind: "failed", sentence: "ENOTFOUND." } },
  });
  const card = page.getByRole("region", { name: "This app" });
  await card.getByText("You have the latest version, 0.1.0.").waitFor();
  const wanted = card.getByRole("checkbox", { name: /^Check for updates/ });
  await expect.poll(() => wanted.isChecked()).toBe(false);
  await wanted.check();
  await card.getByRole("button", { name: "Check now" }).click();
  await card.getByText("Couldn't check for updates: ENOTFOUND. Check the internet connection, then try again.").waitFor();
});

it("says nothing of new versions where there is nowhere to look", async () => {
  const { page } = await pages.open();
  const card = page.getByRole("region", { name: "This app" });
  await card.getByRole("checkbox", { name: "Start when I log in" }).waitFor();
  await expect.poll(() => card.getByText("version").count()).toBe(0);
});
