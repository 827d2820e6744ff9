import { mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { axe, openView, sharedBrowser } from "../browser.ts";
import { installCloudflared, isAlive } from "../doubles/install-cloudflared.ts";
import { PHONES } from "../phone/phone-browser.ts";
import { addressOf, clickTray, closeDesktops, type Desktop, isVisible, runtime, startDesktop, trayEntries } from "./desktop.ts";
import { CLI, freshHome, killServers, run } from "./headless.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterEach(async () => {
  killServers();
  await closeDesktops();
});

const soon = { timeout: 20_000, interval: 20 };
/** Nobody has set anything up: no provider, no name. */
const NEW_COMPUTER = { SMS_PROVIDER: "", PAIRING_USER_NAME: "" };
const storedIn = ({ userData }: Desktop, name: string): unknown => JSON.parse(readFileSync(path.join(userData, "pairing", name), "utf8"));
const atNumberField = (page: Page): Promise<boolean> => page.evaluate(() => document.activeElement?.getAttribute("autocomplete") === "tel");

/** Shows a QR code in the window and has a phone scan it. */
async function pairByQr(page: Page): Promise<void> {
  await page.getByRole("tab", { name: "QR code" }).click();
  await page.getByRole("button", { name: "Show QR code" }).click();
  const link = await page.getByLabel("The link in the code").inputValue();
  const context = await browser.newContext(PHONES.iPhone);
  const phone = await context.newPage();
  await phone.goto(link);
  await phone.getByRole("button", { name: "Accept" }).tap();
  await phone.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
  await context.close();
  await page.getByText("The phone is paired.").first().waitFor();
}

