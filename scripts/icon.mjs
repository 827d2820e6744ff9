// npm run icon: paints the icons from their drawings: the app's, of which electron-builder makes every other format and size, and
// the phone's, for its Home Screen.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const at = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const PHONE = "src/phone/inbox/icons";
const ICONS = [
  { drawing: "packaging/icon.svg", size: 1024, file: "packaging/icon.png" },
  ...[180, 192, 512].map((size) => ({ drawing: `${PHONE}/icon.svg`, size, file: `${PHONE}/icon-${size}.png` })),
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  for (const { drawing, size, file } of ICONS) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px}</style>${readFileSync(at(drawing), "utf8")}`);
    writeFileSync(at(file), await page.screenshot({ omitBackground: true }));
    await page.close();
  }
} finally {
  await browser.close();
}
