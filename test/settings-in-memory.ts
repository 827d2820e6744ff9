import type { SettingsFile } from "../src/base/settings-file.ts";

/** Saved settings that end with the test. */
export function settingsInMemory<Saved extends object>(found: Saved): SettingsFile<Saved> {
  let known = found;
  return {
    read: () => known,
    async update(change) {
      known = change(known);
      return known;
    },
  };
}
