import type { HostSetting } from "../data/page-state.ts";
import { t, wordsFor } from "../words/words.ts";

/** The texts that are typed and not saved, by name. An empty text restores the default. */
export type SettingsDraft = Readonly<Record<string, string>>;

/** A setting that the catalogue does not have is shown by the name of its variable. */
export function labelOf(name: string): string {
  return wordsFor("settings.labels", name) ?? name;
}

/** A word of a choice, as a person reads it. */
export function choiceLabelOf(name: string, choice: string): string {
  return wordsFor("settings.choices", name, choice) ?? choice;
}

/** The default as a person reads it; `undefined` where there is none. */
export function defaultTextOf({ name, kind, default: text }: HostSetting): string | undefined {
  if (kind === "flag") return t(isOn(text ?? "") ? "settings.on" : "settings.off");
  return text !== undefined && kind === "choice" ? choiceLabelOf(name, text) : text;
}

function groupLabelOf(group: string): string {
  return wordsFor("settings.groups", group) ?? group;
}

/** The text in the field. */
export function textOf({ name, value = "", locked }: HostSetting, draft: SettingsDraft): string {
  return locked ? value : (draft[name] ?? value);
}

const YES = new Set(["1", "true", "yes", "on"]);
export function isOn(text: string): boolean {
  return YES.has(text.toLowerCase());
}

/** The changes to save: all that differs from the saved settings, except those that the environment sets. */
export function changeOf(settings: readonly HostSetting[], draft: SettingsDraft): Record<string, string | null> {
  const changed = settings.flatMap((setting): [string, string | null][] => {
    const text = textOf(setting, draft).trim();
    return text === (setting.value ?? "") ? [] : [[setting.name, text === "" ? null : text]];
  });
  return Object.fromEntries(changed);
}

export interface SettingsGroup {
  readonly group: string;
  readonly label: string;
  readonly settings: readonly HostSetting[];
}

/** In the server's order; with a search, only settings that have all of its words. */
export function groupsOf(settings: readonly HostSetting[], words: string): readonly SettingsGroup[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, HostSetting[]>();
  for (const setting of settings) {
    const texts = [setting.name, labelOf(setting.name), setting.description, groupLabelOf(setting.group)].join(" ").toLowerCase();
    if (!wanted.every((word) => texts.includes(word))) continue;
    groups.set(setting.group, [...(groups.get(setting.group) ?? []), setting]);
  }
  const order = Object.keys(t("settings.groups", { returnObjects: true }));
  return [...groups]
    .map(([group, own]) => ({ group, label: groupLabelOf(group), settings: own }))
    .sort((one, other) => order.indexOf(one.group) - order.indexOf(other.group));
}
