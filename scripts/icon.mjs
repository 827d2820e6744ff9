// npm run icon: paints packaging/icon.png from its drawing. electron-builder makes every other format and size of it.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const folder = fileURLToPath(new URL("../packaging/", import.meta.url));
const drawing = readFileSync(path.join(folder, "icon.svg"), "utf8");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 1024, height: 1024 } });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:1024px}</style>${drawing}`);
  writeFileSync(path.join(folder, "icon.png"), await page.screenshot({ omitBackground: true }));
} finally {
  await browser.close();
}
