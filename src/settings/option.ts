import * as z from "zod";
import { SMS_PROVIDERS } from "../adapters/sms/providers/index.ts";
import { isKeyOf } from "../base/is-key-of.ts";
import { present } from "../base/present.ts";
import { settingDefaults, settings } from "../words/en/settings.ts";
import { say } from "../words/say.ts";
import type { SettingKind } from "./schemas.ts";

/** A setting's metadata beside its schema. The reference page and `.env.example` are generated from it. */
export interface Option {
  readonly schema: z.ZodType;
  /** The field of `Settings` with its value. Absent: it is read together with others. */
  readonly key?: string;
  /** The default, as written in the environment. */
  readonly default?: string;
  /** Can also be given as `<NAME>_FILE`, and is never shown. */
  readonly secret?: true;
  /** Can also be given as `<NAME>_FILE`, and can be shown. */
  readonly orFile?: true;
  /** A path: `~` and `$HOME` at its start are the account's home folder. */
  readonly path?: true;
  /** Its group on the settings page. Absent: it has a separate card, or is not shown. */
  readonly group?: SettingGroup;
  /** Belongs to one server, also where several share what is saved in a database. */
  readonly own?: true;
  /** Read only at start: a change needs a restart. */
  readonly restart?: true;
}

/** What a setting does, and its default as text, by the catalogue; empty where it has none. */
export function textsOf(name: string, option: Option): { readonly description: string; readonly defaultText: string } {
  const providers = SMS_PROVIDERS.map(({ label }) => label).join(", ");
  return {
    description: isKeyOf(settings, name) ? say(`settings.${name}`, { providers }) : "",
    defaultText: option.default ?? (isKeyOf(settingDefaults, name) ? say(`settingDefaults.${name}`) : ""),
  };
}

export type SettingGroup = "person" | "links" | "qr" | "messages" | "notifications" | "doors" | "access" | "retention";

/** The input kind of a setting, from its schema. */
export function kindOf({ schema }: Option): Omit<SettingKind, "kind"> & { readonly kind: SettingKind["kind"] | "text" } {
  if (schema instanceof z.ZodEnum) return { kind: "choice", choices: schema.options.map(String) };
  const { kind: declared, from, to } = (schema.meta() ?? {}) as Partial<SettingKind>;
  return { kind: declared ?? "text", ...present({ from, to }) };
}
