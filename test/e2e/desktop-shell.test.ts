import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Notification } from "electron";
import type { ElectronApplication, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { axe, openView } from "../browser.ts";
import {
  addressOf,
  clickTray,
  closeDesktops,
  type Desktop,
  desktopEnvironment,
  electronBinary,
  isVisible,
  runtime,
  startDesktop,
  trayEntries,
} from "./desktop.ts";

const soon = { timeout: 20_000, interval: 20 };
const freshFolder = (): string => mkdtempSync(path.join(tmpdir(), "topdog-desktop-"));
const preferencesOf = (userData: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path.join(userData, "preferences.json"), "utf8")) as Record<string, unknown>;

const settingsFile = (userData: string): string => path.join(userData, "pairing", "settings.json");
const settingsOf = (userData: string): unknown => JSON.parse(readFileSync(settingsFile(userData), "utf8"));

async function post(address: string, body: object): Promise<Record<string, string>> {
  const response = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return (await response.json()) as Record<string, string>;
}

/** Pairs over HTTP, as a phone's own app would. */
async function pairPhone(desktop: Desktop, deviceId: string, name: string): Promise<Record<string, string>> {
  const invite = { phone_number: "+14155552671", user_id: "user123", user_name: "John" };
  const { invite_code } = await post(`${await addressOf(desktop, "Local")}/phone/pairing/send-sms`, invite);
  const phone = { invite_code, device_id: deviceId, device_name: name, device_type: "ios" };
  return post(`${await addressOf(desktop, "Phone")}/phone/pairing/accept-invite`, phone);
}

/** Starts it once more with this link, as the system does when one is opened. */
function openLink(userData: string, link: string): void {
  const { status } = spawnSync(electronBinary(), [`--user-data-dir=${userData}`, "--no-sandbox", ".", link], {
    env: desktopEnvironment(),
    timeout: 30_000,
  });
  expect(status).toBe(0);
}

const focused = async (page: Page): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? "");
/** Keeps the system's notifications instead of showing them. */
async function keepNotifications(app: ElectronApplication): Promise<void> {
  await app.evaluate(({ Notification: notifications }) => {
    const recorded: Notification[] = [];
    Object.assign(globalThis, { recorded });
    notifications.prototype.show = function (this: Notification) {
      recorded.push(this);
    };
  });
}
const notifications = async (app: ElectronApplication): Promise<string[]> =>
  app.evaluate(() => (globalThis as unknown as { recorded: Notification[] }).recorded.map(({ title, body }) => `${title}: ${body}`));

describe(`the desktop app where phones are confirmed (${runtime})`, () => {
  afterEach(closeDesktops);

  it("notifies once of a phone that waits for its digits; a click opens the field for them, and typing them pairs it", async () => {
    const desktop = await startDesktop({ env: { PAIRING_CONFIRM: "always" } });
    const { app, page } = desktop;
    await keepNotifications(app);
    await page.getByRole("heading", { name: "Paired phones" }).waitFor();
    const window = await app.browserWindow(page);
    await window.evaluate((shown) => shown.hide());
    const { digits = "" } = await pairPhone(desktop, "iphone-1", "John's iPhone");
    await expect.poll(() => notifications(app)).toEqual(["John's iPhone wants to pair: Type the two digits it shows."]);
    await app.evaluate(() => (globalThis as unknown as { recorded: Notification[] }).recorded.at(-1)?.emit("click"));
    await expect.poll(() => isVisible(desktop)).toBe(true);
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("claim-digits");
    expect(await axe(page)).toEqual([]);
    await page.keyboard.type(digits);
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("John's iPhone is paired").waitFor();
    await page.getByRole("heading", { name: "John's iPhone" }).waitFor();
    expect((await notifications(app)).filter((text) => text.includes("wants to pair"))).toHaveLength(1);
  });
});

