// npm run pictures:desktop [-- folder]: the desktop app's window on a display of its own (Xvfb), once in light and once in dark. The
// pictures that the docs show land in docs/pictures; with a folder, all of them land there.
import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { _electron, chromium, devices } from "playwright-core";
import { buildAll, isStale } from "./build.mjs";
import { buildStandin } from "./build-standin.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const standin = path.join(root, "test/electron-standin/dist");
const folder = process.argv[2];
const KEY = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
}).privateKey;
const IN_THE_DOCS = new Set(["desktop-1-welcome", "desktop-7-approval", "desktop-10-tunnel"]);

if (isStale()) await buildAll();
if (!existsSync(path.join(root, "node_modules/electron/path.txt"))) {
  process.env.ELECTRON_OVERRIDE_DIST_PATH ??= standin;
  buildStandin(standin);
}
const display = await startDisplay();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  for (const colorScheme of ["light", "dark"]) await walk(colorScheme);
} finally {
  await browser.close();
  display.end();
}

/** @param {"light" | "dark"} colorScheme */
async function walk(colorScheme) {
  const home = mkdtempSync(path.join(tmpdir(), "topdog-pictures-"));
  const userData = path.join(home, "app");
  const app = await _electron.launch({
    cwd: root,
    args: [`--user-data-dir=${userData}`, "."],
    env: {
      PATH: `${installCloudflared(home)}:${process.env.PATH}`,
      HOME: home,
      LANG: "en_US.UTF-8",
      DISPLAY: display.name,
      ELECTRON_STANDIN_VISIBLE: "1",
      ELECTRON_OVERRIDE_DIST_PATH: process.env.ELECTRON_OVERRIDE_DIST_PATH ?? "",
      PAIRING_PORT: "0",
      PAIRING_PHONE_PORT: "0",
      PAIRING_USER_ID: "john",
      // No keychain is asked for a picture.
      PAIRING_JWT_PRIVATE_KEY: KEY,
    },
  });
  let printed = "";
  app.process().stdout?.on("data", (bytes) => (printed += bytes));
  try {
    const page = await app.firstWindow();
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const take = async (name) => {
      const to = folder ?? (IN_THE_DOCS.has(name) ? path.join(root, "docs/pictures") : undefined);
      if (to === undefined) return;
      mkdirSync(to, { recursive: true });
      await page.screenshot({ path: path.join(to, `${name}-${colorScheme}.png`), animations: "disabled", caret: "hide" });
      console.log(path.join(to, `${name}-${colorScheme}.png`));
    };
    const view = async (name) => page.getByRole("navigation").getByRole("link", { name }).click();
    const press = async (name) => page.getByRole("button", { name, exact: true }).filter({ visible: true }).click();

    await page.getByRole("heading", { name: "Step 1 of 4: About you" }).waitFor();
    await page.getByRole("textbox", { name: "Your name", exact: true }).fill("John Doe");
    await take("desktop-1-welcome");
    await press("Next");
    await page.getByRole("radio", { name: "Twilio" }).check();
    await take("desktop-2-welcome-sms");
    await page.getByRole("radio", { name: "Mock" }).check();
    await press("Next");
    await page.getByRole("heading", { name: "Step 3 of 4: Phone reachability" }).waitFor();
    await page.getByRole("button", { name: "Start tunnel" }).waitFor();
    await take("desktop-3-welcome-reachability");
    await press("Next");
    await page.getByRole("heading", { name: "Step 4 of 4: New phones" }).waitFor();
    await take("desktop-3b-welcome-confirm");
    await press("Finish");

    await page.getByLabel("Phone number").fill("+1 (415) 555-2671");
    await press("Send Pairing Link");
    await page.getByText("SMS sent! Check your phone.").waitFor();
    await take("desktop-4-sms");
    await page.getByRole("tab", { name: "QR code" }).click();
    await press("Show QR code");
    await page.getByRole("button", { name: "Cancel this code" }).waitFor();
    await take("desktop-5-qr");
    const context = await browser.newContext({ ...devices["iPhone 14"], locale: "en-US" });
    const phone = await context.newPage();
    await phone.goto(await page.getByLabel("The link in the code").inputValue());
    await phone.getByRole("button", { name: "Accept" }).tap();
    await phone.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
    await context.close();
    const phones = page.getByRole("region", { name: "Paired phones" });
    await phones.getByRole("heading", { name: "iPhone" }).waitFor();
    await phones.scrollIntoViewIfNeeded();
    await take("desktop-6-paired");

    const door = /^Local door +(\S+)$/m.exec(printed)?.[1] ?? "";
    const { user_id } = (await (await fetch(`${door}/phone/devices`)).json())[0];
    const asked = await fetch(`${door}/phone/approvals/request`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        user_id,
        build_id: "1042",
        project_name: "web-shop",
        plan: "1. Migrate the database\n2. Restart the servers",
        affected_files: ["deploy/production.yaml", "db/0042_orders.sql"],
        estimated_duration: "2 minutes",
        requires_approval_by: new Date(Date.now() + 600_000).toISOString(),
      }),
    });
    if (!asked.ok) throw new Error(await asked.text());
    await view("Approvals");
    await page.getByRole("button", { name: "Approve: web-shop" }).waitFor();
    await page.getByRole("heading", { level: 1 }).scrollIntoViewIfNeeded();
    await take("desktop-7-approval");
    await page.getByRole("button", { name: "Approve: web-shop" }).click();
    await page.getByRole("alertdialog").waitFor();
    await take("desktop-7-approve");
    await page.getByRole("alertdialog").getByRole("button", { name: "Approve" }).click();
    await page.getByText("web-shop was approved.").waitFor();

    await view("Phones");
    await page.getByRole("button", { name: /^Rename: / }).click();
    await page.getByLabel("Name of this phone").fill("John's iPhone");
    await take("desktop-8-rename");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "John's iPhone" }).waitFor();
    await page.getByRole("button", { name: /^Revoke: / }).click();
    await page.getByRole("alertdialog").waitFor();
    await take("desktop-9-revoke");
    await page.keyboard.press("Escape");

    /** A card's heading, with its edge to be seen. */
    const show = async (name) =>
      page.getByRole("heading", { name, exact: true }).evaluate((element) => {
        element.closest("section")?.scrollIntoView({ block: "start" });
        window.scrollBy(0, -16);
      });
    const card = async (name) => {
      await page.getByRole("heading", { name, exact: true }).click();
      await show(name);
    };
    await view("Settings");
    await page.getByRole("heading", { name: "Phone reachability", exact: true }).click();
    await press("Start tunnel");
    await page.getByText(/^Online at /).waitFor();
    await show("Phone reachability");
    await take("desktop-10-tunnel");
    await card("Phone reachability");
    await card("All settings");
    await take("desktop-11-settings");
    await card("All settings");
    await page.getByRole("heading", { name: "This app" }).scrollIntoViewIfNeeded();
    await take("desktop-12-app");
    await page.setViewportSize({ width: 320, height: 800 });
    await card("All settings");
    await press("Show setup again");
    await page.getByRole("heading", { name: /^Step 1/ }).waitFor();
    await take("desktop-13-narrow");
  } finally {
    await app.close();
    rmSync(home, { recursive: true });
  }
}

/** The tests' double, as a program in a folder of its own. @param {string} home */
function installCloudflared(home) {
  const bin = path.join(home, "bin");
  const play = { moods: [{ name: "online" }], notes: path.join(home, "runs.jsonl") };
  const double = pathToFileURL(path.join(root, "test/doubles/cloudflared.mjs")).href;
  mkdirSync(bin);
  writeFileSync(
    path.join(bin, "cloudflared"),
    `#!${process.execPath}\nimport(${JSON.stringify(double)}).then(({ cloudflared }) => cloudflared(${JSON.stringify(play)}));\n`,
  );
  chmodSync(path.join(bin, "cloudflared"), 0o755);
  return bin;
}

/** A virtual display; it takes a free number and prints it. */
async function startDisplay() {
  const child = spawn("Xvfb", ["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const number = await new Promise((resolve, reject) => {
    child.stdout.once("data", (bytes) => resolve(String(bytes).trim()));
    child.once("error", () => reject(new Error("Xvfb is not installed (Debian: apt-get install xvfb).")));
    child.once("close", () => reject(new Error("Xvfb did not start.")));
  });
  return { name: `:${number}`, end: () => child.kill() };
}
