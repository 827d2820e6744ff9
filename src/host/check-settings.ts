import { examineSettings, type Settings, type SettingsDefaults, SettingsError } from "../settings/read-settings.ts";
import { openSettings, SettingsFileError } from "./open-settings.ts";
import { readSharedSettings } from "./open-shared.ts";

/**
 * The settings of a server that is not started here: its environment, then what the settings page saved, in the storage folder or in the
 * database. A setting with a fault has its default. Of a database that cannot be read nothing is known: the one that uses it reports why.
 */
export async function checkSettings(
  env: NodeJS.ProcessEnv,
  defaults: SettingsDefaults,
): Promise<{ readonly settings: Settings; readonly faults: readonly string[] }> {
  try {
    const store = openSettings(env, defaults);
    const shared = await readSharedSettings(store.inUse()).catch(() => undefined);
    if (shared) store.share(shared.saved.settings, shared.isOwn);
    return { settings: store.inUse(), faults: [] };
  } catch (cause) {
    if (!(cause instanceof SettingsError || cause instanceof SettingsFileError)) throw cause;
    return { settings: examineSettings(env, defaults).settings, faults: cause.message.split("\n") };
  }
}
