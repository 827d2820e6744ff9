import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Operation } from "../contract/operations.ts";
import { type Caller, type Pairing, PairingError } from "../core/index.ts";
import type { DoorSettings } from "./door-settings.ts";

/** Open to everybody even on a local door that the network can reach: they tell nothing, and probes cannot log in. */
const ALWAYS_OPEN: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/.well-known/jwks.json"]);

export interface AdminGate {
  /** For operations: those marked `gated`, or all where the door itself is gated. */
  readonly checkOperation: (request: IncomingMessage, operation: Operation, caller: Caller) => Promise<void>;
  /** For everything else the local door serves. */
  readonly checkPage: (request: IncomingMessage, caller: Caller) => Promise<void>;
}

/** Asks for `x-admin-token`: nothing sent is 401, a wrong one 403, compared in constant time, each denial audited. */
export function createAdminGate(pairing: Pairing, settings: DoorSettings): AdminGate {
  const check = async (request: IncomingMessage, caller: Caller): Promise<void> => {
    const given = request.headers["x-admin-token"];
    // While it cannot be read nobody gets in.
    const token = await pairing.readAdminToken();
    const expected = token === undefined ? undefined : digest(token);
    if (typeof given === "string" && expected !== undefined && timingSafeEqual(digest(given), expected)) return;
    const code = given === undefined || given === "" ? "admin_token_required" : "admin_token_invalid";
    await pairing.noteDenied(code, caller);
    throw new PairingError(code);
  };

  return {
    async checkOperation(request, operation, caller) {
      if (settings.localDoorGated ? !ALWAYS_OPEN.has(operation.path) : operation.auth === "gated" && settings.inUse().adminRequired) {
        await check(request, caller);
      }
    },
    async checkPage(request, caller) {
      if (settings.localDoorGated) await check(request, caller);
    },
  };
}

/** Of equal length whatever was sent, so that the comparison tells nothing. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
