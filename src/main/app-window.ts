import { BrowserWindow, dialog } from "electron";
import type { DesktopPreferences, ServerState } from "../contract/window-request-schemas.ts";
import { say as sayInWords, showOwnTextsIn } from "../words/say.ts";
import { chosenPorts } from "./app-settings.ts";
import { type MainWindow, openMainWindow } from "./main-window.ts";
import { notices } from "./notices.ts";
import { notify } from "./notify.ts";
import type { PreferenceStore } from "./preferences.ts";
import { say } from "./say.ts";
import type { ServerSupervisor } from "./server-supervisor.ts";
import { startAtLogin } from "./start-at-login.ts";
import type { Updates } from "./updates.ts";
import { rememberPlace } from "./window-place.ts";

export interface AppWindowDeps {
  readonly dist: string;
  readonly supervisor: ServerSupervisor;
  readonly preferences: PreferenceStore;
  readonly updates: Updates;
  readonly isQuitting: () => boolean;
  /** Another language was chosen. */
  readonly onLanguage: () => void;
}

/** The app's window. It is not shown yet. */
export function openAppWindow({ dist, supervisor, preferences, updates, isQuitting, onLanguage }: AppWindowDeps): MainWindow {
  return openMainWindow({
    supervisor,
    distFolder: dist,
    makeWindow: (options) => new BrowserWindow(options),
    onWindow(window) {
      rememberPlace(window, preferences);
      hideToTray(window, preferences, isQuitting);
    },
    startServer: async ({ local_port, phone_port }) => supervisor.start(chosenPorts(local_port, phone_port)),
    chooseFolder: async () => chooseFolder(supervisor, preferences),
    preferences() {
      const { closeToTray, startAtLogin: atLogin, lookForUpdates } = preferences.get();
      return {
        close_to_tray: closeToTray,
        start_at_login: atLogin,
        ...(updates.available ? { look_for_updates: lookForUpdates } : {}),
      };
    },
    async setPreferences(change) {
      if (change.language !== undefined) {
        preferences.set({ language: change.language });
        await showOwnTextsIn(change.language);
        onLanguage();
      }
      await setPreferences(change, preferences, updates);
    },
    updates,
    warn: say,
  });
}

async function chooseFolder(supervisor: ServerSupervisor, preferences: PreferenceStore): Promise<ServerState> {
  const { canceled, filePaths } = await dialog.showOpenDialog({
    title: sayInWords("desktop.chooseFolder"),
    properties: ["openDirectory", "createDirectory"],
  });
  const [folder] = filePaths;
  if (canceled || folder === undefined) return supervisor.state();
  preferences.set({ storageFolder: folder });
  return supervisor.start();
}

/** Rejects with one sentence when the system does not take the change. */
async function setPreferences(change: DesktopPreferences, preferences: PreferenceStore, updates: Updates): Promise<void> {
  const { close_to_tray, start_at_login, look_for_updates } = change;
  if (close_to_tray !== undefined) preferences.set({ closeToTray: close_to_tray });
  if (look_for_updates !== undefined) {
    preferences.set({ lookForUpdates: look_for_updates });
    updates.follow();
  }
  if (start_at_login === undefined) return;
  await startAtLogin(start_at_login);
  preferences.set({ startAtLogin: start_at_login });
}

/** Closing the window hides it while the tray can bring it back. A notification explains that the first time. */
function hideToTray(window: BrowserWindow, preferences: PreferenceStore, isQuitting: () => boolean): void {
  window.on("close", (event) => {
    const { closeToTray, toldAboutTray } = preferences.get();
    if (isQuitting() || !closeToTray) return;
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
