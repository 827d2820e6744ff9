import path from "node:path";
import { fileURLToPath } from "node:url";
import { app, BrowserWindow, dialog, Menu, powerMonitor } from "electron";
import packageJson from "../../package.json" with { type: "json" };
import { guardOutput } from "../adapters/system/guard-output.ts";
import { leaveDeletedFolder } from "../adapters/system/working-folder.ts";
import { messageOf } from "../base/message-of.ts";
import type { Route } from "../contract/pairing-api.ts";
import type { Approval, PairingSession } from "../core/index.ts";
import { assemble } from "../host/assemble.ts";
import { openSettings, SettingsFileError, setSettingsAside } from "../host/open-settings.ts";
import { isGiven } from "../settings/read-option.ts";
import type { SavedSettings } from "../settings/read-settings.ts";
import { say as sayInWords } from "../words/say.ts";
import { LINK_SCHEME, linksIn, placeOf } from "./deep-link.ts";
import { followApprovals } from "./follow-approvals.ts";
import { followMessages } from "./follow-messages.ts";
import { closePreferencesChannel } from "./ipc.ts";
import { startKeychain } from "./keychain-process.ts";
import { openMainWindow } from "./main-window.ts";
import { menuTemplate } from "./menu.ts";
import { notices } from "./notices.ts";
import { notify } from "./notify.ts";
import { refuseDeviceFeatures } from "./page-permissions.ts";
import { registerPageScheme, servePage } from "./page-protocol.ts";
import { openPreferences, type PreferenceStore } from "./preferences.ts";
import { createServerSupervisor, type ServerSupervisor } from "./server-supervisor.ts";
import { HIDDEN, startAtLogin } from "./start-at-login.ts";
import { followInvites, showTray } from "./tray.ts";
import { canUpdate, createUpdates, loadUpdater } from "./updates.ts";
import { rememberPlace } from "./window-place.ts";

/** The desktop app: one instance, one server in this process, one window that asks it, and a tray that stays. */
const dist = fileURLToPath(new URL("..", import.meta.url));

leaveDeletedFolder();

/** Links wait for the window, as macOS may bring one before the app is ready. */
const links: string[] = [];
let openLinks: () => void = () => undefined;
const openDeepLinks = (received: readonly string[]): void => {
  links.push(...received);
  openLinks();
};

// The terminal that the app was started from may be closed long before the app is quit.
guardOutput((code) => say(`Standard output cannot be written any more (${code}). The log file has mock messages.`));

if (app.requestSingleInstanceLock()) {
  registerPageScheme();
  app.on("open-url", (event, link) => {
    event.preventDefault();
    openDeepLinks([link]);
  });
  openDeepLinks(linksIn(process.argv));
  app.whenReady().then(start).catch(fail);
} else {
  // The first instance shows its window, at the place of the link that this one was given.
  app.quit();
}

