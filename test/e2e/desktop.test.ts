import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { PAGE_OPERATIONS } from "../../src/contract/pairing-api.ts";
import { WINDOW_REQUESTS } from "../../src/contract/window-requests.ts";
import { axe, sharedBrowser } from "../browser.ts";
import { PHONES } from "../phone/phone-browser.ts";
import { closeDesktops, type Desktop, desktopEnvironment, electronBinary, runtime, startDesktop } from "./desktop.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});

const soon = { timeout: 20_000, interval: 20 };

/** The link of the last text message that mock mode printed. */
async function printedLink({ printed }: Desktop): Promise<string> {
  return vi.waitFor(() => {
    const link = [...printed().matchAll(/http:\/\/\S+\/pair\?code=[\w-]{43}/g)].at(-1)?.[0];
    if (link === undefined) throw new Error(`no link in:\n${printed()}`);
    return link;
  }, soon);
}

async function send(page: Page, number = "+1 (415) 555-2671"): Promise<void> {
  await page.getByLabel("Phone number").fill(number);
  await page.getByRole("button", { name: "Send Pairing Link" }).click();
  await page.getByText("Printed, not sent.").waitFor();
}

async function accept(link: string): Promise<void> {
  const context = await browser.newContext(PHONES.iPhone);
  const phone = await context.newPage();
  await phone.goto(link);
  await phone.getByRole("button", { name: "Accept" }).tap();
  await phone.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
  await context.close();
}

describe(`the desktop app (${runtime})`, () => {
  afterEach(closeDesktops);

  it("pairs a phone, lists it without reload, and has it after a restart", async () => {
    const first = await startDesktop();
    const { page } = first;
    await send(page);
    await expect.poll(first.printed, soon).toContain("MOCK SMS (Development Mode)\nTo: +14155552671\nMessage:\nHi John Doe! Click to pair");
    await page.evaluate(() => Object.assign(window, { notReloaded: true }));
    await accept(await printedLink(first));
    await page.getByRole("region", { name: "Paired phones" }).getByRole("heading", { name: "iPhone" }).waitFor();
    await expect.poll(() => page.evaluate(() => "notReloaded" in window)).toBe(true);
    expect(await axe(page)).toEqual([]);
    await first.app.close();
    expect(await first.ended).toBe(0);

    const again = await startDesktop({ userData: first.userData });
    await again.page.getByRole("region", { name: "Paired phones" }).getByRole("heading", { name: "iPhone" }).waitFor();
  });

  it("renames and revokes over IPC, and errors arrive as sentences", async () => {
    const desktop = await startDesktop();
    const { page } = desktop;
    await send(page);
    await accept(await printedLink(desktop));
    await page.getByRole("button", { name: /^Rename/ }).click();
    await page.getByLabel("Name of this phone").fill("Work phone");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Work phone" }).waitFor();
    await page.getByRole("button", { name: /^Revoke: / }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByText("Revoked Work phone. Pair again to restore.").waitFor();
    const answer = await page.evaluate(async () =>
      (window as unknown as { topdog: { sendInvite(input: unknown): Promise<unknown> } }).topdog.sendInvite({ phone_number: 12 }),
    );
    expect(answer).toMatchObject({ ok: false, problem: { status: 400, code: "invalid_request" } });
  });
});

describe(`the desktop app's window (${runtime})`, () => {
  let desktop: Desktop;
  beforeAll(async () => {
    desktop = await startDesktop();
  });
  afterAll(closeDesktops);

  it("shows the page functions, no channel, no Node, and nothing that returns a secret", async () => {
    const { page } = desktop;
    const seen = await page.evaluate(() => ({
      node: ["require", "process", "module", "Buffer"].filter((name) => name in window),
      bridge: Object.keys((window as unknown as { topdog: object }).topdog).sort(),
      kinds: [...new Set(Object.values((window as unknown as { topdog: object }).topdog).map((each) => typeof each))],
    }));
    expect(seen.node).toEqual([]);
    expect(seen.kinds).toEqual(["function"]);
    expect(seen.bridge).toEqual([...PAGE_OPERATIONS, ...WINDOW_REQUESTS, "onNews", "onOpen", "ready"].sort());
  });

  it("stays on its page, opens only its own links outside, and grants no device feature", async () => {
    const { app, page } = desktop;
    await app.evaluate(({ shell }) => {
      const opened: string[] = [];
      Object.assign(globalThis, { opened });
      shell.openExternal = async (address) => void opened.push(address);
    });
    const opened = (): Promise<string[]> => app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
    const address = page.url();
    await page.evaluate(() => {
      const link = Object.assign(document.createElement("a"), { href: "https://example.com/", textContent: "elsewhere" });
      document.body.append(link);
      link.click();
    });
    await expect.poll(() => page.evaluate(() => window.open("https://example.com/"))).toBeNull();
    await expect.poll(() => page.evaluate(() => window.open("file:///etc/passwd"))).toBeNull();
    await send(page);
    const link = await printedLink(desktop);
    await page.getByRole("link", { name: /^Open link/ }).click();
    await expect.poll(() => opened()).toEqual([link]);
    expect(page.url()).toBe(address);
    expect(app.windows()).toHaveLength(1);
  });

  it("takes the policy of its own origin: nothing inline, nothing of the network", async () => {
    const { page } = desktop;
    const refused = await page.evaluate(async () => {
      const violations: string[] = [];
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => violations.push(effectiveDirective));
      const script = Object.assign(document.createElement("script"), { textContent: "window.injected = true" });
      document.head.append(script);
      await fetch("http://127.0.0.1:9/").catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve));
      return { violations: violations.sort(), injected: "injected" in window };
    });
    expect(refused).toEqual({ violations: ["connect-src", "script-src-elem"], injected: false });
  });

  it("opens the number field from the menu", async () => {
    const { app, page } = desktop;
    await page.getByRole("heading", { name: "Paired phones" }).waitFor();
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById("pair")?.click());
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("autocomplete"))).toBe("tel");
  });

  it.runIf(runtime === "stand-in")("is shown by a stand-in that names what it does not have instead of pretending", async () => {
    const output = await desktop.app.evaluate(({ BrowserWindow, powerSaveBlocker }) => {
      const tries = [
        () => powerSaveBlocker.start("prevent-display-sleep"),
        () => BrowserWindow.getAllWindows()[0]?.setVibrancy("menu"),
        () => new BrowserWindow({ webPreferences: { sandbox: false } }),
      ];
      return tries.map((attempt) => {
        try {
          attempt();
          return "done";
        } catch (cause) {
          return (cause as Error).message;
        }
      });
    });
    expect(output[0]).toMatch(/^electron\.powerSaveBlocker is not implemented by the Electron stand-in/);
    expect(output[1]).toMatch(/^BrowserWindow\.setVibrancy is not implemented/);
    expect(output[2]).toMatch(/sandbox: false is not modelled/);
  });
});

