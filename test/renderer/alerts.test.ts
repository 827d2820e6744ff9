import { expect, it } from "vitest";
import { axe } from "../browser.ts";
import { settingsPages } from "./settings-page.ts";

const pages = settingsPages();

const SENTENCE = "The link that paired Tablet was used again from another phone, and refused.";
const alerts = [
  { alert_id: "2", kind: "wrong_admin_tokens", at: "2026-11-24T11:50:00Z", sentence: "Several wrong admin tokens came from 127.0.0.1." },
  { alert_id: "1", kind: "link_used_again", at: "2026-11-24T11:40:00Z", sentence: SENTENCE, device_id: "tablet" },
] as const;

it.each(["light", "dark"] as const)(
  "an alert comes without a reload, opens its phone, and is dismissed by keyboard (%s)",
  async (colorScheme) => {
    const { page } = await pages.open({
      context: { colorScheme },
      fake: { devices: [{ device_id: "tablet", device_name: "Tablet" }] },
    });
    await page.getByRole("heading", { name: "Paired phones" }).waitFor();
    expect(await page.getByRole("alert").getByRole("button").count()).toBe(0);
    await page.evaluate((raised) => {
      window.fakePage.setOverview({ alerts: [...raised] });
      window.fakePage.emit("invites");
    }, alerts);
    await page.getByRole("alert").getByText(SENTENCE).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Show phone" }).click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain("Tablet");
    for (const left of [1, 0]) {
      await page.getByRole("button", { name: "Dismiss alert" }).last().press("Enter");
      await expect.poll(() => page.getByRole("button", { name: "Dismiss alert" }).count()).toBe(left);
    }
  },
);