function start(): void {
  const preferences = openPreferences(app.getPath("userData"), say);
  closePreferencesChannel();
  const environment = withPreferences(preferences);
  refuseFaultyEnvironment(environment());
  refuseDeviceFeatures();
  servePage(path.join(dist, "renderer"));
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);

  // The page loads while the store is read; what it asks waits for the answer.
  const supervisor = createServerSupervisor({
    openSettings: (chosen) => openSettings(environment(), defaults(), chosen),
    setSettingsAside: async () => setSettingsAside(environment(), defaults()),
    assemble: (settings) =>
      assemble(settings, {
        distFolder: dist,
        appVersion: packageJson.version,
        askBeforeAws: true,
        idleSeconds: () => powerMonitor.getSystemIdleTime(),
        startKeychain: () => startKeychain(path.join(dist, "main/keychain-worker.js")),
        print: (line) => void process.stdout.write(`${line}\n`),
        lost(sentence) {
          say(sentence);
          // The start says who has the folder, and the window how to go on.
          void supervisor.restart();
        },
      }),
    isFixed: (setting) => isGiven(process.env[setting]),
    onSaved: (chosen) =>
      preferences.set({
        ...("PAIRING_PORT" in chosen ? { localPort: undefined } : {}),
        ...("PAIRING_PHONE_PORT" in chosen ? { phonePort: undefined } : {}),
      }),
    say,
  });
  const quitting = quitWithServer(supervisor);
  const updates = createUpdates({
    available: canUpdate(),
    load: loadUpdater,
    wanted: () => preferences.get().lookForUpdates,
    async beforeInstall() {
      await supervisor.close();
      // The next version is started before this one has ended.
      app.releaseSingleInstanceLock();
    },
    ready: (version) =>
      notify({
        ...notices.updateReady(version),
        onClick: () => void updates.install(),
      }),
    say,
  });
  const mainWindow = openMainWindow({
    supervisor,
    distFolder: dist,
    makeWindow: (options) => new BrowserWindow(options),
    onWindow(window) {
      rememberPlace(window, preferences);
      hideToTray(window, preferences, quitting);
    },
    startServer: async ({ local_port, phone_port }) => supervisor.start(portsChosen(local_port, phone_port)),
    async chooseFolder() {
      const { canceled, filePaths } = await dialog.showOpenDialog({
        title: sayInWords("desktop.chooseFolder"),
        properties: ["openDirectory", "createDirectory"],
      });
      const [folder] = filePaths;
      if (canceled || folder === undefined) return supervisor.state();
      preferences.set({ storageFolder: folder });
      return supervisor.start();
    },
    preferences() {
      const { closeToTray, startAtLogin: atLogin, lookForUpdates } = preferences.get();
      return {
        close_to_tray: closeToTray,
        start_at_login: atLogin,
        ...(updates.available ? { look_for_updates: lookForUpdates } : {}),
      };
    },
    async setPreferences({ close_to_tray, start_at_login, look_for_updates }) {
      if (close_to_tray !== undefined) preferences.set({ closeToTray: close_to_tray });
      if (look_for_updates !== undefined) {
        preferences.set({ lookForUpdates: look_for_updates });
        updates.follow();
      }
      if (start_at_login === undefined) return;
      await startAtLogin(start_at_login);
      preferences.set({ startAtLogin: start_at_login });
    },
    onPaired({ deviceId, deviceName }) {
      if (mainWindow.page.isFocused()) return;
      notify({ ...notices.paired({ deviceName }), onClick: () => navigate(`device:${deviceId}`) });
    },
    onRevoked: () => undefined,
    updates,
    warn: say,
  });
  const answered = ({ projectName, status, decidedBy }: Approval): void => {
    if (mainWindow.page.isFocused() || decidedBy?.kind !== "phone") return;
    notify({ ...notices.answered({ projectName, status }, decidedBy.deviceName), onClick: () => navigate("approvals") });
  };
  const lost = (_session: PairingSession, problem: string | undefined): void => {
    if (mainWindow.page.isFocused()) return;
    notify({
      ...notices.linkLost(problem),
      onClick: () => navigate("pair"),
    });
  };
  const navigate = (place: Route): void => void mainWindow.navigate(place);
  const pair = (): void => navigate("pair");

  openLinks = () => {
    for (const link of links.splice(0)) {
      const place = placeOf(link);
      if (place === undefined) say(`A ${LINK_SCHEME}: link was ignored: it names no place in this app.`);
      else navigate(place);
    }
  };
  const tray = showTray({
    iconFolder: path.join(dist, "main"),
    title: sayInWords("desktop.title"),
    open: mainWindow.page.show,
    pair,
    approvals: () => navigate("approvals"),
    quit: () => app.quit(),
  });
  supervisor.onServer(({ pairing }) => {
    const failed = (cause: unknown): void => say(`The tray could not look what waits: ${messageOf(cause)}`);
    followInvites(pairing, (invites) => tray.showWaiting({ invites }), failed);
    followApprovals(pairing, { waiting: (approvals) => tray.showWaiting({ approvals }), answered, failed });
    followMessages(pairing, lost, failed);
  });
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(navigate)));
  app.on("second-instance", (_event, argv) => {
    mainWindow.page.show();
    openDeepLinks(linksIn(argv));
  });
  app.on("activate", () => mainWindow.page.show());
  app.on("window-all-closed", () => {
    if (process.platform !== "darwin") app.quit();
  });
  if (!process.argv.includes(HIDDEN)) mainWindow.page.show();
  openLinks();
  updates.follow();
  const { localPort, phonePort } = preferences.get();
  void supervisor.start(portsChosen(localPort, phonePort)).then((state) => {
    // A start at login that failed has something to show after all.
    if (state.kind === "failed") mainWindow.page.show();
  });
}

/** Faults of the environment are no window's business: they are said, and nothing is begun. Those of a file are shown there. */
function refuseFaultyEnvironment(env: NodeJS.ProcessEnv): void {
  try {
    openSettings(env, defaults());
  } catch (cause) {
    if (!(cause instanceof SettingsFileError)) throw cause;
  }
}

/** Ports as settings; what the environment says stands, whatever was chosen. */
function portsChosen(localPort: number | undefined, phonePort: number | undefined): SavedSettings {
  return {
    ...(localPort === undefined || isGiven(process.env["PAIRING_PORT"]) ? {} : { PAIRING_PORT: String(localPort) }),
    ...(phonePort === undefined || isGiven(process.env["PAIRING_PHONE_PORT"]) ? {} : { PAIRING_PHONE_PORT: String(phonePort) }),
  };
}

function defaults(): { readonly storageFolder: string } {
  return { storageFolder: path.join(app.getPath("userData"), "pairing") };
}

/** The folder that was chosen in the window stands where the environment says nothing. */
function withPreferences(preferences: PreferenceStore): () => NodeJS.ProcessEnv {
  return () => {
    const { storageFolder } = preferences.get();
    return storageFolder === undefined || isGiven(process.env["PAIRING_STORAGE_PATH"])
      ? process.env
      : { ...process.env, PAIRING_STORAGE_PATH: storageFolder };
  };
}

/** Closing hides while there is a tray to come back from; the first time it is said. */
function hideToTray(window: BrowserWindow, preferences: PreferenceStore, quitting: () => boolean): void {
  window.on("close", (event) => {
    const { closeToTray, toldAboutTray } = preferences.get();
    if (quitting() || !closeToTray) return;
    event.preventDefault();
    window.hide();
    if (toldAboutTray) return;
    preferences.set({ toldAboutTray: true });
    notify({
      ...notices.keepsRunning(),
      onClick: () => window.show(),
    });
  });
}

/** What is in flight is finished and the storage folder let go before the process ends. Answers whether it is ending. */
function quitWithServer(supervisor: ServerSupervisor): () => boolean {
  let quitting = false;
  let closed = false;
  app.on("before-quit", () => {
    quitting = true;
  });
  app.on("will-quit", (event) => {
    if (closed) return;
    event.preventDefault();
    supervisor.close().then(
      () => {
        closed = true;
        app.quit();
      },
      (cause: unknown) => {
        say(`The server did not stop cleanly: ${messageOf(cause)}`);
        app.exit(1);
      },
    );
  });
  return () => quitting;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function fail(cause: unknown): void {
  const sentence = messageOf(cause);
  say(sentence);
  dialog.showErrorBox(sayInWords("desktop.cannotStart", { title: sayInWords("desktop.title") }), sentence);
  app.exit(1);
}