describe(`the desktop app's process (${runtime})`, () => {
  afterEach(closeDesktops);

  it("has one instance: a second one leaves, and the first shows its window", async () => {
    const { app, page, userData } = await startDesktop();
    const window = await app.browserWindow(page);
    await window.evaluate((shown) => shown.hide());
    const second = spawnSync(electronBinary(), [`--user-data-dir=${userData}`, "--no-sandbox", "."], {
      env: desktopEnvironment(),
      encoding: "utf8",
      timeout: 30_000,
    });
    expect(second.status).toBe(0);
    expect(second.stdout).not.toContain("Local door");
    await expect.poll(() => window.evaluate((shown) => shown.isVisible())).toBe(true);
  });

  it("ends by its menu, and lets the storage folder go", async () => {
    const { app, userData, ended } = await startDesktop();
    await app.evaluate(({ app: own }) => own.quit());
    expect(await ended).toBe(0);
    const left = readdirSync(path.join(userData, "pairing"));
    expect(left.filter((name) => name.includes("lock"))).toEqual([]);
    expect(existsSync(path.join(userData, "pairing", "paired_devices.json"))).toBe(true);
  });

  it("says in one sentence why it cannot start", async () => {
    const userData = mkdtempSync(path.join(tmpdir(), "topdog-desktop-"));
    const child = spawn(electronBinary(), [`--user-data-dir=${userData}`, "--no-sandbox", "."], {
      env: desktopEnvironment({ PAIRING_INVITE_EXPIRY_MINUTES: "soon" }),
    });
    let output = "";
    child.stderr.on("data", (bytes: Buffer) => (output += bytes.toString()));
    if (runtime === "stand-in") {
      expect(await new Promise((resolve) => child.once("close", resolve))).toBe(1);
      expect(output).toContain("Top Dog Phone Pairing can't start");
    } else {
      // The real box waits for a click.
      await vi.waitFor(() => expect(output).toContain("PAIRING_INVITE_EXPIRY_MINUTES"), soon);
      child.kill("SIGKILL");
    }
    expect(output).toContain('PAIRING_INVITE_EXPIRY_MINUTES: must be a whole number from 1 to 1440 (it is "soon")');
    expect(existsSync(path.join(userData, "pairing"))).toBe(false);
  });
});
