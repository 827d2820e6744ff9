import { expect, it } from "vitest";
import { axe } from "../browser.ts";
import { settingsPages } from "./settings-page.ts";

const pages = settingsPages();

const SENTENCE =
  "The link that paired Tablet was used again from another phone, and refused. Is Tablet not yours? Revoke it in Top Dog on your computer, under Paired phones.";
it.each(["light", "dark"] as const)(
  "an alert comes without a reload, opens its phone, and is dismissed by keyboard (%s)",
  async (colorScheme) => {
    let code = "";
    const { page, topdog } = await pages.open({
      context: { colorScheme },
      async prepare({ invite, acceptBy, restart }) {
        ({ code } = await invite());
        await acceptBy(code, { device_id: "tablet", device_name: "Tablet" });
        // A server that starts anew shows no alerts of before.
        restart();
      },
    });
    await page.getByRole("heading", { name: "Paired phones" }).waitFor();
    await expect.poll(() => page.getByRole("alert").getByRole("button").count()).toBe(0);
    await topdog.acceptBy(code, { device_id: "stranger" }).catch(() => undefined);
    await topdog.guessAdminToken();
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
