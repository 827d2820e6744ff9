import type { Level } from "../core/index.ts";

/** What a phone may do, from least to most; apart from the schemas, as the command line's help and the phone's pages load none. */
export const LEVELS = ["view", "answer", "command"] as const satisfies readonly Level[];
export type { Level };
