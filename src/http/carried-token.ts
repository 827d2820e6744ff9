import { type Device, type Pairing, PairingError } from "../core/index.ts";
import type { CarriedToken } from "./device-cookie.ts";

/**
 * The phone whose token a cookie holds. A cookie under the former name may come from another server on this host: an invalid token in it
 * counts as missing, so that the page does not report its pairing as ended.
 */
export async function authenticateCarried(
  pairing: Pick<Pairing, "authenticateDevice">,
  carried: CarriedToken | undefined,
  rule: Parameters<Pairing["authenticateDevice"]>[1] = {},
): Promise<Device> {
  try {
    return await pairing.authenticateDevice(carried?.token, rule);
  } catch (cause) {
    if (carried && !carried.own && cause instanceof PairingError && cause.code === "token_invalid")
      throw new PairingError("token_missing", { cause });
    throw cause;
  }
}
