import type { Browser, Page } from "playwright-core";
import { afterEach, beforeAll, expect, it } from "vitest";
import { axe, sharedBrowser } from "../browser.ts";
import { startServer, type TestServer } from "../http/server.ts";
import { type Visit, type VisitChoice, visit } from "./phone-browser.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

const GENEROUS = { PAIRING_RATE_LIMIT_SCALE: "100000" };
const CODE = /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/;
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000 });
const isConnected = async (page: Page): Promise<void> => page.locator("#connection", { hasText: "Connected" }).waitFor();

async function phoneAt(server: TestServer, name: "iPhone" | "Pixel" = "iPhone", choice: VisitChoice = {}): Promise<Visit> {
  const made = await visit(browser, name, server.phoneAddress, choice);
  opened.push(made.context);
  return made;
}
async function paired(server: TestServer, name: "iPhone" | "Pixel" = "iPhone", choice: VisitChoice = {}): Promise<Visit> {
  const made = await phoneAt(server, name, choice);
  await made.page.goto(`${server.phoneAddress}/pair?code=${await server.invite()}`);
  await made.page.getByRole("button", { name: "Accept" }).tap();
  await made.page.getByRole("link", { name: "Open your inbox" }).waitFor();
  return made;
}
/** The app on the Home Screen: another browser, as far as cookies and storage go, that says it stands alone. */
async function installedApp(server: TestServer): Promise<Visit> {
  const app = await phoneAt(server);
  await app.page.addInitScript(() => Object.defineProperty(navigator, "standalone", { value: true }));
  return app;
}
const codeOn = (page: Page): Promise<string> => page.locator(".characters").innerText();

it("takes an iPhone from Accept to an app on the Home Screen that is the same phone", async () => {
  const server = await startServer(GENEROUS);
  const { page, complaints } = await paired(server);
  await expect.poll(() => page.locator("body").innerText()).not.toContain("paired by itself");
  await page.getByText("Build notifications are off until Top Dog is on your Home Screen.").waitFor();
  await page.getByRole("link", { name: "Add to Home Screen" }).tap();
  await page.getByRole("img", { name: "the Share button" }).waitFor();
  await expect.poll(() => page.locator(".steps li").count()).toBe(2);
  await eventually(() => codeOn(page)).toMatch(CODE);
  expect(await axe(page)).toEqual([]);
  const code = (await codeOn(page)).replace("-", "");
  await eventually(() => new URL(page.url()).hash).toBe(`#handoff=${code}`);
  const session = await page.context().newCDPSession(page);
  await eventually(async () => JSON.parse((await session.send("Page.getAppManifest")).data ?? "{}").start_url).toBe(
    `${server.phoneAddress}/inbox#handoff=${code}`,
  );
  const start = page.url();

  const app = await installedApp(server);
  await app.page.goto(start);
  await isConnected(app.page);
  await app.page.getByRole("heading", { name: "Notifications" }).waitFor();
  expect(new URL(app.page.url()).hash).toBe("#notifications");
  expect((await server.local("GET", "/phone/devices")).body).toHaveLength(1);
  // No server, proxy or log got the code in an address.
  expect([...app.requests.map(({ url }) => url)].filter((url) => url.includes(code))).toEqual([]);

  // The start address stays what it was: each later start opens the inbox, and asks nothing with the used code.
  const before = app.requests.filter(({ url }) => url === "/phone/handoff").length;
  await app.page.goto("about:blank");
  await app.page.goto(start);
  await isConnected(app.page);
  await eventually(() => new URL(app.page.url()).hash).toBe("");
  expect(app.requests.filter(({ url }) => url === "/phone/handoff")).toHaveLength(before);
  // The browser stays signed in, too, and going back in it does not bring the code back.
  await page.reload();
  await isConnected(page);
  expect(new URL(page.url()).hash).toBe("");
  expect([...complaints, ...app.complaints]).toEqual([]);
});

it("takes the code as eight characters to type, where the start address had none or a used one", async () => {
  const server = await startServer(GENEROUS);
  const { page } = await paired(server);
  await page.goto(`${server.phoneAddress}/inbox#home-screen`);
  await eventually(() => codeOn(page)).toMatch(CODE);
  const code = await codeOn(page);

  const app = await installedApp(server);
  await app.page.goto(`${server.phoneAddress}/inbox#handoff=00000000`);
  await app.page.getByRole("heading", { name: "This phone isn't paired" }).waitFor();
  await app.page.getByRole("alert").getByText("This code isn't valid: it was used already").waitFor();
  expect(app.page.url()).toBe(`${server.phoneAddress}/inbox`);
  expect(await axe(app.page)).toEqual([]);
  await app.page.getByLabel("Code or pairing link").fill("ABCD");
  await app.page.getByRole("button", { name: "Continue" }).tap();
  await app.page.getByText("That isn't a complete code or a pairing link of this address.").waitFor();
  await app.page.getByLabel("Code or pairing link").fill(` ${code.toLowerCase()} `);
  await app.page.getByRole("button", { name: "Continue" }).tap();
  await isConnected(app.page);
  expect((await server.local("GET", "/phone/devices")).body).toHaveLength(1);
});

