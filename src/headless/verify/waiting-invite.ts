import { OWN_USER, type Traces } from "./traces.ts";
import type { VerifiedServer } from "./verified-server.ts";

/** A QR code that nobody scans: it shows how an invite ends, and whether a server is still the one that made it. */
export interface WaitingInvite {
  readonly code: string;
  readonly expiresAt: number;
  /** The server's clock before and after it was made, in whole seconds. */
  readonly madeBetween: readonly [number, number];
  /** How far the server's clock is before this one, give or take a second. */
  readonly clockAhead: number;
}

export async function leaveInvite(server: VerifiedServer, traces: Traces): Promise<WaitingInvite> {
  const now = async (): Promise<number> => Date.parse((await server.call("overview", {})).now);
  const before = await now();
  const { pairing_token, expires_at } = await server.call("generateQr", { user_id: OWN_USER });
  traces.invited(pairing_token);
  const after = await now();
  return { code: pairing_token, expiresAt: Date.parse(expires_at), madeBetween: [before, after], clockAhead: after - Date.now() };
}