describe(`a day with the desktop app (${runtime})`, () => {
  it("begins with the welcome, which sets up what was asked for and nothing else, and is seen once", async () => {
    const config = mkdtempSync(path.join(tmpdir(), "topdog-config-"));
    const tunnels = installCloudflared({ name: "online" });
    const env = { ...NEW_COMPUTER, XDG_CONFIG_HOME: config, PATH: `${tunnels.folder}:${process.env["PATH"] ?? ""}` };
    const first = await startDesktop({ env });
    const { page } = first;
    await page.getByRole("heading", { name: "Step 1 of 4: About you" }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("textbox", { name: "Your name", exact: true }).fill("Ada");
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("heading", { name: "Step 2 of 4: Text messages" }).waitFor();
    await page.getByRole("radio", { name: "Mock" }).check();
    await page.getByRole("button", { name: "Next" }).filter({ visible: true }).click();
    await page.getByRole("heading", { name: "Step 3 of 4: Phone reachability" }).waitFor();
    await page.getByRole("button", { name: "Next" }).filter({ visible: true }).click();
    await page.getByLabel("Confirm each new phone at this computer").selectOption("Always");
    await page.getByRole("button", { name: "Finish" }).click();
    await expect.poll(() => atNumberField(page)).toBe(true);
    expect(storedIn(first, "page.json")).toEqual({ welcome: "seen" });
    expect(statSync(path.join(first.userData, "pairing", "page.json")).mode & 0o777).toBe(0o600);
    expect(storedIn(first, "settings.json")).toEqual({ PAIRING_USER_NAME: "Ada", PAIRING_CONFIRM: "always" });
    expect(tunnels.runs()).toEqual([]);
    expect(readdirSync(config)).not.toContain("autostart");
    await page.getByLabel("Phone number").fill("+1 415 555 2671");
    await page.getByRole("button", { name: "Send Pairing Link" }).click();
    await page.getByText("Printed, not sent.").waitFor();
    await expect.poll(first.printed, soon).toContain("Hi Ada! Click to pair");
    await first.app.close();

    const again = await startDesktop({ userData: first.userData, env });
    await again.page.getByLabel("Phone number").waitFor();
    await expect.poll(() => again.page.getByRole("heading", { name: /^Step/ }).count()).toBe(0);
    await openView(again.page, "Settings");
    await again.page.getByRole("heading", { name: "All settings", exact: true }).click();
    await again.page.getByRole("button", { name: "Show setup again" }).click();
    await again.page.getByRole("heading", { name: "Step 1 of 4: About you" }).waitFor();
  });

  it("can be skipped to pair at once, and a link to the number field comes before the welcome", async () => {
    const skipped = await startDesktop({ env: NEW_COMPUTER });
    await skipped.page.getByRole("button", { name: "Skip setup" }).click();
    await expect.poll(() => atNumberField(skipped.page)).toBe(true);
    expect(readdirSync(path.join(skipped.userData, "pairing"))).toEqual(expect.not.arrayContaining(["settings.json"]));
    await skipped.app.close();

    const linked = await startDesktop({ env: NEW_COMPUTER, link: "topdog://pair" });
    await expect.poll(() => atNumberField(linked.page)).toBe(true);
    await linked.page.getByRole("button", { name: "Continue setup" }).click();
    await linked.page.getByRole("heading", { name: "Step 1 of 4: About you" }).waitFor();
  });

  it("pairs a phone by QR code, and answers an approval at the computer, which the tray announced", async () => {
    const desktop = await startDesktop();
    const { app, page } = desktop;
    await pairByQr(page);
    await page.getByRole("region", { name: "Paired phones" }).getByText("Paired by QR code").waitFor();

    const window = await app.browserWindow(page);
    await window.evaluate((shown) => shown.hide());
    const ask = ["approve", "--project", "web-shop", "--plan", "terraform apply"];
    const asking = run([CLI, ...ask], { HOME: freshHome(), PAIRING_PORT: new URL(await addressOf(desktop, "Local")).port });
    if (runtime === "stand-in") {
      await expect.poll(() => trayEntries(app)).toContain("1 approval is waiting…");
      await clickTray(app, "tray-approvals");
      await expect.poll(() => isVisible(desktop)).toBe(true);
      await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Waiting for your answer");
    } else {
      await window.evaluate((shown) => shown.show());
      await openView(page, "Approvals");
    }
    await page.getByText("terraform apply").waitFor();
    await page.getByRole("button", { name: "Approve: web-shop" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Approve" }).click();
    await page.getByText("web-shop was approved.").waitFor();
    expect(await asking.ended).toEqual({ code: 0, printed: "Approved on the computer.\n" });
    if (runtime === "stand-in") await expect.poll(() => trayEntries(app)).not.toContain("1 approval is waiting…");
  });

  it("writes into the audit trail, once, what was asked by another than its own page", async () => {
    const { app, page, userData } = await startDesktop();
    await page.getByLabel("Phone number").waitFor();
    const trail = (): string => readFileSync(path.join(userData, "pairing", "pairing_audit.jsonl"), "utf8");
    await app.evaluate(({ ipcMain }) => {
      for (let times = 0; times < 100; times += 1) ipcMain.emit("topdog:ready", { sender: {}, senderFrame: null });
    });
    await vi.waitFor(() => expect(trail()).toContain('"via":"topdog:ready"'), soon);
    await openView(page, "Activity");
    const line = page.getByText("Denied: a message inside the app that didn't come from the settings page");
    await line.waitFor();
    await page.getByText("it does not come from the settings page").waitFor();
    await expect.poll(() => line.count()).toBe(1);
  });

  it("lends the computer a public address while that is wanted, and takes it back when it quits", async () => {
    const address = "https://calm-river-maps-song.trycloudflare.com";
    const tunnels = installCloudflared({ name: "online", address });
    const desktop = await startDesktop({ env: { PATH: `${tunnels.folder}:${process.env["PATH"] ?? ""}` } });
    const { app, page } = desktop;
    await openView(page, "Settings");
    await page.getByRole("heading", { name: "Phone reachability" }).click();
    expect(tunnels.runs()).toEqual([]);
    await page.getByRole("button", { name: "Start tunnel" }).click();
    await page.getByText(`Online at ${address} since`).waitFor();
    await openView(page, "Phones");
    await page.getByLabel("Phone number").fill("+1 415 555 2671");
    await page.getByRole("button", { name: "Send Pairing Link" }).click();
    await page.getByText("Printed, not sent.").waitFor();
    await expect.poll(desktop.printed, soon).toContain(`\n${address}/pair?code=`);
    const { pid } = await tunnels.run(1);
    await openView(page, "Settings");
    await page.getByRole("button", { name: "Stop tunnel" }).click();
    await page.getByRole("button", { name: "Start tunnel" }).waitFor();
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), soon);
    await openView(page, "Phones");
    await page.getByText("The public address has changed since this link was sent.").waitFor();
    await openView(page, "Settings");
    await page.getByRole("button", { name: "Start tunnel" }).click();
    const second = await tunnels.run(2);
    await page.getByText(`Online at ${address} since`).waitFor();
    await app.evaluate(({ app: own }) => own.quit());
    expect(await desktop.ended).toBe(0);
    expect(isAlive(second.pid)).toBe(false);
  });
});
