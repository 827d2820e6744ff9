import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import { phoneNumbers } from "../../src/adapters/system/phone-numbers.ts";
import { problemOf } from "../../src/operations/problem.ts";
import { createSettingsStore } from "../../src/settings/settings-store.ts";
import { sharedBrowser } from "../browser.ts";
import type { FakeChoice, FakePage, PhoneReading } from "../fakes/pairing-api.ts";
import { settingsInMemory } from "../settings-in-memory.ts";
import { type Bridge, preloadScript } from "./page-bridge.ts";
import { openTopdog, type Topdog, type TopdogChoice } from "./topdog.ts";

/** What Chromium writes to the console and is no complaint about the page. */
const IGNORED = [
  // An error status is an answer; what the page makes of it is the test's business.
  "Failed to load resource",
  // Advice about sign-in forms, at level verbose. A provider's form has several secrets and signs nobody in.
  "Multiple forms should be contained in their own form elements",
];

const root = fileURLToPath(new URL("../..", import.meta.url));

/** As the local door sends it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css" };

declare global {
  interface Window {
    /** The fake behind the page, for tests that run it inside the page. */
    readonly fakePage: FakePage;
  }
}

export interface PageServer {
  readonly address: string;
  readonly folder: string;
  /** Answers what the page asks of the door, before the files are read. */
  answerWith: (handler: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined) => void;
  readonly close: () => Promise<void>;
}

