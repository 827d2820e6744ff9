import type { examineSettings, SavedSettings, SettingFault } from "./read-settings.ts";

/** What one server can use of the values that all servers of its database have in common. */
export interface UsableSettings {
  readonly values: SavedSettings;
  /** By name, what is wrong here with a value. It is as it was before, but for an admin gate without a token, which is closed. */
  readonly faults: ReadonlyMap<string, SettingFault>;
}

type Examine = (saved: SavedSettings) => Pick<ReturnType<typeof examineSettings>, "faults"> & {
  readonly settings: { readonly adminRequired: boolean };
};

export const GATE = "PHONE_DEVICES_REQUIRE_ADMIN";

/**
 * Takes over from `next` what differs from `before`. A value that is wrong with this server's environment or version keeps no other out.
 * `before` has no faults.
 */
export function usableSettings(next: SavedSettings, before: SavedSettings, examine: Examine): UsableSettings {
  if (examine(next).faults.length === 0) return { values: next, faults: new Map() };
  let values = before;
  let left = [...new Set([...Object.keys(before), ...Object.keys(next)])];
  for (;;) {
    const wrong = left.filter((name) => {
      const candidate = withValueOf(name, values, next);
      if (blocking(candidate, examine).length > 0) return true;
      values = candidate;
      return false;
    });
    // Two values may be right only together, in one order.
    if (wrong.length === left.length) break;
    left = wrong;
  }
  const faults = left.flatMap((name) => blocking(withValueOf(name, values, next), examine).map((fault) => [name, fault] as const));
  const closed = examine(values).faults.map((fault) => [fault.name, fault] as const);
  return { values, faults: new Map([...closed, ...faults]) };
}

/** An admin gate without a token lets nobody in: that is safer than no gate. */
function blocking(saved: SavedSettings, examine: Examine): readonly SettingFault[] {
  const { settings, faults } = examine(saved);
  return faults.filter(({ name }) => !(name === GATE && settings.adminRequired));
}

function withValueOf(name: string, values: SavedSettings, next: SavedSettings): SavedSettings {
  const others = Object.entries(values).filter(([other]) => other !== name);
  return Object.fromEntries([...others, ...Object.entries(next).filter(([other]) => other === name)]);
}