describe(`the desktop app's shell (${runtime})`, () => {
  let desktop: Desktop;
  beforeAll(async () => {
    desktop = await startDesktop({ env: { XDG_CONFIG_HOME: freshFolder() } });
    await keepNotifications(desktop.app);
    await desktop.page.getByRole("heading", { name: "Paired phones" }).waitFor();
  });
  afterAll(closeDesktops);

  it("hides in the tray when its window is closed, says so once, and comes back", async () => {
    const { app, page, userData } = desktop;
    const window = await app.browserWindow(page);
    for (let times = 0; times < 2; times += 1) {
      await window.evaluate((shown) => shown.close());
      await expect.poll(() => isVisible(desktop)).toBe(false);
      await app.evaluate(({ app: own }) => own.emit("activate"));
      await expect.poll(() => isVisible(desktop)).toBe(true);
    }
    await expect
      .poll(() => notifications(app))
      .toEqual(["Top Dog Phone Pairing keeps running: Your phones can still reach it. Open or quit it from the tray icon."]);
    expect(preferencesOf(userData)).toMatchObject({ toldAboutTray: true });
    expect(statSync(path.join(userData, "preferences.json")).mode & 0o777).toBe(0o600);
  });

  it.runIf(runtime === "stand-in")("has a tray that opens the number field and counts what waits", async () => {
    const { app, page } = desktop;
    await expect.poll(() => trayEntries(app)).toEqual(["&Pair Phone…", "&Open Top Dog Phone Pairing", "&Quit"]);
    const window = await app.browserWindow(page);
    await window.evaluate((shown) => shown.hide());
    await clickTray(app, "tray-pair");
    await expect.poll(() => isVisible(desktop)).toBe(true);
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("autocomplete"))).toBe("tel");
    await post(`${await addressOf(desktop, "Local")}/phone/pairing/send-sms`, { phone_number: "+14155552672", user_id: "user123" });
    await expect.poll(() => trayEntries(app)).toContain("1 invite is waiting");
  });

  it("notifies of a phone that was paired in the background; a click opens it", async () => {
    const { app, page } = desktop;
    const window = await app.browserWindow(page);
    await window.evaluate((shown) => shown.hide());
    await pairPhone(desktop, "iphone-1", "John's iPhone");
    await vi.waitFor(
      async () =>
        expect((await notifications(app)).at(-1)).toBe("John's iPhone is paired: Click to see it, or to revoke it if it isn't yours."),
      soon,
    );
    await app.evaluate(() => (globalThis as unknown as { recorded: Notification[] }).recorded.at(-1)?.emit("click"));
    await expect.poll(() => isVisible(desktop)).toBe(true);
    await expect.poll(() => focused(page)).toContain("John's iPhone");
    const before = (await notifications(app)).length;
    await window.evaluate((shown) => shown.focus());
    await pairPhone(desktop, "iphone-2", "Work phone");
    await page.getByRole("heading", { name: "Work phone" }).waitFor();
    await expect.poll(() => notifications(app)).toHaveLength(before);
  });

  it("notifies of a link that was used again from another phone; a click opens the phone that it paired", async () => {
    const { app, page } = desktop;
    const window = await app.browserWindow(page);
    await window.evaluate((shown) => shown.hide());
    const local = await addressOf(desktop, "Local");
    const { invite_code } = await post(`${local}/phone/pairing/send-sms`, { phone_number: "+14155552679", user_id: "user123" });
    const accept = async (device_id: string) =>
      post(`${await addressOf(desktop, "Phone")}/phone/pairing/accept-invite`, {
        invite_code,
        device_id,
        device_name: "Tablet",
        device_type: "ios",
      });
    await accept("tablet");
    await accept("somebody-else");
    const expected =
      "A pairing link was used twice: The link that paired Tablet was used again from another phone, and refused. Is Tablet not yours? Revoke it in Top Dog on your computer, under Paired phones.";
    await expect.poll(() => notifications(app)).toContain(expected);
    await app.evaluate(
      (_, title) =>
        (globalThis as unknown as { recorded: Notification[] }).recorded.findLast((shown) => shown.title === title)?.emit("click"),
      "A pairing link was used twice",
    );
    await expect.poll(() => isVisible(desktop)).toBe(true);
    await expect.poll(() => focused(page)).toContain("Tablet");
    await page.getByText("The link that paired Tablet was used again").waitFor();
    await page.getByRole("button", { name: "Dismiss alert" }).click();
    await page.getByText("The link that paired Tablet was used again").waitFor({ state: "detached" });
  });

  it("follows a link that a second instance was started with, and ignores junk with a line", async () => {
    const { app, page, userData, printed } = desktop;
    const window = await app.browserWindow(page);
    await window.evaluate((shown) => shown.hide());
    openLink(userData, "topdog://device/iphone-1");
    await expect.poll(() => isVisible(desktop)).toBe(true);
    await expect.poll(() => focused(page)).toContain("John's iPhone");
    openLink(userData, "topdog://device/nobody");
    await expect.poll(() => focused(page)).toBe("Paired phones");
    await expect.poll(printed, soon).toContain("A link to a phone that is not paired was opened: its list is shown instead.");
    openLink(userData, "topdog://john:secret@device/../..");
    await vi.waitFor(() => expect(printed()).toContain("A topdog: link was ignored: it names no place in this app."), soon);
    expect(printed()).not.toContain("john:secret");
    await app.evaluate(({ app: own }) => own.emit("open-url", { preventDefault: () => undefined }, "topdog://pair"));
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("autocomplete"))).toBe("tel");
  });

  it("starts at login when that is wanted, and says why when it cannot", async () => {
    const { app, page } = desktop;
    const config = await app.evaluate(({ app: own }) => own.getPath("appData"));
    const entry = path.join(config, "autostart", "topdog-phone.desktop");
    await openView(page, "Settings");
    const wanted = page.getByRole("checkbox", { name: "Start when I log in" });
    await expect.poll(() => wanted.isChecked()).toBe(false);
    if (process.platform !== "linux") return;
    writeFileSync(path.join(config, "autostart"), "in the way");
    await wanted.click();
    await page.getByRole("alert").getByText(`${entry} could not be written`).waitFor();
    await expect.poll(() => wanted.isChecked()).toBe(false);
    spawnSync("rm", [path.join(config, "autostart")]);
    await wanted.click();
    await expect.poll(() => wanted.isChecked(), { message: "as chosen, at once" }).toBe(true);
    await vi.waitFor(() => expect(readFileSync(entry, "utf8")).toContain("--hidden"), soon);
    await expect.poll(() => wanted.isChecked()).toBe(true);
    expect(readFileSync(entry, "utf8")).toMatch(/^\[Desktop Entry\]\nType=Application\nName=.+\nExec=".+" "--hidden"\n/);
    expect(await axe(page)).toEqual([]);
    await wanted.click();
    await vi.waitFor(() => expect(existsSync(entry)).toBe(false), soon);
  });
});

