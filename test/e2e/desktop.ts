import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Menu, Tray } from "electron";
import { _electron, type ElectronApplication, type Page } from "playwright-core";
import { expect, vi } from "vitest";
import { forgetPassed, leaksIn, notePrinted, type Traces, withCanaries } from "../leaks.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const standin = path.join(root, "test/electron-standin/dist");

// One driver, two runtimes: real Electron where it is installed (`npx install-electron --no`), else the stand-in.
const chosen = process.env["ELECTRON_OVERRIDE_DIST_PATH"] ?? "";
const hasElectron = existsSync(path.join(root, "node_modules/electron/path.txt"));
// Kept here, and not in this process's environment, which is put back after each test file.
const runtimeFolder = chosen === "" && !hasElectron ? standin : chosen;
export const runtime = runtimeFolder === standin ? "stand-in" : "Electron";

/** Where the runtime lies. Importing `electron` instead would start a download where there is none. */
export function electronBinary(): string {
  return runtimeFolder === "" ? (createRequire(import.meta.url)("electron") as string) : path.join(runtimeFolder, "electron");
}

export interface Desktop {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly userData: string;
  /** What the main process printed so far. */
  readonly printed: () => string;
  /** Resolves with its exit code once the process has ended and its output is complete. */
  readonly ended: Promise<number | null>;
}

const running = new Set<ElectronApplication>();
const started: (() => Traces)[] = [];

/** For `afterEach`: closes what a test left open, and looks for secrets in all that the apps printed and wrote. */
export async function closeDesktops(): Promise<void> {
  await Promise.all([...running].map(async (app) => app.close().catch(() => undefined)));
  running.clear();
  const traces = started.splice(0).map((readTraces) => readTraces());
  for (const { printed } of traces) notePrinted(printed);
  const leaks = traces.flatMap(leaksIn);
  forgetPassed();
  expect(leaks).toEqual([]);
}

export function desktopEnvironment(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = "", HOME = "", DISPLAY = "" } = process.env;
  const all = {
    PATH,
    HOME,
    DISPLAY,
    ELECTRON_OVERRIDE_DIST_PATH: runtimeFolder,
    SMS_PROVIDER: "mock",
    PAIRING_PORT: "0",
    PAIRING_PHONE_PORT: "0",
    PAIRING_USER_ID: "user123",
    PAIRING_USER_NAME: "John Doe",
    PAIRING_COUNTRY: "US",
    ...env,
  };
  return Object.fromEntries(Object.entries(all).filter(([, text]) => text !== ""));
}

export interface DesktopChoice {
  readonly env?: Record<string, string>;
  readonly userData?: string;
  /** A deep link that it is started with. */
  readonly link?: string;
  /** The app uses the session's keychain. Otherwise its key is in a file, as if a person had chosen that before. */
  readonly keychain?: true;
  /** The folder of the app; absent: this project as it was built. */
  readonly app?: string;
}

/** What a person's choice leaves in a storage folder that is new. */
function keepKeyInFile(folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(path.join(folder, "keychain.json"), JSON.stringify({ id: "test", home: "file", kept: {} }), { mode: 0o600 });
}

/** Starts an app in the runtime, for which Playwright asks the package `electron`. */
export async function launchElectron(options: Parameters<typeof _electron.launch>[0]): Promise<ElectronApplication> {
  if (runtimeFolder !== "") process.env["ELECTRON_OVERRIDE_DIST_PATH"] = runtimeFolder;
  return _electron.launch(options);
}

/**
 * Reads what the process with this argument prints, from its first byte on. Playwright hands out a process only when the app runs, and
 * reads its output before: what is printed until then is lost to a listener that comes after it.
 * https://nodejs.org/api/diagnostics_channel.html#child-process
 */
function readOutput(argument: string): { readonly printed: () => string; readonly stop: () => void } {
  let printed = "";
  const onProcess = (message: unknown): void => {
    const child = (message as { readonly process: ChildProcess }).process;
    child.once("spawn", () => {
      if (!child.spawnargs.includes(argument)) return;
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (bytes: Buffer) => (printed += bytes.toString()));
    });
  };
  subscribe("child_process", onProcess);
  return { printed: () => printed, stop: () => unsubscribe("child_process", onProcess) };
}

/** The built app as `npm start` runs it, with data of its own. */
export async function startDesktop(choice: DesktopChoice = {}): Promise<Desktop> {
  const userData = choice.userData ?? mkdtempSync(path.join(tmpdir(), "topdog-desktop-"));
  if (!choice.keychain) keepKeyInFile(path.join(userData, "pairing"));
  const env = withCanaries(desktopEnvironment(choice.env));
  const ownFolder = `--user-data-dir=${userData}`;
  const { printed, stop } = readOutput(ownFolder);
  const app = await launchElectron({
    cwd: root,
    args: [ownFolder, choice.app ?? ".", ...(choice.link === undefined ? [] : [choice.link])],
    env,
  }).finally(stop);
  running.add(app);
  app.once("close", () => running.delete(app));
  started.push(() => ({ folder: path.join(userData, "pairing"), printed: printed(), env }));
  const ended = new Promise<number | null>((resolve) => app.process().once("close", (code) => resolve(code)));
  const page = await app.firstWindow();
  await page.getByRole("heading", { level: 1 }).waitFor();
  return { app, page, userData, printed, ended };
}

/** Of the server that was started last. What a process prints may arrive after its page has shown the same. */
export async function addressOf({ printed }: Desktop, door: "Local" | "Phone"): Promise<string> {
  return vi.waitFor(
    () => {
      const address = [...printed().matchAll(new RegExp(`^${door} door +(http\\S+)$`, "gm"))].at(-1)?.[1];
      if (address === undefined) throw new Error(`no ${door} door in:\n${printed()}`);
      return address;
    },
    { timeout: 20_000, interval: 20 },
  );
}

/** The visible entries of the tray's menu. Only the stand-in can read a tray. */
export async function trayEntries(app: ElectronApplication): Promise<string[]> {
  return app.evaluate(({ Tray: trays }) => {
    const [tray] = (trays as unknown as { _all: (Tray & { _menu: Menu })[] })._all;
    return tray?._menu.items.filter(({ visible, type }) => visible && type !== "separator").map(({ label }) => label) ?? [];
  });
}
export async function clickTray(app: ElectronApplication, id: string): Promise<void> {
  await app.evaluate(({ Tray: trays }, entry) => {
    (trays as unknown as { _all: (Tray & { _menu: Menu })[] })._all[0]?._menu.getMenuItemById(entry)?.click();
  }, id);
}

export const isVisible = async ({ app, page }: Desktop): Promise<boolean> =>
  (await app.browserWindow(page)).evaluate((window) => window.isVisible());
