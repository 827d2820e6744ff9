import type * as z from "zod";
import { present } from "../base/present.ts";
import type { SettingKind } from "./schemas.ts";

/** What a setting says about itself beside its schema; from this the reference page and `.env.example` are written. */
export interface Option {
  readonly schema: z.ZodType;
  /** The field of `Settings` that has its value. Absent: it is read together with others. */
  readonly key?: string;
  /** What holds where nothing is set, as a person would write it. */
  readonly default?: string;
  /** The same in words, where it is no value that could be written. */
  readonly otherwise?: string;
  readonly description: string;
  /** May also be given as `<NAME>_FILE`, and is never shown. */
  readonly secret?: true;
  /** May also be given as `<NAME>_FILE`, though it may be seen. */
  readonly orFile?: true;
  /** A path: `~` and `$HOME` at its start are the account's home folder. */
  readonly path?: true;
  /** Where it stands on the settings page. Absent: it has a card of its own there, or none. */
  readonly group?: SettingGroup;
  /** Read at the start alone: a change waits for the next one. */
  readonly restart?: true;
}

export type SettingGroup = "person" | "links" | "qr" | "messages" | "notifications" | "doors" | "access" | "retention";

/** How a setting is typed, as its schema says. */
export function kindOf({ schema }: Option): { readonly kind: SettingKind["kind"] | "text"; readonly from?: number; readonly to?: number } {
  const { kind: declared, from, to } = (schema.meta() ?? {}) as Partial<SettingKind>;
  return { kind: declared ?? "text", ...present({ from, to }) };
}
