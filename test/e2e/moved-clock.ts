import { renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { freshHome } from "./headless.ts";

export interface MovedClock {
  /** For processes that are to have this clock. */
  readonly env: Readonly<Record<string, string>>;
  readonly move: (seconds: number) => void;
}

/** The wall clock of other processes, moved by hand while they run; their steady clock goes on as it does. */
export function movedClock(): MovedClock {
  const file = path.join(freshHome(), "clock");
  let moved = 0;
  const move = (seconds: number): void => {
    moved += seconds * 1000;
    writeFileSync(`${file}.next`, String(moved));
    renameSync(`${file}.next`, file);
  };
  move(0);
  return { env: { NODE_OPTIONS: `--import=${new URL("moved-clock.mjs", import.meta.url).href}`, MOVED_CLOCK: file }, move };
}
