import { present } from "../base/present.ts";

/** The phones that the options of a command choose. */
export function whichPhone({ device, user }: { readonly device?: string; readonly user?: string }): {
  readonly device_id?: string;
  readonly user_id?: string;
} {
  return present({ device_id: device, user_id: user });
}

/** Without `--build` each run gets an id of its own. */
export function buildIdOf({ build }: { readonly build?: string }): string {
  return build ?? `terminal-${new Date().toISOString()}`;
}
