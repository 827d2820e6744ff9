import { present } from "../base/present.ts";
import type { InputOf } from "../contract/operations.ts";

export interface PhoneOptions {
  readonly device?: string;
  readonly user?: string;
  readonly all?: true;
}

/** The phones that the options of a command choose. */
export function whichPhone({ device, user, all }: PhoneOptions): Pick<InputOf<"sendNotification">, "device_id" | "user_id" | "all"> {
  return present({ device_id: device, user_id: user, all });
}

/** Without `--build` each run gets an id of its own. */
export function buildIdOf({ build }: { readonly build?: string }): string {
  return build ?? `terminal-${new Date().toISOString()}`;
}
