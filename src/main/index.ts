import path from "node:path";
import { fileURLToPath } from "node:url";
import { app, dialog, Menu } from "electron";
import packageJson from "../../package.json" with { type: "json" };
import { assemble } from "../assemble.ts";
import { readSettings } from "../settings/read-settings.ts";
import { answerPage } from "./ipc.ts";
import { startKeychain } from "./keychain-process.ts";
import { menuTemplate } from "./menu.ts";
import { refuseDeviceFeatures } from "./page-permissions.ts";
import { registerPageScheme, servePage } from "./page-protocol.ts";
import { createPageWindow } from "./page-window.ts";

/** The desktop host, from top to bottom: one instance, one server in this process, one window that asks it. */
const dist = fileURLToPath(new URL("..", import.meta.url));

if (app.requestSingleInstanceLock()) {
  registerPageScheme();
  app.whenReady().then(start).catch(fail);
} else {
  // The first instance shows its window.
  app.quit();
}

async function start(): Promise<void> {
  const settings = readSettings(process.env, { storageFolder: path.join(app.getPath("userData"), "pairing") });
  refuseDeviceFeatures();
  servePage(path.join(dist, "renderer"));
  // The page loads while the store is read; what it asks waits for the answer.
  const server = assemble(settings, {
    distFolder: dist,
    appVersion: packageJson.version,
    startKeychain: () => startKeychain(path.join(dist, "main/keychain-worker.js")),
    print: (line) => void process.stdout.write(`${line}\n`),
  });
  const page = createPageWindow({
    preload: path.join(dist, "preload/index.cjs"),
    mayOpen: async (address) => address.startsWith(`${(await server).baseUrl()}/pair?code=`),
  });
  answerPage(page, server);
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(page.open)));
  app.on("second-instance", () => page.show());
  app.on("activate", () => page.show());
  app.on("window-all-closed", () => {
    if (process.platform !== "darwin") app.quit();
  });
  closeBeforeQuit(await server);
}

/** What is in flight is finished and the storage folder let go before the process ends. */
function closeBeforeQuit(server: { close(): Promise<void> }): void {
  let closed = false;
  app.on("will-quit", (event) => {
    if (closed) return;
    event.preventDefault();
    server.close().then(
      () => {
        closed = true;
        app.quit();
      },
      (cause: unknown) => {
        process.stderr.write(`The server did not stop cleanly: ${sentenceOf(cause)}\n`);
        app.exit(1);
      },
    );
  });
}

function fail(cause: unknown): void {
  const sentence = sentenceOf(cause);
  process.stderr.write(`${sentence}\n`);
  dialog.showErrorBox("Top Dog Phone Pairing cannot start", sentence);
  app.exit(1);
}

function sentenceOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
