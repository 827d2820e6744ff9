// npm run pictures: walks through pairing once in light and once in dark, and keeps a picture of each step in docs/pictures.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, devices } from "playwright-core";
import { buildAll, isStale } from "./build.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const pictures = path.join(root, "docs/pictures");

if (isStale()) await buildAll();
mkdirSync(pictures, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
  ],
});
try {
  for (const colorScheme of ["light", "dark"]) {
    await walk(colorScheme);
    await confirm(colorScheme);
  }
} finally {
  await browser.close();
}

/** @param {"light" | "dark"} colorScheme */
async function walk(colorScheme) {
  const take = takeIn(colorScheme);
  await withServer({}, async (server) => {
    const settingsPage = await openSettings(server, colorScheme);
    await take(settingsPage, "1-settings");

    await settingsPage.getByLabel("Phone number").fill("+1 (415) 555-2671");
    await settingsPage.getByText("A link for").waitFor();
    await take(settingsPage, "2-number");

    await settingsPage.getByRole("button", { name: "Send Pairing Link" }).click();
    await settingsPage.getByText("Printed, not sent.").waitFor();
    await settingsPage.getByRole("link", { name: /^Open link/ }).waitFor();
    await take(settingsPage, "3-sent");

    const link = await settingsPage.getByRole("link", { name: /^Open link/ }).getAttribute("href");
    const context = await browser.newContext({ ...devices["iPhone 14"], colorScheme, locale: "en-US" });
    const phone = await context.newPage();
    await phone.goto(link ?? "");
    await phone.getByRole("heading", { level: 1 }).waitFor();
    await take(phone, "4-phone");

    await phone.getByRole("button", { name: "Accept" }).tap();
    await phone.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
    await take(phone, "5-phone-paired");

    await settingsPage.getByRole("region", { name: "Paired phones" }).getByRole("heading", { name: "iPhone" }).waitFor();
    await take(settingsPage, "6-paired");

    await phone.goto(`${new URL(link ?? "").origin}/inbox`);
    await phone.locator("#connection", { hasText: "Connected" }).waitFor();
    await ask(server, "/phone/notifications/send", {
      build_id: "build-41",
      project_name: "checkout-service",
      status: "failure",
      message: "2 of 418 tests failed.",
      priority: "high",
    });
    await ask(server, "/phone/approvals/request", {
      build_id: "build-42",
      project_name: "checkout-service",
      plan: "1. migrate the orders table\n2. deploy 2.14.0 to production\n3. run the smoke tests",
      affected_files: ["db/migrations/0042_orders.sql", "src/orders/price.ts"],
      estimated_duration: "5 minutes",
      requires_approval_by: new Date(Date.now() + 15 * 60_000).toISOString(),
    });
    await phone.locator("#waiting").getByRole("link").waitFor();
    await phone.getByText("2 of 418 tests failed.").waitFor();
    await take(phone, "10-inbox");
    await phone.locator("#waiting").getByRole("link").tap();
    await phone.getByRole("heading", { name: "Approve this build?" }).waitFor();
    await take(phone, "11-approval");
    await phone.goto(`${new URL(link ?? "").origin}/inbox#command`);
    await phone.getByRole("textbox").waitFor();
    await take(phone, "12-command");
    await phone.goto(`${new URL(link ?? "").origin}/inbox#settings`);
    await phone.getByRole("button", { name: /Unpair/ }).waitFor();
    await take(phone, "13-this-phone");

    const late = await context.newPage();
    await late.goto(link ?? "");
    await late.getByRole("heading", { level: 1 }).waitFor();
    await take(late, "7-phone-link-used");

    await settingsPage.getByRole("button", { name: /^Revoke: / }).click();
    await settingsPage.getByRole("alertdialog").waitFor();
    await take(settingsPage, "8-revoke");
    await settingsPage.keyboard.press("Escape");

    await settingsPage.getByRole("tab", { name: "QR code" }).click();
    await settingsPage.getByRole("button", { name: "Show QR code" }).click();
    await settingsPage.getByRole("button", { name: "Cancel this code" }).waitFor();
    await take(settingsPage, "9-qr");
    await context.close();
    await settingsPage.close();
  });
}

/** A phone that waits for its two digits: on the phone, and at the computer.
 * @param {"light" | "dark"} colorScheme */
async function confirm(colorScheme) {
  const take = takeIn(colorScheme);
  await withServer({ PAIRING_CONFIRM: "always" }, async (server) => {
    const settingsPage = await openSettings(server, colorScheme);
    await settingsPage.getByLabel("Phone number").fill("+1 (415) 555-2671");
    await settingsPage.getByRole("button", { name: "Send Pairing Link" }).click();
    const link = await settingsPage.getByRole("link", { name: /^Open link/ }).getAttribute("href");
    const context = await browser.newContext({ ...devices["iPhone 14"], colorScheme, locale: "en-US" });
    const phone = await context.newPage();
    await phone.goto(link ?? "");
    await phone.getByRole("button", { name: "Accept" }).tap();
    await phone.locator(".digits").waitFor();
    await take(phone, "14-phone-digits");
    await settingsPage.getByRole("heading", { name: "A phone wants to pair" }).waitFor();
    await settingsPage.evaluate(() => scrollTo(0, 0));
    await take(settingsPage, "15-confirm");
    await context.close();
    await settingsPage.close();
  });
}

function takeIn(colorScheme) {
  return async (page, name) => {
    await page.screenshot({ path: path.join(pictures, `${name}-${colorScheme}.png`), animations: "disabled", caret: "hide" });
    console.log(`docs/pictures/${name}-${colorScheme}.png`);
  };
}

async function openSettings({ pageAddress }, colorScheme) {
  const settingsPage = await browser.newPage({ viewport: { width: 760, height: 860 }, colorScheme, locale: "en-US" });
  await settingsPage.goto(pageAddress);
  await settingsPage.getByText("No phones are paired yet").waitFor();
  return settingsPage;
}

/** Runs a server of its own for as long as `use` takes. */
async function withServer(env, use) {
  const home = mkdtempSync(path.join(tmpdir(), "topdog-pictures-"));
  const server = await startServer(home, env);
  try {
    await use(server);
  } finally {
    server.child.kill("SIGTERM");
    await new Promise((resolve) => server.child.once("close", resolve));
    rmSync(home, { recursive: true });
  }
}

/** Asks the local door, as a script would. */
async function ask({ localAddress }, path, body) {
  const answer = await fetch(`${localAddress}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

async function startServer(home, env) {
  const child = spawn(process.execPath, [path.join(root, "dist/headless/cli.js"), "serve"], {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      SMS_PROVIDER: "mock",
      PAIRING_PORT: "0",
      PAIRING_PHONE_PORT: "0",
      PAIRING_USER_ID: "john",
      PAIRING_USER_NAME: "John Doe",
      PAIRING_COUNTRY: "US",
      PAIRING_QR_REQUIRE_OTP: "1",
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  const pageAddress = await new Promise((resolve, reject) => {
    child.stdout.on("data", (bytes) => {
      printed += bytes;
      const [, address] = /^Settings page {3}(\S+)$/m.exec(printed) ?? [];
      if (address) resolve(address);
    });
    child.once("close", () => reject(new Error(printed)));
  });
  return { child, pageAddress, localAddress: new URL(pageAddress).origin };
}
