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
  for (const colorScheme of ["light", "dark"]) await walk(colorScheme);
} finally {
  await browser.close();
}

/** @param {"light" | "dark"} colorScheme */
async function walk(colorScheme) {
  const home = mkdtempSync(path.join(tmpdir(), "topdog-pictures-"));
  const server = await startServer(home);
  const take = async (page, name) => {
    await page.screenshot({ path: path.join(pictures, `${name}-${colorScheme}.png`), animations: "disabled", caret: "hide" });
    console.log(`docs/pictures/${name}-${colorScheme}.png`);
  };
  try {
    const desk = await browser.newPage({ viewport: { width: 760, height: 860 }, colorScheme, locale: "en-US" });
    await desk.goto(`${server.localAddress}/`);
    await desk.getByText("No phone is paired yet").waitFor();
    await take(desk, "1-settings");

    await desk.getByLabel("Phone number").fill("+1 (415) 555-2671");
    await desk.getByText("We will text").waitFor();
    await take(desk, "2-number");

    await desk.getByRole("button", { name: "Send Pairing Link" }).click();
    await desk.getByText("SMS sent! Check your phone.").waitFor();
    await desk.getByRole("link", { name: /^Open link/ }).waitFor();
    await take(desk, "3-sent");

    const link = await desk.getByRole("link", { name: /^Open link/ }).getAttribute("href");
    const context = await browser.newContext({ ...devices["iPhone 14"], colorScheme, locale: "en-US" });
    const phone = await context.newPage();
    await phone.goto(link ?? "");
    await phone.getByRole("heading", { level: 1 }).waitFor();
    await take(phone, "4-phone");

    await phone.getByRole("button", { name: "Accept" }).tap();
    await phone.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
    await take(phone, "5-phone-paired");

    await desk.getByRole("region", { name: "Paired phones" }).getByRole("heading", { name: "iPhone" }).waitFor();
    await take(desk, "6-paired");

    const late = await context.newPage();
    await late.goto(link ?? "");
    await late.getByRole("heading", { level: 1 }).waitFor();
    await take(late, "7-phone-link-used");

    await desk.getByRole("button", { name: /^Revoke: / }).click();
    await desk.getByRole("alertdialog").waitFor();
    await take(desk, "8-revoke");
    await desk.keyboard.press("Escape");

    await desk.getByRole("tab", { name: "QR code" }).click();
    await desk.getByRole("button", { name: "Show QR code" }).click();
    await desk.getByRole("button", { name: "Cancel this code" }).waitFor();
    await take(desk, "9-qr");
    await context.close();
    await desk.close();
  } finally {
    server.child.kill("SIGTERM");
    await new Promise((resolve) => server.child.once("close", resolve));
    rmSync(home, { recursive: true });
  }
}

/** @param {string} home */
async function startServer(home) {
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
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  const localAddress = await new Promise((resolve, reject) => {
    child.stdout.on("data", (bytes) => {
      printed += bytes;
      const [, address] = /^Settings page {3}(\S+)\/$/m.exec(printed) ?? [];
      if (address) resolve(address);
    });
    child.once("close", () => reject(new Error(printed)));
  });
  return { child, localAddress };
}
