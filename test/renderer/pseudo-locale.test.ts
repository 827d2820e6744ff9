import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSettingsStore } from "../../src/settings/settings-store.ts";
import { sharedBrowser } from "../browser.ts";
import { hardCoded, pseudoWordsForVite } from "../pseudo-words.ts";
import { settingsInMemory } from "../settings-in-memory.ts";
import { type OpenChoice, openPage, type PageServer, servePage } from "./settings-page.ts";

let browser: Browser;
let server: PageServer;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "topdog-pseudo-"));
  const environment = process.env["NODE_ENV"];
  process.env["NODE_ENV"] = "production";
  const configFile = fileURLToPath(new URL("../../vite.config.ts", import.meta.url));
  await build({ configFile, logLevel: "error", plugins: [pseudoWordsForVite], build: { outDir: folder } });
  process.env["NODE_ENV"] = environment;
  [browser, server] = await Promise.all([sharedBrowser(), servePage(folder)]);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** What people and servers write, and what every language shares. */
const DATA: readonly (string | RegExp)[] = [
  ...createSettingsStore({ env: {}, defaults: { storageFolder: "/" }, file: settingsInMemory({}) })
    .list()
    .flatMap((setting) => Object.values(setting).filter((value): value is string => typeof value === "string" && /[a-z]{3}/i.test(value)))
    .sort((one, other) => other.length - one.length),
  "John's iPhone",
  "John Doe",
  "Kitchen phone",
  "Old phone",
  "Top Dog",
  "iOS",
  "Safari",
  "203.0.113.x",
  "This is a test",
  "test",
  "The push service accepted the notification",
  // What a provider lacks, in the server's words.
  /the account SID .*_SERVICE_SID\)\.|the region .*_ACCESS_KEY\./,
  "/usr/local/bin/cloudflared",
  // React Aria brings its own languages.
  /Show suggestions|Suggestions|Dismiss|\d+ options? available/,
  "build-7",
  "stop the server",
  "src/a.ts",
  "Grace",
  "tests passed",
  "john",
  "device",
  "United States",
  "cloudflared",
  "ngrok",
  /https?:\/\/\S+/,
  /[A-Z]+(?:_[A-Z]+)+/,
  // Dates and times come from the browser's own language.
  /\d{1,2} [A-Z][a-z]{2,8} \d{4}/,
  /\b(?:\d+ \w+ ago|in \d+ \w+|yesterday|tomorrow|last \w+|next \w+)\b/,
  /\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b/,
  /\b(?:AM|PM|US|GB)\b/,
];

const FULL: NonNullable<OpenChoice["fake"]> = {
  devices: [
    {},
    { device_name: "Kitchen phone", device_type: "android", status: "suspended", paired_via: "qr" },
    { device_name: "Old phone", status: "revoked" },
  ],
  invites: [{}, { stale: true }, { delivery: { state: "unknown", at: "2026-11-24T10:00:00Z", more: true } }],
};

/** Presses everything that can be pressed, one after another, and reads the page after each. */
async function pressEverything(page: Page, complaints: Set<string>): Promise<void> {
  const read = async (): Promise<void> => {
    for (const text of await hardCoded(page, DATA)) complaints.add(text);
  };
  await read();
  for (const opener of await page.locator("summary:visible, main [aria-expanded=false]:visible").all()) await opener.click();
  await read();
  const count = await page.locator("main button:visible").count();
  for (let index = 0; index < count; index += 1) {
    const button = page.locator("main button:visible").nth(index);
    if ((await button.count()) === 0) break;
    await button.click({ timeout: 2000 }).catch(() => undefined);
    await page.waitForTimeout(50);
    await read();
    await page.keyboard.press("Escape");
  }
}

const STATES: Readonly<Record<string, OpenChoice>> = {
  empty: {},
  full: { fake: FULL },
  "with mock mode": { fake: { ...FULL, overview: { sms_provider: "mock", base_url: "http://127.0.0.1:8001" } } },
  "with a waiting phone": { fake: { invites: [{}], claims: [{}] } },
  "with phones that wait with several links": {
    fake: { invites: [{}, { session_id: "other" }], claims: [{}, { method: "qr" }, { session_id: "other", user_id: "device" }] },
  },
  "with updates": { fake: { update: { known: { kind: "idle" } } } },
  "with a locked keychain": {
    fake: {
      overview: {
        secrets: { kind: "keychain", state: "locked", sentence: "", ways: ["retry", "file"], new_key: true, can_pair: false },
      },
    },
  },
  welcome: { fake: { overview: { welcome: true } } },
  loading: {
    prepare: (page) => {
      page.hold("overview");
      page.hold("findDevices");
    },
  },
  locked: { prepare: (page) => page.refuse("overview", { status: 401, code: "admin_token_required", detail: "" }) },
  "not loaded": { prepare: (page) => page.refuse("overview", { status: 503, code: "storage_unavailable", detail: "" }) },
};

it.each(Object.keys(STATES))("every text of the settings page is in the catalogue: %s", async (name) => {
  const { page, close } = await openPage(browser, server, STATES[name]);
  const found = new Set<string>();
  await pressEverything(page, found);
  await close();
  expect([...found]).toEqual([]);
});