describe(`the desktop app's shell, started anew (${runtime})`, () => {
  afterEach(closeDesktops);

  it("opens at the link it is started with, where the window was; a damaged file of preferences is set aside", async () => {
    const first = await startDesktop({ link: "topdog://pair" });
    const { page, app, userData } = first;
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("autocomplete"))).toBe("tel");
    const window = await app.browserWindow(page);
    await window.evaluate((shown) => shown.setBounds({ x: 60, y: 50, width: 640, height: 700 }));
    await app.close();
    expect(await first.ended).toBe(0);
    expect(preferencesOf(userData)).toMatchObject({ window: { x: 60, y: 50, width: 640, height: 700, maximized: false } });

    const again = await startDesktop({ userData });
    const bounds = await (await again.app.browserWindow(again.page)).evaluate((shown) => shown.getBounds());
    expect(bounds).toEqual({ x: 60, y: 50, width: 640, height: 700 });
    await again.app.close();

    writeFileSync(path.join(userData, "preferences.json"), "{");
    const third = await startDesktop({ userData });
    expect(readFileSync(path.join(userData, "preferences.damaged-1.json"), "utf8")).toBe("{");
    await openView(third.page, "Settings");
    await expect.poll(() => third.page.getByRole("checkbox", { name: /^Keep running in the tray/ }).isChecked()).toBe(true);
  });

  it("shows a port in use with a way out, keeps the port that was chosen, and drains what is in flight when it quits", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    const userData = freshFolder();
    writeFileSync(path.join(userData, "preferences.json"), JSON.stringify({ localPort: port, closeToTray: false }));
    const desktop = await startDesktop({ userData, env: { PAIRING_PORT: "" } });
    const { app, page } = desktop;
    await page.getByText(`The local door can't open 127.0.0.1:${port} because the port is in use.`).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Top Dog couldn't start pairing" }).waitFor();
    await page.getByLabel("Another port").fill("70000");
    await page.keyboard.press("Enter");
    await page.getByText("Enter a whole number from 0 to 65535.").waitFor();
    await page.getByLabel("Another port").fill("0");
    await page.keyboard.press("Enter");
    await page.getByLabel("Phone number").waitFor();
    // What an older version kept among its preferences is a saved setting now.
    expect(settingsOf(userData)).toEqual({ PAIRING_PORT: "0" });
    expect(preferencesOf(userData)).not.toHaveProperty("localPort");
    taken.close();

    // A request whose end comes only after the app began to quit.
    const { hostname, port: door } = new URL(await addressOf(desktop, "Local"));
    const slow = request({
      hostname,
      port: door,
      method: "POST",
      path: "/phone/pairing/send-sms",
      headers: { "Content-Type": "application/json" },
    });
    const answered = new Promise<number | undefined>((resolve, reject) =>
      slow.once("response", ({ statusCode }) => resolve(statusCode)).once("error", reject),
    );
    await new Promise((resolve) => slow.write('{"phone_number": "+14155552671",', resolve));
    await fetch(`http://${hostname}:${door}/healthz`);
    await app.evaluate(({ app: own }) => own.quit());
    await vi.waitFor(() => expect(refusesConnections(hostname, Number(door))).resolves.toBe(true), soon);
    slow.end('"user_id": "user123"}');
    expect(await answered).toBe(200);
    expect(await desktop.ended).toBe(0);
  });

  it("takes over the ports of an older version's preferences", async () => {
    const userData = freshFolder();
    writeFileSync(path.join(userData, "preferences.json"), JSON.stringify({ localPort: 0, phonePort: 0, closeToTray: false }));
    const { app, page } = await startDesktop({ userData, env: { PAIRING_PORT: "", PAIRING_PHONE_PORT: "" } });
    await page.getByLabel("Phone number").waitFor();
    expect(settingsOf(userData)).toEqual({ PAIRING_PORT: "0", PAIRING_PHONE_PORT: "0" });
    expect(preferencesOf(userData)).toEqual(expect.not.objectContaining({ localPort: 0, phonePort: 0 }));
    await app.close();
    const again = await startDesktop({ userData, env: { PAIRING_PORT: "", PAIRING_PHONE_PORT: "" } });
    await again.page.getByLabel("Phone number").waitFor();
    expect(await addressOf(again, "Phone")).not.toMatch(/:800[01]$/);
  });

  it("changes settings in the window and restarts pairing there; what keeps it from starting has a way back", async () => {
    const first = await startDesktop();
    const { app, page, userData } = first;
    await openView(page, "Settings");
    const settings = page.getByRole("heading", { name: "All settings", exact: true });
    const save = page.locator("details[open]").getByRole("button", { name: "Save", exact: true });
    const restart = page.getByRole("button", { name: "Restart pairing now" });
    await settings.click();
    await page.getByLabel("Additional host names").fill("pair.local");
    await save.click();
    const before = await addressOf(first, "Local");
    await restart.click();
    await page.getByRole("status").getByText("Pairing was restarted.").waitFor();
    await expect.poll(() => addressOf(first, "Local")).not.toBe(before);
    expect(await statusFor("pair.local", await addressOf(first, "Local"))).toBe(200);
    // The page, the news and the tray follow the server that runs now.
    await pairPhone(first, "iphone-9", "Paired after the restart");
    await openView(page, "Phones");
    await page.getByRole("heading", { name: "Paired after the restart" }).waitFor();
    await openView(page, "Settings");

    // An address for examples, which no computer has.
    await page.getByLabel("Phone door address").fill("203.0.113.7");
    await save.click();
    await restart.click();
    await page.getByRole("alert").getByText("The phone door can't open 203.0.113.7:").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Restore the last working settings" }).click();
    await openView(page, "Phones");
    await page.getByRole("heading", { name: "Paired after the restart" }).waitFor();
    expect(settingsOf(userData)).toEqual({ PAIRING_ALLOWED_HOSTS: "pair.local" });
    await app.close();

    writeFileSync(settingsFile(userData), JSON.stringify({ PAIRING_PHONE_HOST: "203.0.113.7", PAIRING_SMS_PER_DAY: "7" }));
    const second = await startDesktop({ userData });
    await second.page.getByRole("button", { name: "Use the default instead" }).click();
    await second.page.getByRole("heading", { name: "Paired after the restart" }).waitFor();
    expect(settingsOf(userData)).toEqual({ PAIRING_SMS_PER_DAY: "7" });
    await second.app.close();

    writeFileSync(settingsFile(userData), '{"PAIRING_SMS_PER_DAY": "many"}');
    const third = await startDesktop({ userData });
    await third.page
      .getByRole("alert")
      .getByText(`${settingsFile(userData)} cannot be used: PAIRING_SMS_PER_DAY: must be a whole number`)
      .waitFor();
    expect(readFileSync(settingsFile(userData), "utf8")).toBe('{"PAIRING_SMS_PER_DAY": "many"}');
    await third.page.getByRole("button", { name: "Move the file aside and use the defaults" }).click();
    await third.page.getByRole("heading", { name: "Paired after the restart" }).waitFor();
    expect(readFileSync(path.join(userData, "pairing", "settings.set-aside-1.json"), "utf8")).toBe('{"PAIRING_SMS_PER_DAY": "many"}');
  });

  it("shows a folder that cannot be used, and goes on in the one that is chosen; what the environment says stays there", async () => {
    const userData = freshFolder();
    const blocked = path.join(userData, "blocked");
    writeFileSync(blocked, "a file where the folder should be");
    writeFileSync(path.join(userData, "preferences.json"), JSON.stringify({ storageFolder: blocked }));
    const { app, page } = await startDesktop({ userData });
    await page.getByText(`The storage folder ${JSON.stringify(blocked)} cannot be used`).waitFor();
    const chosen = path.join(userData, "chosen");
    mkdirSync(chosen);
    await app.evaluate(({ dialog }, folder) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [folder] });
    }, chosen);
    await page.getByRole("button", { name: "Choose another folder…" }).click();
    await page.getByLabel("Phone number").waitFor();
    expect(existsSync(path.join(chosen, "pairing.lock"))).toBe(true);
    await app.close();

    const fixed = await startDesktop({ userData, env: { PAIRING_STORAGE_PATH: blocked } });
    await fixed.page.getByText("This is set where Top Dog is started").waitFor();
    await expect.poll(() => fixed.page.getByRole("button").allTextContents()).toEqual(["Try again"]);
  });
});

async function statusFor(host: string, address: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(`${address}/healthz`, { headers: { host } }, ({ statusCode }) => resolve(statusCode))
      .once("error", reject)
      .end();
  });
}

async function refusesConnections(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });
}
