import path from "node:path";
import { app } from "electron";
import { openSettings, SettingsFileError, setSettingsAside } from "../host/open-settings.ts";
import { isGiven } from "../settings/read-option.ts";
import type { SavedSettings } from "../settings/read-settings.ts";
import type { SettingsStore } from "../settings/settings-store.ts";
import type { PreferenceStore } from "./preferences.ts";

/** The settings of the app's server: environment, saved settings, and the folder that was chosen in the window. */
export interface AppSettings {
  readonly open: (chosen: SavedSettings) => SettingsStore;
  readonly setAside: () => Promise<string | undefined>;
  /** Throws when the environment has a fault. The window shows faults of the saved file, so they do not throw here. */
  readonly checkEnvironment: () => void;
}

export function appSettings(preferences: PreferenceStore): AppSettings {
  const defaults = { storageFolder: path.join(app.getPath("userData"), "pairing") };
  const environment = (): NodeJS.ProcessEnv => {
    const { storageFolder } = preferences.get();
    return { ...process.env, ...unlessGiven("PAIRING_STORAGE_PATH", storageFolder) };
  };
  return {
    open: (chosen) => openSettings(environment(), defaults, chosen),
    setAside: async () => setSettingsAside(environment(), defaults),
    checkEnvironment() {
      try {
        openSettings(environment(), defaults);
      } catch (cause) {
        if (!(cause instanceof SettingsFileError)) throw cause;
      }
    },
  };
}

/** Ports that were chosen in the window, as settings. The environment takes precedence. */
export function chosenPorts(localPort: number | undefined, phonePort: number | undefined): SavedSettings {
  return { ...unlessGiven("PAIRING_PORT", localPort), ...unlessGiven("PAIRING_PHONE_PORT", phonePort) };
}

function unlessGiven(name: string, value: string | number | undefined): SavedSettings {
  return value === undefined || isGiven(process.env[name]) ? {} : { [name]: String(value) };
}
