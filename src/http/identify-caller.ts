import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type CallerClass, isAtLeast, type LeastCaller, type Operation } from "../contract/operations/operation.ts";
import { type DenialReason, type Pairing, PairingError } from "../core/index.ts";
import type { WindowSessions } from "../operations/window-sessions.ts";
import { type ClientAddress, callerOf, isLoopbackAddress, trusts } from "./client-address.ts";
import { callerKey } from "./count-request.ts";
import type { DoorSettings } from "./door-settings.ts";

/** Open even on a local door that the network can reach: they reveal nothing, and probes cannot log in. */
const ALWAYS_OPEN: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/.well-known/jwks.json"]);

/** What a caller must be: an operation, or something else that the local door serves. */
export type Required = Pick<Operation, "caller" | "gated"> & { readonly path?: string };

/** Resolves with the class of the caller. Rejects, after a line in the audit trail, for one that is less than `required`. */
export type IdentifyCaller = (request: IncomingMessage, required: Required, client: ClientAddress) => Promise<CallerClass>;

interface Deps {
  readonly pairing: Pick<Pairing, "isSameSecret" | "noteDenied" | "noteWrongKey" | "readAdminToken" | "tryAdminToken">;
  readonly settings: DoorSettings;
  readonly windows: Pick<WindowSessions, "isOpen">;
  /** Whether the request comes from a page of this door's own origin. */
  readonly isSameOrigin: (request: IncomingMessage) => boolean;
}

/** Who asks, for the audit trail and for the count of wrong guesses. */
type Guesser = Parameters<Pairing["tryAdminToken"]>[0];

/**
 * Identifies who asks at the local door: `x-admin-token`, `x-window-key`, `x-local-key`, or on Linux the account at the other end of the
 * connection. Keys and tokens are compared in constant time. After five wrong ones in a minute an address has to wait (429).
 */
export function createIdentifyCaller({ pairing, settings, windows, isSameOrigin }: Deps): IdentifyCaller {
  const { isSameSecret } = pairing;
  const isOwnAccount = createOwnAccountCheck(settings, isSameOrigin);

  return async (request, required, client) => {
    const least = leastCaller(required, settings);
    if (least === "phone") return "phone";
    if (ALWAYS_OPEN.has(required.path ?? "")) return "anonymous";
    const guesser = { caller: callerOf(request, client), key: callerKey(client.ip, { shared: client.shared, oneLoopback: true }) };
    const windowKey = headerOf(request, "x-window-key");
    if (windowKey !== undefined) {
      if (await windows.isOpen(windowKey)) return "window";
      await pairing.noteWrongKey(guesser, windowKey);
    }
    if (await hasAdminToken(request, guesser)) return "admin";
    const caller = await ownClass(request, guesser, least);
    if (isAtLeast(caller, least)) return caller;
    const rejection = rejectionFor(least, required);
    // A right token would have been enough, and a wrong one was denied above: there is none to compare it with.
    const none = rejection === "window_required" && headerOf(request, "x-admin-token") !== undefined;
    return deny(guesser, rejection, none ? { params: { reason: "no_admin_token" } } : {});
  };

  async function hasAdminToken(request: IncomingMessage, guesser: Guesser): Promise<boolean> {
    const given = headerOf(request, "x-admin-token");
    if (given === undefined) return false;
    // While it cannot be read, every request that has one is denied.
    const token = await pairing.readAdminToken();
    if (token === undefined && !settings.inUse().adminRequired) return false;
    const isRight = token !== undefined && isSameSecret(given, token);
    await pairing.tryAdminToken(guesser, isRight);
    return isRight || deny(guesser, "admin_token_invalid");
  }

  async function ownClass(request: IncomingMessage, guesser: Guesser, least: LeastCaller): Promise<CallerClass> {
    const localKey = headerOf(request, "x-local-key");
    if (localKey !== undefined) {
      if (isSameSecret(localKey, settings.localKey())) return "local";
      await pairing.noteWrongKey(guesser, localKey);
    }
    if (!settings.localAuth) return settings.inUse().adminRequired ? "local" : "window";
    // Who the account is matters only where it must be known.
    return least !== "anonymous" && (await isOwnAccount(request)) ? "local" : "anonymous";
  }

  async function deny(
    guesser: Guesser,
    reason: Exclude<DenialReason, "rate_limited">,
    more: ConstructorParameters<typeof PairingError>[1] = {},
  ): Promise<never> {
    await pairing.noteDenied({ ...guesser, reason });
    throw new PairingError(reason, more);
  }

  function rejectionFor(least: LeastCaller, required: Required): "local_key_required" | "window_required" | "admin_token_required" {
    if (settings.localDoorGated || (settings.inUse().adminRequired && (required.gated || required.caller === "window")))
      return "admin_token_required";
    return least === "window" ? "window_required" : "local_key_required";
  }
}

function leastCaller({ caller, gated }: Required, settings: DoorSettings): LeastCaller {
  if (gated && settings.inUse().adminRequired) return "window";
  // Everybody on the network is not everybody on this computer.
  const isOpen = caller === "anonymous" || caller === "phone";
  return settings.localDoorGated && isOpen ? "local" : caller;
}

/** Whether the program at the other end runs under the server's own account. Found out once for each connection. */
function createOwnAccountCheck(settings: DoorSettings, isSameOrigin: Deps["isSameOrigin"]): (request: IncomingMessage) => Promise<boolean> {
  const known = new WeakMap<Socket, Promise<boolean>>();
  const own = process.getuid?.();
  const isProxy = trusts(settings.localTrustProxy);
  return async (request) => {
    const { socket } = request;
    // A proxy's account says nothing about its visitors.
    if (own === undefined || !isLoopbackAddress(socket.remoteAddress) || isProxy(socket.remoteAddress)) return false;
    // Any page can have the browser of this account send a request; only the door's own page speaks for the account.
    if (isFromBrowser(request) && !(request.headers.origin === undefined ? isSameOriginFetch(request) : isSameOrigin(request)))
      return false;
    let found = known.get(socket);
    if (!found) {
      found = settings.uidOfPeer(socket).then((uid) => uid === own);
      known.set(socket, found);
    }
    return found;
  };
}

/** Node.js's `fetch` sends `Sec-Fetch-Mode` alone, as no browser does. */
function isFromBrowser({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined || Object.keys(headers).some((name) => name.startsWith("sec-fetch-") && name !== "sec-fetch-mode");
}

function isSameOriginFetch({ headers }: IncomingMessage): boolean {
  return headers["sec-fetch-site"] === "same-origin";
}

/** A header that was sent once and is not empty. */
export function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const given = headers[name];
  return typeof given === "string" && given !== "" ? given : undefined;
}
