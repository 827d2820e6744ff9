import { existsSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { knownSettingsFile, readSettingsFile, SettingsFileError } from "../adapters/settings-file.ts";
import { renameFile } from "../adapters/stores/file/replace-file.ts";
import { readProxySettings } from "../adapters/system/proxy.ts";
import { isGiven } from "../settings/read-option.ts";
import {
  examineSettings,
  SAVED_AMONG_SECRETS,
  type SavedSettings,
  type SettingFault,
  type SettingsDefaults,
  SettingsError,
} from "../settings/read-settings.ts";
import { createSettingsStore, isEditable, type SettingsStore } from "../settings/settings-store.ts";
import { say } from "../words/say.ts";

export { SettingsFileError };

const FILE = "settings.json";
/** What other servers of a database may have saved, without which the environment would have faults. */
const OF_OTHERS: SavedSettings = { PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: SAVED_AMONG_SECRETS };
const WrittenByPeople = z.record(z.string(), z.unknown());

/**
 * What the environment says, and what the settings page saved in the storage folder. `chosen` stands over what was saved. Throws
 * `SettingsError` for faults of the environment, {@link SettingsFileError} for those of the file.
 */
export function openSettings(env: NodeJS.ProcessEnv, defaults: SettingsDefaults, chosen: SavedSettings = {}): SettingsStore {
  const file = settingsFileOf(env, defaults);
  const saved = { ...readSaved(file), ...chosen };
  // With a database, what all its servers saved is only known once that is open: `share` checks it then.
  const hasDatabase = examineSettings(env, defaults).settings.databaseUrl !== undefined;
  const { faults } = examineSettings(env, defaults, hasDatabase ? { ...OF_OTHERS, ...saved } : saved);
  const proxyFaults = readProxySettings(env).faults;
  const ofFile = faults.filter(({ name }) => name in saved && !isGiven(env[name]));
  if (faults.length > ofFile.length || proxyFaults.length > 0)
    throw new SettingsError([...(faults.length > ofFile.length ? [linesOf(faults)] : []), ...proxyFaults].join("\n"));
  if (ofFile.length > 0) throw unusable(file, ofFile);
  return createSettingsStore({ env, defaults, file: knownSettingsFile(file, saved) });
}

/** Renames the file, so that a person can inspect it. Answers its new name; `undefined` when there is none. */
export async function setSettingsAside(env: NodeJS.ProcessEnv, defaults: SettingsDefaults): Promise<string | undefined> {
  const file = settingsFileOf(env, defaults);
  if (!existsSync(file)) return undefined;
  for (let number = 1; ; number += 1) {
    const aside = path.join(path.dirname(file), `settings.set-aside-${number}.json`);
    if (existsSync(aside)) continue;
    await renameFile(file, aside);
    return aside;
  }
}

/** What the settings page saved in a folder. Throws {@link SettingsFileError}. */
export function readSavedSettings(folder: string): SavedSettings {
  return readSaved(path.join(folder, FILE));
}

function settingsFileOf(env: NodeJS.ProcessEnv, defaults: SettingsDefaults): string {
  const { settings, faults } = examineSettings(env, defaults);
  if (faults.some(({ name }) => name === "PAIRING_STORAGE_PATH")) throw new SettingsError(linesOf(faults));
  return path.join(settings.storageFolder, FILE);
}

function readSaved(file: string): SavedSettings {
  const found = Object.entries(readSettingsFile(file, WrittenByPeople, "damagedSettings") ?? {});
  const wrong = found.flatMap(([name, text]) => {
    if (name === "ADMIN_TOKEN") return text === SAVED_AMONG_SECRETS ? [] : [say("settingRules.secretInFile", { name })];
    if (!isEditable(name)) return [say("settingRules.notSavable", { name: JSON.stringify(name) })];
    return typeof text === "string" ? [] : [say("settingRules.notQuoted", { name })];
  });
  if (wrong.length > 0) throw new SettingsFileError(sentenceOf(file, wrong));
  return Object.fromEntries(found);
}

function unusable(file: string, faults: readonly SettingFault[]): SettingsFileError {
  return new SettingsFileError(
    sentenceOf(
      file,
      faults.map(({ sentence }) => sentence),
    ),
  );
}

function sentenceOf(file: string, faults: readonly string[]): string {
  return say("settingRules.fileUnusable", { file, faults: faults.join("; ") });
}

function linesOf(faults: readonly SettingFault[]): string {
  return faults.map(({ sentence }) => sentence).join("\n");
}
