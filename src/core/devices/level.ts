import { PairingError } from "../errors.ts";

/** What a phone may do, from least to most. Each level includes those before it. */
export const LEVELS = ["view", "answer", "command"] as const;
export type Level = (typeof LEVELS)[number];

/** The level of an invite or a device that names none. */
export const DEFAULT_LEVEL: Level = "command";

/** A device or an invite, as it is stored. */
interface Leveled {
  readonly level?: Level;
}

/** A stored word that this version does not know gives the least. */
export function levelOf({ level = DEFAULT_LEVEL }: Leveled): Level {
  return LEVELS.includes(level) ? level : "view";
}

export function hasLevel(phone: Leveled, least: Level): boolean {
  return rank(levelOf(phone)) >= rank(least);
}

/** Whether the first level lets a phone do more than the second. */
export function isHigher(one: Level, other: Level): boolean {
  return rank(one) > rank(other);
}

/** Rejects a phone whose level is lower. */
export function checkLevel(phone: Leveled, least: Level): void {
  if (!hasLevel(phone, least)) throw new PairingError("forbidden_level", least === "view" ? {} : { params: { reason: least } });
}

function rank(level: Level): number {
  return LEVELS.indexOf(level);
}
