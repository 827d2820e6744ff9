import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterEachFile } from "./after-each-test.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** The headless shell is the same engine without a browser's windows around each page: three times as fast. */
const SHELL = "/usr/bin/chromium-headless-shell";

/** The browsers of this worker, by their further words on the command line. They end with its process. */
const browsers = new Map<string, Promise<Browser>>();

afterEachFile(async () => {
  for (const browser of await Promise.all(browsers.values())) await Promise.all(browser.contexts().map((context) => context.close()));
});

/**
 * Chromium without what it would do on the network by itself; `more` are further words on its command line. All test files of a worker
 * share it: nobody closes it, and its pages are closed after each file.
 */
export async function sharedBrowser(more: readonly string[] = []): Promise<Browser> {
  const key = more.join(" ");
  const browser = browsers.get(key) ?? launch(more);
  browsers.set(key, browser);
  return browser;
}

async function launch(more: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? (existsSync(SHELL) ? SHELL : "/usr/bin/chromium"),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
}

/** Colours on their way from one to the other are nobody's contrast: what ends by itself has ended before axe looks. */
const STILL = `Promise.allSettled(document.getAnimations()
  .filter((animation) => Number.isFinite(animation.effect.getComputedTiming().endTime))
  .map((animation) => animation.finished))`;

/** Everything axe finds, in words, on the page or in some of its parts. Runs past the page's own policy. */
export async function axe(page: Page, only?: readonly string[]): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: AXE });
  const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
    expression: `${STILL}.then(() => axe.run(${only ? JSON.stringify({ include: only.map((part) => [part]) }) : "document"}, { runOnly: ${JSON.stringify(RULES)} }))
      .then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html, any }) => html + " " + any.map(({ message }) => message)).join(" | "))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  if (exceptionDetails) throw new Error(exceptionDetails.text);
  return JSON.parse(String(result.value)) as string[];
}

/** Goes to another view of the settings page. */
export async function openView(page: Page, view: "Phones" | "Approvals" | "Activity" | "Settings"): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: view }).click();
  await page.getByRole("heading", { level: 1, name: view }).waitFor();
}
