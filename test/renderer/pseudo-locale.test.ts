import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSettingsStore } from "../../src/settings/settings-store.ts";
import { errors } from "../../src/words/en/errors.ts";
import { reach } from "../../src/words/en/reach.ts";
import { server as ofServer } from "../../src/words/en/server.ts";
import { LANGUAGES } from "../../src/words/languages.ts";
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
  ...Object.values(LANGUAGES).map(({ name }) => name),
  // What the server says, and what the audit trail has of callers.
  ofServer.test,
  ofServer.pushOff,
  errors.push_unavailable.not_https,
  reach.this_computer_only,
  /Mozilla\/5\.0 .*Safari\/[\d.]+/,
  "desktop",
  // The name of a key, and the address of links where phones reach the computer.
  "Ctrl K",
  /(?:https:\/\/)?pair\.example\.com/,
  "sms outcome unknown",
  "John's iPhone",
  "John Doe",
  "Kitchen phone",
  "Old phone",
  "Top Dog",
  "iOS",
  "Safari",
  "203.0.113.x",
  "test",
  // What a provider lacks, in the server's words.
  /the account SID .*_SERVICE_SID\)\.|the region .*_ACCESS_KEY\.|the API key .*VONAGE_SENDER\)\./,
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

const FULL: OpenChoice = {
  sms: "twilio",
  async prepare({ havePhones, inviteInAllWays }) {
    await havePhones([
      {},
      { device_name: "Kitchen phone", device_type: "android", status: "suspended", paired_via: "qr" },
      { device_name: "Old phone", status: "revoked" },
    ]);
    await inviteInAllWays();
  },
};
const CONFIRM = { PAIRING_CONFIRM: "always" };

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
  full: FULL,
  "with mock mode": { ...FULL, address: "" },
  "with a waiting phone": { env: CONFIRM, invites: [{}], prepare: async ({ accept }) => void (await accept()) },
  "with phones that wait with several links": {
    env: CONFIRM,
    async prepare({ invite, accept, elsewhere }) {
      await invite();
      await accept();
      await elsewhere("generateQr", { user_id: "device" });
      await accept();
      await accept();
    },
  },
  "with updates": { update: { known: { kind: "idle" } } },
  "with a locked keychain": {
    prepare: ({ setSecrets }) => setSecrets({ kind: "keychain", state: "locked", sentence: "", ways: ["retry", "file"], newKey: true }),
  },
  welcome: { welcome: true },
  loading: {
    prepare(topdog) {
      topdog.hold("overview");
      topdog.hold("findDevices");
    },
  },
  locked: { prepare: ({ refuse }) => refuse("overview", { status: 401, code: "admin_token_required", detail: "" }) },
  "not loaded": { prepare: ({ refuse }) => refuse("overview", { status: 503, code: "storage_unavailable", detail: "" }) },
};

it.each(Object.keys(STATES))("every text of the settings page is in the catalogue: %s", async (name) => {
  const { page, close } = await openPage(browser, server, STATES[name]);
  const found = new Set<string>();
  await pressEverything(page, found);
  await close();
  expect([...found]).toEqual([]);
});