it("shows the two steps in Safari alone: another browser on an iPhone is sent there, an Android phone is asked nothing", async () => {
  const server = await startServer(GENEROUS);
  const chrome = await paired(server, "iPhone", {
    userAgent:
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.35 Mobile/15E148 Safari/604.1",
  });
  await chrome.page.goto(`${server.phoneAddress}/inbox#home-screen`);
  await chrome.page.getByText(`Open ${server.phoneAddress}/inbox there.`).waitFor();
  await eventually(() => codeOn(chrome.page)).toMatch(CODE);
  await expect.poll(() => chrome.page.getByRole("img").count()).toBe(0);
  expect(new URL(chrome.page.url()).hash).toBe("#home-screen");
  const pixel = await paired(server, "Pixel");
  await expect.poll(() => pixel.page.getByRole("link", { name: "Add to Home Screen" }).count()).toBe(0);
  await pixel.page.goto(`${server.phoneAddress}/inbox#home-screen`);
  await pixel.page.getByText("tap “Add to Home screen” or “Install app”").waitFor();
  expect(pixel.requests.map(({ url }) => url)).not.toContain("/phone/me/handoff");
});

it("lets the phone that used a link know that it is paired, and where its inbox is", async () => {
  const server = await startServer(GENEROUS);
  const made = await phoneAt(server, "Pixel");
  const link = `${server.phoneAddress}/pair?code=${await server.invite()}`;
  await made.page.goto(link);
  await made.page.getByRole("button", { name: "Accept" }).tap();
  await made.page.getByRole("heading", { name: "Done! Phone is paired" }).waitFor();
  await made.page.goto("about:blank");
  await made.page.goto(link);
  await made.page.getByRole("heading", { name: "This phone is already paired" }).waitFor();
  expect(await axe(made.page)).toEqual([]);
  await made.page.getByRole("link", { name: "Open your inbox" }).tap();
  await isConnected(made.page);
  const stranger = await phoneAt(server, "Pixel");
  await stranger.page.goto(link);
  await stranger.page.getByRole("heading", { name: "This link was already used" }).waitFor();
});

it("has a way on after the last wrong password: another link", async () => {
  const server = await startServer({ ...GENEROUS, PAIRING_QR_REQUIRE_OTP: "1" });
  const qr = (await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "user123" } })).body;
  const next = await server.invite();
  const { page } = await phoneAt(server, "Pixel");
  await page.goto(qr.pairing_link);
  const wrong = qr.otp_code === "000000" ? "000001" : "000000";
  for (let tries = 1; tries <= 5; tries += 1) {
    await page.getByLabel("One-time password").fill(wrong);
    await page.getByRole("button", { name: "Accept" }).tap();
    if (tries < 5) await page.getByRole("alert").getByText("OTP invalid").waitFor();
  }
  await page.getByText("wrong digits were entered too often").waitFor();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("link", { name: "Use another link" }).tap();
  await page.getByRole("heading", { name: "Top Dog on your phone" }).waitFor();
  expect(await axe(page)).toEqual([]);
  await page.getByLabel("Pairing link").fill("https://evil.test/");
  await page.getByRole("button", { name: "Open the link" }).tap();
  await page.getByText("That isn't a pairing link.").waitFor();
  await page.getByLabel("Pairing link").fill(`Hi! ${server.phoneAddress}/pair?code=${next}\n`);
  await page.getByRole("button", { name: "Open the link" }).tap();
  await page.getByRole("heading", { name: "Pair with Top Dog?" }).waitFor();
});

it("has a page for everything in the inbox's address, also when it is opened first", async () => {
  const server = await startServer(GENEROUS);
  const { page, complaints } = await paired(server, "Pixel");
  const first = async (hash: string): Promise<void> => {
    await page.evaluate(() => localStorage.clear());
    await page.goto("about:blank");
    await page.goto(`${server.phoneAddress}/inbox${hash}`);
  };
  await page.goto(`${server.phoneAddress}/inbox`);
  await isConnected(page);
  await first("#settings");
  await page.getByLabel("Name of this phone").waitFor();
  await page.getByRole("button", { name: "Unpair this phone…" }).waitFor();
  for (const hash of ["#approval-unknown", "#approval/unknown", "#approval/%ff"]) {
    await first(hash);
    await page.getByRole("heading", { name: "This approval isn't here" }).waitFor();
    expect(await axe(page)).toEqual([]);
  }
  await first("#nonsense");
  await page.getByRole("heading", { name: "There is nothing at this address" }).waitFor();
  await page.getByRole("link", { name: "Open the inbox" }).tap();
  await page.getByText("Nothing here yet.").waitFor();
  expect(complaints).toEqual([]);
});

it.each([
  ["en-GB", /^Expires \d{1,2}:\d{2}, \d{1,2}:\d{2} left$/],
  ["ar-EG", /^Expires \d{1,2}:\d{2}\s[AP]M, \d{1,2}:\d{2} left$/],
] as const)("writes times by the clock of the phone's owner: %s", async (locale, words) => {
  const server = await startServer(GENEROUS);
  const { page, complaints } = await paired(server, "Pixel", { locale });
  const approval = {
    build_id: "b-1",
    project_name: "shop",
    plan: "deploy",
    affected_files: [],
    estimated_duration: "1 min",
    requires_approval_by: new Date(Date.now() + 600_000).toISOString(),
  };
  const { approval_id } = (await server.local("POST", "/phone/approvals/request", { body: approval })).body;
  await page.goto(`${server.phoneAddress}/inbox#approval/${approval_id}`);
  await eventually(() => page.getByRole("timer").innerText()).toMatch(words);
  await page.goto(`${server.phoneAddress}/inbox#home-screen`);
  await page.goto(`${server.phoneAddress}/inbox#settings`);
  await page.getByText("Access expires").waitFor();
  expect(complaints).toEqual([]);
});
