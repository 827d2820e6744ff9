import { type Device, type Pairing, PairingError } from "../core/index.ts";
import type { CarriedToken } from "./device-cookie.ts";

/**
 * The phone that a cookie's token is of. One under the former name may come from another server on this host: whoever shows such
 * a token has shown none, and a page does not take its pairing for ended.
 */
export async function authenticateCarried(
  pairing: Pick<Pairing, "authenticateDevice">,
  carried: CarriedToken | undefined,
): Promise<Device> {
  try {
    return await pairing.authenticateDevice(carried?.token);
  } catch (cause) {
    if (carried && !carried.own && cause instanceof PairingError && cause.code === "token_invalid")
      throw new PairingError("token_missing", { cause });
    throw cause;
  }
}
