import path from "node:path";
import { fileURLToPath } from "node:url";
import { app, dialog, Menu } from "electron";
import { guardOutput } from "../adapters/system/guard-output.ts";
import { leaveDeletedFolder } from "../adapters/system/working-folder.ts";
import { messageOf } from "../base/message-of.ts";
import { languageOfSystem } from "../settings/system-language.ts";
import { say as sayInWords, showOwnTextsIn } from "../words/say.ts";
import { quitWithServer, superviseAppServer } from "./app-server.ts";
import { appSettings, chosenPorts } from "./app-settings.ts";
import { setupTray } from "./app-tray.ts";
import { openAppUpdates } from "./app-updates.ts";
import { openAppWindow } from "./app-window.ts";
import { createLinkQueue, LINK_SCHEME, linksIn, routeOf } from "./deep-link.ts";
import { closePreferencesChannel } from "./ipc.ts";
import type { MainWindow } from "./main-window.ts";
import { menuTemplate } from "./menu.ts";
import { refuseDeviceFeatures } from "./page-permissions.ts";
import { registerPageScheme, servePage } from "./page-protocol.ts";
import { openPreferences } from "./preferences.ts";
import { say } from "./say.ts";
import { HIDDEN } from "./start-at-login.ts";

/** The desktop app: one instance, one server in this process, one window that shows it, and a tray icon that stays. */
const dist = fileURLToPath(new URL("..", import.meta.url));
const links = createLinkQueue();

leaveDeletedFolder();
// The terminal that the app was started from may be closed long before the app quits.
guardOutput((code) => say(sayInWords("desktop.outputClosed", { code })));

if (app.requestSingleInstanceLock()) {
  registerPageScheme();
  app.on("open-url", (event, link) => {
    event.preventDefault();
    links.add([link]);
  });
  links.add(linksIn(process.argv));
  app.whenReady().then(start).catch(fail);
} else {
  // The first instance shows its window, and opens the link that this one was started with.
  app.quit();
}

async function start(): Promise<void> {
  const preferences = openPreferences(app.getPath("userData"), say);
  await showOwnTextsIn(preferences.get().language ?? languageOfSystem(process.env, app.getPreferredSystemLanguages()));
  closePreferencesChannel();
  const settings = appSettings(preferences);
  settings.checkEnvironment();
  refuseDeviceFeatures();
  servePage(path.join(dist, "renderer"));
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);

  const supervisor = superviseAppServer(dist, settings, preferences);
  const isQuitting = quitWithServer(supervisor);
  const updates = openAppUpdates(supervisor, preferences);
  const window = openAppWindow({ dist, supervisor, preferences, updates, isQuitting, onLanguage: () => showTexts() });
  const tray = setupTray(dist, window, supervisor);
  const showTexts = (): void => {
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(window.navigate)));
    tray.showWaiting({});
  };
  showTexts();
  setupAppEvents(window);

  // The page loads while the server starts: what it asks waits for the server.
  if (!process.argv.includes(HIDDEN)) window.page.show();
  links.openWith((link) => openLink(window, link));
  updates.follow();
  const { localPort, phonePort } = preferences.get();
  void supervisor.start(chosenPorts(localPort, phonePort)).then((state) => {
    // After a start at login the window stays hidden, unless there is a failure to show.
    if (state.kind === "failed") window.page.show();
  });
}

function setupAppEvents({ page }: MainWindow): void {
  app.on("second-instance", (_event, argv) => {
    page.show();
    links.add(linksIn(argv));
  });
  app.on("activate", () => page.show());
  app.on("window-all-closed", () => {
    if (process.platform !== "darwin") app.quit();
  });
}

function openLink(window: MainWindow, link: string): void {
  const route = routeOf(link);
  if (route === undefined) say(sayInWords("desktop.linkIgnored", { scheme: LINK_SCHEME }));
  else window.navigate(route);
}

function fail(cause: unknown): void {
  const sentence = messageOf(cause);
  say(sentence);
  dialog.showErrorBox(sayInWords("desktop.cannotStart", { title: sayInWords("desktop.title") }), sentence);
  app.exit(1);
}