/** Serves the page that was built for all tests, under its policy. */
export async function servePage(folder = inject("settingsPageFolder")): Promise<PageServer> {
  let handler: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  const server = createServer((request, response) => {
    if (handler?.(request, response)) return;
    const { pathname } = new URL(request.url ?? "/", "http://page");
    const file = path.join(folder, pathname === "/" ? "index.html" : path.normalize(pathname));
    readFile(file).then(
      (content) =>
        response
          .writeHead(200, {
            "Content-Type": TYPES[path.extname(file)] ?? "application/octet-stream",
            "Content-Security-Policy": POLICY,
            ...(pathname.startsWith("/assets/") ? { "Cache-Control": "public, max-age=31536000, immutable" } : {}),
          })
          .end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    folder,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerWith: (next) => {
      handler = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Reads numbers as the server does. */
export async function readNumber(typed: string, country: string | undefined): Promise<PhoneReading> {
  const reading = await phoneNumbers.read(typed, country);
  if (!reading) return { sendable: false, problem: "This isn't a phone number. Include the country code, for example +1 415 555 2671." };
  if (!reading.possible)
    return { e164: reading.e164, sendable: false, problem: "This number has too few or too many digits. Check the number." };
  if (reading.costly)
    return { e164: reading.e164, sendable: false, problem: "This number costs extra or can't receive text messages. Use a mobile number." };
  return {
    e164: reading.e164,
    sendable: true,
    ...(reading.country === undefined ? {} : { country: reading.country }),
    ...(reading.landline ? { warning: "This may be a landline that can't receive text messages." } : {}),
  };
}

/** The host's settings as the server has them, for one page. */
function settingsOf({ environment = {}, saved = {} }: Pick<FakeChoice, "environment" | "saved">): NonNullable<FakeChoice["askSettings"]> {
  const fakePage = createSettingsStore({ env: environment, defaults: { storageFolder: "/" }, file: settingsInMemory(saved) });
  return async (change) => {
    try {
      if (change?.check_only === true) fakePage.check(change.values);
      else if (change) await fakePage.save(change.values);
      return { ok: true, value: { settings: fakePage.list().map((setting) => ({ ...setting })) } };
    } catch (thrown) {
      return { ok: false, problem: problemOf(thrown).problem };
    }
  };
}

export interface OpenedPage {
  readonly page: Page;
  /** What the page must never cause: violations of its policy, errors, requests to anybody else. */
  readonly complaints: string[];
  readonly close: () => Promise<void>;
}

export interface OpenChoice {
  readonly fake?: Omit<FakeChoice, "readNumber" | "askSettings">;
  /** Runs in the page after the fake is there and before the page starts. */
  readonly prepare?: (fakePage: FakePage) => void;
  /** The page's clock stands here until the test moves it. */
  readonly at?: string;
  /** The page finds no bridge and talks to its own address. */
  readonly inBrowser?: boolean;
  readonly context?: BrowserContextOptions;
}

/** A page over the product's own operations. */
export interface TopdogPageChoice extends TopdogChoice {
  /** Before the page starts. */
  readonly prepare?: (topdog: Topdog) => Promise<void> | void;
  /** Runs in the page before the page starts. */
  readonly inPage?: string;
  readonly context?: BrowserContextOptions;
}

export interface TopdogPages {
  readonly open: (choice?: TopdogPageChoice) => Promise<OpenedPage & { readonly topdog: Topdog }>;
  readonly server: () => PageServer;
}

/** For the top of a test file: one browser and one built page for all of its tests, and no test may leave a complaint. */
export function topdogPages(): TopdogPages {
  let browser: Browser;
  let server: PageServer;
  let idle: WatchedPage[] = [];
  const opened: OpenedPage[] = [];
  beforeAll(async () => {
    [browser, server] = await Promise.all([sharedBrowser(), servePage()]);
  });
  afterAll(async () => {
    idle = [];
    await server.close();
  });
  afterEach(async () => {
    const complaints = opened.flatMap((each) => each.complaints);
    await Promise.all(opened.splice(0).map(({ close }) => close()));
    expect(complaints).toEqual([]);
  });
  return {
    server: () => server,
    async open(choice = {}) {
      const each = await openTopdogPage(browser, server, choice, idle);
      opened.push(each);
      return each;
    },
  };
}

/** Which bridge answers a page: `settle` waits for it. */
const bridges = new WeakMap<Page, Bridge>();

async function openTopdogPage(
  browser: Browser,
  { address }: PageServer,
  choice: TopdogPageChoice = {},
  idle?: WatchedPage[],
): Promise<OpenedPage & { readonly topdog: Topdog }> {
  const isOrdinary = idle !== undefined && choice.at === undefined && choice.context === undefined;
  const watched = (isOrdinary ? idle.pop() : undefined) ?? (await watchPage(browser, address, choice));
  const { page } = watched;
  const complaints: string[] = [];
  const topdog = await openTopdog(page, choice);
  Object.assign(watched, { complaints, bridge: topdog });
  bridges.set(page, topdog);
  await choice.prepare?.(topdog);
  if (choice.at !== undefined) {
    // The clock runs until it is paused, and it cannot be paused in its past: it begins a little earlier.
    await page.clock.install({ time: Date.parse(choice.at) - 10 * 60_000 });
    await page.clock.pauseAt(choice.at);
  }
  const session = await page.context().newCDPSession(page);
  await session.send("Page.enable");
  const source = `if (location.protocol === "http:") { ${await preloadScript()}\n${choice.inPage ?? ""} }`;
  const { identifier } = await session.send("Page.addScriptToEvaluateOnNewDocument", { source });
  await page.goto(`${address}/`);
  if (choice.at !== undefined) await settle(page);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return {
    page,
    complaints,
    topdog,
    async close() {
      await topdog.close();
      if (!isOrdinary || page.isClosed()) return page.context().close();
      await session.send("Page.removeScriptToEvaluateOnNewDocument", { identifier });
      await session.send("Storage.clearDataForOrigin", { origin: address, storageTypes: "all" });
      await session.detach();
      await page.context().clearCookies();
      await page.context().setOffline(false);
      await page.emulateMedia({ colorScheme: null, forcedColors: null, media: null, reducedMotion: null });
      await page.setViewportSize(VIEWPORT);
      await page.goto("about:blank");
      idle.push(watched);
    },
  };
}

export interface SettingsPages {
  readonly open: (choice?: OpenChoice) => Promise<OpenedPage>;
  readonly server: () => PageServer;
}

/** For the top of a test file: one browser and one built page for all of its tests, and no test may leave a complaint. */
export function settingsPages(): SettingsPages {
  let browser: Browser;
  let server: PageServer;
  let idle: WatchedPage[] = [];
  const opened: OpenedPage[] = [];
  beforeAll(async () => {
    [browser, server] = await Promise.all([sharedBrowser(), servePage()]);
  });
  afterAll(async () => {
    idle = [];
    await server.close();
  });
  afterEach(async () => {
    const complaints = opened.flatMap((each) => each.complaints);
    await Promise.all(opened.splice(0).map(({ close }) => close()));
    expect(complaints).toEqual([]);
  });
  return {
    server: () => server,
    async open(choice = {}) {
      const each = await openPage(browser, server, choice, idle);
      opened.push(each);
      return each;
    },
  };
}

let fakeBundle: Promise<string> | undefined;
async function bundledFake(): Promise<string> {
  fakeBundle ??= bundle({
    entryPoints: [path.join(root, "test/fakes/pairing-api.ts")],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "Fake",
    logLevel: "warning",
  }).then(({ outputFiles }) => outputFiles[0]!.text);
  return fakeBundle;
}

/** A page whose complaints and questions go to the test that has it open. */
interface WatchedPage {
  bridge?: Pick<Bridge, "receive">;
  readonly page: Page;
  complaints: string[];
  askSettings: NonNullable<FakeChoice["askSettings"]>;
}

const VIEWPORT = { width: 900, height: 1100 };

async function watchPage(browser: Browser, address: string, choice: Pick<OpenChoice, "context" | "inBrowser">): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: VIEWPORT, locale: "en-GB", timezoneId: "Europe/Berlin", ...choice.context });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const watched: WatchedPage = { page, complaints: [], askSettings: settingsOf({}) };
  const complain = (text: string): void => void watched.complaints.push(text);
  page.on("console", (message) => {
    if (IGNORED.every((text) => !message.text().includes(text))) complain(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complain(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    complain(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(`${address}/`) && !request.url().startsWith("data:")) complain(`foreign request: ${request.url()}`);
  });
  if (choice.inBrowser !== true) {
    await page.exposeFunction("readNumber", readNumber);
    await page.exposeFunction("askTopDog", async (...asked: Parameters<Bridge["receive"]>) => watched.bridge?.receive(...asked));
    await page.exposeFunction("askSettings", async (change: Parameters<WatchedPage["askSettings"]>[0]) => watched.askSettings(change));
  }
  return watched;
}

/** The script that puts the fake behind the page before the page starts. */
async function fakeScript({ fake = {}, prepare = () => undefined }: OpenChoice): Promise<string> {
  return `if (location.protocol === "http:") {
    ${await bundledFake()}
    window.fakePage = Fake.createFakePage({ ...${JSON.stringify(fake)}, readNumber: window.readNumber, askSettings: window.askSettings });
    window.topdog = window.fakePage.bridge;
    (${prepare.toString()})(window.fakePage);
  }`;
}

/**
 * Opens the page with a fake behind it, watched. A page of `idle` is used again where nothing of its own was chosen: it loads in a
 * quarter of the time, because its process has the page's code compiled already.
 */
export async function openPage(
  browser: Browser,
  { address }: PageServer,
  choice: OpenChoice = {},
  idle?: WatchedPage[],
): Promise<OpenedPage> {
  const isOrdinary = idle !== undefined && choice.at === undefined && choice.context === undefined && choice.inBrowser !== true;
  const watched = (isOrdinary ? idle.pop() : undefined) ?? (await watchPage(browser, address, choice));
  const { page } = watched;
  const complaints: string[] = [];
  watched.complaints = complaints;
  watched.askSettings = settingsOf(choice.fake ?? {});
  if (choice.at !== undefined) {
    // The clock runs until it is paused, and it cannot be paused in its past: it begins a little earlier.
    await page.clock.install({ time: Date.parse(choice.at) - 10 * 60_000 });
    await page.clock.pauseAt(choice.at);
  }
  const session = await page.context().newCDPSession(page);
  await session.send("Page.enable");
  let script: string | undefined;
  if (choice.inBrowser !== true)
    script = (await session.send("Page.addScriptToEvaluateOnNewDocument", { source: await fakeScript(choice) })).identifier;
  await page.goto(`${address}/`);
  if (choice.at !== undefined) await settle(page);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return {
    page,
    complaints,
    async close() {
      if (!isOrdinary || script === undefined || page.isClosed()) return page.context().close();
      await session.send("Page.removeScriptToEvaluateOnNewDocument", { identifier: script });
      await session.send("Storage.clearDataForOrigin", { origin: address, storageTypes: "all" });
      await session.detach();
      await page.context().clearCookies();
      await page.context().setOffline(false);
      await page.emulateMedia({ colorScheme: null, forcedColors: null, media: null, reducedMotion: null });
      await page.setViewportSize(VIEWPORT);
      await page.goto("about:blank");
      idle.push(watched);
    },
  };
}

/** Lets what is due happen, where the page's clock stands: a few milliseconds pass. */
export async function settle(page: Page): Promise<void> {
  const bridge = bridges.get(page);
  for (let turn = 0, before = bridge?.settledAt(); turn < 8; turn += 1) {
    const now = bridge?.settledAt();
    if (bridge && (now === undefined || now !== before)) turn = 0;
    before = now;
    await page.clock.runFor(2);
    await page.evaluate(
      async () =>
        new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = resolve;
          port2.postMessage(0);
        }),
    );
  }
}
