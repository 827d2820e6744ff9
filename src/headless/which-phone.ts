import { present } from "../base/present.ts";

/** As the commands say which phones are meant. */
export function whichPhone({ device, user }: { readonly device?: string; readonly user?: string }): {
  readonly device_id?: string;
  readonly user_id?: string;
} {
  return { ...present({ device_id: device, user_id: user }) };
}

/** A script that has no number for its build still gets one that tells two runs apart. */
export function buildIdOf({ build }: { readonly build?: string }): string {
  return build ?? `terminal-${new Date().toISOString()}`;
}
