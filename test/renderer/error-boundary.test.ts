import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { settingsPages } from "./settings-page.ts";

const pages = settingsPages();

/** React reports what a boundary caught on the console: expected here, whatever else is there is not. */
function unexpected(complaints: string[]): string[] {
  return complaints.splice(0).filter((complaint) => !/Minified React error #31|reading '|dynamically imported/i.test(complaint));
}

const reloaded = async (page: Page): Promise<void> => {
  await page.evaluate(() => Object.assign(window, { beforeReload: true }));
  await page.getByRole("button", { name: "Reload the page" }).click();
  await expect.poll(() => page.evaluate(() => "beforeReload" in window)).toBe(false);
};

it("shows a message and a Reload button in place of a card that throws, and the rest of the page works", async () => {
  const { page, complaints } = await pages.open({
    fake: { devices: [{}] },
    prepare: (desk) => {
      // Answers that no schema has looked at, as a desktop app of another version might give.
      Object.assign(desk.bridge, { reachability: async () => ({ ok: true, value: {} }) });
    },
  });
  const card = page.getByRole("region", { name: "Phone reachability" });
  await card
    .getByRole("alert")
    .getByText("“Phone reachability” ran into an error and can't be shown. The rest of the page works.")
    .waitFor();
  await page.getByRole("button", { name: "Rename: John's iPhone" }).click();
  await page.getByLabel("Name of this phone").fill("Mine");
  await page.keyboard.press("Enter");
  await page.getByText("Renamed to Mine.").waitFor();
  expect(unexpected(complaints)).toEqual([]);
  await reloaded(page);
  await card.getByRole("alert").waitFor();
  expect(unexpected(complaints)).toEqual([]);
});

it("draws a card again when it is tried again, after what made it throw is gone", async () => {
  const { page, complaints } = await pages.open({
    prepare: (desk) => {
      const { reachability } = desk.bridge;
      let asked = 0;
      Object.assign(desk.bridge, {
        reachability: async () => (++asked > 1 ? reachability({}) : { ok: true, value: {} }),
      });
    },
  });
  const card = page.getByRole("region", { name: "Phone reachability" });
  await card.getByRole("alert").waitFor();
  await card.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Phone reachability" }).waitFor();
  expect(await card.getByRole("alert").count()).toBe(0);
  expect(unexpected(complaints)).toEqual([]);
});

it("shows a message and a Reload button in place of a page that throws", async () => {
  const { page, complaints } = await pages.open({
    prepare: (desk) => {
      Object.assign(desk.bridge, {
        serverState: async () => ({ kind: "failed", sentence: { made: "up" }, fault: "other", fixed: false }),
      });
    },
  });
  await page.getByRole("alert").getByText("This page ran into an error and can't go on.").waitFor();
  expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Phone Pairing");
  expect(unexpected(complaints)).toEqual([]);
  await reloaded(page);
  await page.getByRole("alert").getByText("This page ran into an error").waitFor();
  expect(unexpected(complaints)).toEqual([]);
});

it("says that a card's script could not be loaded, and loads it when it is tried again", async () => {
  const server = pages.server();
  const { page, complaints } = await pages.open({ fake: { devices: [{}] } });
  await page.locator(".device").waitFor();
  server.answerWith((request, response) => {
    if (!/settings-form/.test(request.url ?? "")) return false;
    response.writeHead(404).end();
    return true;
  });
  await page.getByRole("heading", { name: "Settings", exact: true }).click();
  const card = page.getByRole("region", { name: "Settings" });
  await card.getByRole("alert").getByText("“Settings” could not be loaded. The rest of the page works.").waitFor();
  await page.getByRole("button", { name: "Suspend: John's iPhone" }).click();
  await page.getByText("John's iPhone is suspended.").waitFor();
  server.answerWith(undefined);
  await card.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Settings", exact: true }).click();
  await page.getByRole("searchbox").waitFor();
  expect(unexpected(complaints)).toEqual([]);
});
