import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import { sharedBrowser } from "../browser.ts";
import { type Bridge, preloadScript } from "./page-bridge.ts";
import { openTopdog, type Topdog, type TopdogChoice } from "./topdog.ts";

/** What Chromium writes to the console and is no complaint about the page. */
const IGNORED = [
  // An error status is an answer; what the page makes of it is the test's business.
  "Failed to load resource",
  // Advice about sign-in forms, at level verbose. A provider's form has several secrets and signs nobody in.
  "Multiple forms should be contained in their own form elements",
];

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

export interface OpenedPage {
  readonly page: Page;
  /** What the page must never cause: violations of its policy, errors, requests to anybody else. */
  readonly complaints: string[];
  readonly close: () => Promise<void>;
}

export interface OpenChoice extends TopdogChoice {
  /** What the page shows first, as its address names it: a view, or a place in one. The default is the phones. */
  readonly show?: "approvals" | "activity" | "settings" | "pair" | "qr" | "sms" | "reachability";
  /** Before the page starts. */
  readonly prepare?: (topdog: Topdog) => Promise<void> | void;
  /** Runs in the page before the page starts. */
  readonly inPage?: string;
  readonly context?: BrowserContextOptions;
}

export interface SettingsPages {
  readonly open: (choice?: OpenChoice) => Promise<OpenedPage & { readonly topdog: Topdog }>;
  readonly server: () => PageServer;
}

/** For the top of a test file: one browser and one built page for all of its tests, and no test may leave a complaint. `show` is for each of its pages. */
export function settingsPages(show?: OpenChoice["show"]): SettingsPages {
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
      const each = await openPage(browser, server, show === undefined ? choice : { show, ...choice }, idle);
      opened.push(each);
      return each;
    },
  };
}

/** A page whose complaints and questions go to the test that has it open. */
interface WatchedPage {
  readonly page: Page;
  complaints: string[];
  bridge?: Pick<Bridge, "receive">;
}

const VIEWPORT = { width: 900, height: 1100 };

async function watchPage(browser: Browser, address: string, { context }: Pick<OpenChoice, "context">): Promise<WatchedPage> {
  const page = await (await browser.newContext({ viewport: VIEWPORT, locale: "en-GB", timezoneId: "Europe/Berlin", ...context })).newPage();
  page.setDefaultTimeout(30_000);
  const watched: WatchedPage = { page, complaints: [] };
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
  return watched;
}

/** The page's clock stands here until the test moves it. */
async function stopClock(page: Page, at: string): Promise<void> {
  // The clock runs until it is paused, and it cannot be paused in its past: it begins a little earlier.
  await page.clock.install({ time: Date.parse(at) - 10 * 60_000 });
  await page.clock.pauseAt(at);
}

/** Opens the page as a browser shows it, which finds no bridge and talks to its own address. */
export async function openInBrowser(
  browser: Browser,
  { address }: PageServer,
  { at, hash = "" }: { readonly at?: string; readonly hash?: string } = {},
): Promise<OpenedPage> {
  const { page, complaints } = await watchPage(browser, address, {});
  if (at !== undefined) await stopClock(page, at);
  await page.goto(`${address}/${hash}`);
  if (at !== undefined) await settle(page);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return { page, complaints, close: () => page.context().close() };
}

/** Which bridge answers a page: `settle` waits for it. */
const bridges = new WeakMap<Page, Bridge>();

/**
 * Opens the page as the desktop app shows it, over the product's own operations. A page of `idle` is used again where nothing of its own
 * was chosen: it loads in a quarter of the time, because its process has the page's code compiled already.
 */
export async function openPage(
  browser: Browser,
  { address }: PageServer,
  choice: OpenChoice = {},
  idle?: WatchedPage[],
): Promise<OpenedPage & { readonly topdog: Topdog }> {
  const isOrdinary = idle !== undefined && choice.at === undefined && choice.context === undefined;
  const watched = (isOrdinary ? idle.pop() : undefined) ?? (await watchForBridge(browser, address, choice));
  const { page } = watched;
  const complaints: string[] = [];
  const topdog = await openTopdog(page, choice);
  Object.assign(watched, { complaints, bridge: topdog });
  bridges.set(page, topdog);
  await choice.prepare?.(topdog);
  if (choice.at !== undefined) await stopClock(page, choice.at);
  const session = await page.context().newCDPSession(page);
  await session.send("Page.enable");
  const source = `if (location.protocol === "http:") { ${await preloadScript()}\n${choice.inPage ?? ""} }`;
  const { identifier } = await session.send("Page.addScriptToEvaluateOnNewDocument", { source });
  await page.goto(`${address}/${choice.show === undefined ? "" : `#${choice.show}`}`);
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

async function watchForBridge(browser: Browser, address: string, choice: OpenChoice): Promise<WatchedPage> {
  const watched = await watchPage(browser, address, choice);
  await watched.page.exposeFunction("askTopDog", async (...asked: Parameters<Bridge["receive"]>) => watched.bridge?.receive(...asked));
  return watched;
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
