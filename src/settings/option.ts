import type * as z from "zod";
import { present } from "../base/present.ts";
import type { SettingKind } from "./schemas.ts";

/** A setting's metadata beside its schema. The reference page and `.env.example` are generated from it. */
export interface Option {
  readonly schema: z.ZodType;
  /** The field of `Settings` with its value. Absent: it is read together with others. */
  readonly key?: string;
  /** The default, as written in the environment. */
  readonly default?: string;
  /** The default in words, if it is not a fixed value. */
  readonly otherwise?: string;
  readonly description: string;
  /** Can also be given as `<NAME>_FILE`, and is never shown. */
  readonly secret?: true;
  /** Can also be given as `<NAME>_FILE`, and can be shown. */
  readonly orFile?: true;
  /** A path: `~` and `$HOME` at its start are the account's home folder. */
  readonly path?: true;
  /** Its group on the settings page. Absent: it has a separate card, or is not shown. */
  readonly group?: SettingGroup;
  /** Read only at start: a change needs a restart. */
  readonly restart?: true;
}

export type SettingGroup = "person" | "links" | "qr" | "messages" | "notifications" | "doors" | "access" | "retention";

/** The input kind of a setting, from its schema. */
export function kindOf({ schema }: Option): { readonly kind: SettingKind["kind"] | "text"; readonly from?: number; readonly to?: number } {
  const { kind: declared, from, to } = (schema.meta() ?? {}) as Partial<SettingKind>;
  return { kind: declared ?? "text", ...present({ from, to }) };
}
