import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Operation } from "../contract/operations.ts";
import { createGuessLimits, type Pairing, PairingError } from "../core/index.ts";
import { type ClientAddress, callerOf } from "./client-address.ts";
import { callerKey } from "./count-request.ts";
import type { DoorSettings } from "./door-settings.ts";

/** Open even on a local door that the network can reach: they reveal nothing, and probes cannot log in. */
const ALWAYS_OPEN: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/.well-known/jwks.json"]);

export interface AdminGate {
  /** For operations: those marked `gated`, or all where the door itself is gated. */
  readonly checkOperation: (request: IncomingMessage, operation: Operation, client: ClientAddress) => Promise<void>;
  /** For everything else the local door serves. */
  readonly checkPage: (request: IncomingMessage, client: ClientAddress) => Promise<void>;
  /** For the stream of change events: it requires the token wherever the lists that change require it. */
  readonly checkNews: (request: IncomingMessage, client: ClientAddress) => Promise<void>;
}

/**
 * Requires `x-admin-token`: a missing one is 401, a wrong one 403, compared in constant time. After five wrong ones in a minute an
 * address has to wait (429), whatever it sends. Denials are audited, one line for each address and minute.
 */
export function createAdminGate(pairing: Pairing, settings: DoorSettings): AdminGate {
  const guesses = createGuessLimits();

  const check = async (request: IncomingMessage, client: ClientAddress): Promise<void> => {
    const given = request.headers["x-admin-token"];
    // While it cannot be read, every request is denied.
    const token = await pairing.readAdminToken();
    const key = callerKey(client.ip, { shared: client.shared, oneLoopback: true });
    const deny = async (reason: "admin_token_required" | "admin_token_invalid" | "rate_limited"): Promise<void> =>
      pairing.noteDenied({ reason, caller: callerOf(request, client), key });
    if (typeof given !== "string" || given === "") {
      await deny("admin_token_required");
      throw new PairingError("admin_token_required");
    }
    // Nothing is awaited between this check and the count, so that simultaneous guesses are counted one by one.
    const now = pairing.now();
    const retryAfter = guesses.wait(key, now);
    if (retryAfter !== undefined) {
      await deny("rate_limited");
      throw new PairingError("rate_limited", {
        params: { reason: "wrong_admin_tokens", seconds: retryAfter },
        retryAfter,
      });
    }
    if (token !== undefined && timingSafeEqual(digest(given), digest(token))) return;
    guesses.noteWrong(key, now);
    await deny("admin_token_invalid");
    throw new PairingError("admin_token_invalid");
  };

  return {
    async checkOperation(request, operation, client) {
      if (settings.localDoorGated ? !ALWAYS_OPEN.has(operation.path) : operation.auth === "gated" && settings.inUse().adminRequired) {
        await check(request, client);
      }
    },
    async checkPage(request, client) {
      if (settings.localDoorGated) await check(request, client);
    },
    async checkNews(request, client) {
      if (settings.localDoorGated || settings.inUse().adminRequired) await check(request, client);
    },
  };
}

/** A digest has the same length for every token, so that the duration of the comparison reveals nothing. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
