import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { type Instant, MINUTE, SECOND } from "../time.ts";
import type { Device } from "./device.ts";
import { type Level, levelOf } from "./level.ts";
import { unconfirmedUntil } from "./unconfirmed.ts";

type Deps = Pick<Ports, "clock" | "store" | "tokens">;

/**
 * The device that a token authenticates. A token is valid only while all of these hold: our signature, its claims, an active
 * device row with that token id, and a token id that is not revoked. Until a person has confirmed the device, only for what an
 * unconfirmed one may do.
 */
export async function authenticateDevice(deps: Deps, token: string | undefined, { mayBeUnconfirmed = false } = {}): Promise<Device> {
  if (token === undefined || token === "") throw new PairingError("token_missing");
  const now = deps.clock.now();
  const claims = await deps.tokens.verify(token, now);
  const { device, revoked } = await deps.store.findByTokenId(claims.jti);
  if (revoked || device?.status === "revoked") throw new PairingError("token_revoked");
  if (!device || device.jti !== claims.jti || device.deviceId !== claims.deviceId || device.userId !== claims.userId) {
    throw new PairingError("token_invalid");
  }
  // A token from the future is invalid, except the device's own, issued before the clock was set back.
  if (claims.issuedAt * SECOND > now + MINUTE && claims.issuedAt * SECOND !== device.pairedAt) throw new PairingError("token_invalid");
  if (device.status === "suspended") throw new PairingError("device_suspended");
  checkConfirmed(device, now, mayBeUnconfirmed);
  deps.store.noteSeen(device, now);
  return device;
}

function checkConfirmed(device: Device, now: Instant, mayBeUnconfirmed: boolean): void {
  const until = unconfirmedUntil(device);
  if (until === undefined) return;
  if (now >= until) throw new PairingError("token_expired");
  if (!mayBeUnconfirmed) throw new PairingError("device_unconfirmed");
}

/**
 * The device's current row, for a message on a connection that is this phone's alone; with the token id, if the connection was
 * opened with a token. Rejects as a request with that token would.
 */
export async function noteDeviceSeen(
  { clock, store }: Pick<Ports, "clock" | "store">,
  { userId, deviceId, jti }: Pick<Device, "userId" | "deviceId"> & Partial<Pick<Device, "jti">>,
): Promise<Device> {
  const device = (await store.findDevices(deviceId)).find((one) => one.userId === userId && one.status !== "revoked");
  if (!device || (jti !== undefined && device.jti !== jti)) throw new PairingError("token_revoked");
  if (device.status === "suspended") throw new PairingError("device_suspended");
  const now = clock.now();
  if (now >= device.expiresAt) throw new PairingError("token_expired");
  checkConfirmed(device, now, false);
  store.noteSeen(device, now);
  return device;
}

/** For a long request that began with a valid token: the device's current row. Rejects as a new request with that token would. */
export async function checkStillActive({ store }: Pick<Ports, "store">, { jti }: Pick<Device, "jti">): Promise<Device> {
  const { device, revoked } = await store.findByTokenId(jti);
  if (revoked || device === undefined || device.status === "revoked") throw new PairingError("token_revoked");
  if (device.status === "suspended") throw new PairingError("device_suspended");
  return device;
}

/** The level that each of these token ids gives, without those that are no longer valid. Expiry is not checked. */
export async function levelsOfTokens({ store }: Pick<Ports, "store">, jtis: readonly string[]): Promise<ReadonlyMap<string, Level>> {
  const found = await Promise.all(jtis.map(async (jti) => ({ jti, ...(await store.findByTokenId(jti)) })));
  return new Map(found.flatMap(({ jti, device, revoked }) => (revoked || device?.status !== "active" ? [] : [[jti, levelOf(device)]])));
}
