import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type CallerClass, isAtLeast, type LeastCaller, type Operation } from "../contract/operations/operation.ts";
import { createGuessLimits, type DenialReason, type Pairing, PairingError } from "../core/index.ts";
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
  readonly pairing: Pick<Pairing, "now" | "readAdminToken" | "noteDenied">;
  readonly settings: DoorSettings;
  readonly windows: Pick<WindowSessions, "isOpen">;
  /** Whether the request comes from a page of this door's own origin. */
  readonly isSameOrigin: (request: IncomingMessage) => boolean;
}

type Deny = (reason: DenialReason) => Promise<void>;

/**
 * Identifies who asks at the local door: `x-admin-token`, `x-window-key`, `x-local-key`, or on Linux the account at the other end of the
 * connection. Keys and tokens are compared in constant time. After five wrong ones in a minute an address has to wait (429).
 */
export function createIdentifyCaller({ pairing, settings, windows, isSameOrigin }: Deps): IdentifyCaller {
  const limits = createWrongCredentials(pairing);
  const isOwnAccount = createOwnAccountCheck(settings, isSameOrigin);

  return async (request, required, client) => {
    const least = leastCaller(required, settings);
    if (least === "phone") return "phone";
    if (ALWAYS_OPEN.has(required.path ?? "")) return "anonymous";
    const key = callerKey(client.ip, { shared: client.shared, oneLoopback: true });
    const deny: Deny = async (reason) => pairing.noteDenied({ reason, caller: callerOf(request, client), key });
    const windowKey = headerOf(request, "x-window-key");
    if (windowKey !== undefined) {
      if (windows.isOpen(windowKey)) return "window";
      await limits.countWrongKey(key, windowKey, deny);
    }
    if (await hasAdminToken(request, key, deny)) return "admin";
    const caller = await ownClass(request, key, least, deny);
    if (isAtLeast(caller, least)) return caller;
    const code = rejectionFor(least, required);
    await deny(code);
    throw new PairingError(code);
  };

  async function hasAdminToken(request: IncomingMessage, key: string, deny: Deny): Promise<boolean> {
    const given = headerOf(request, "x-admin-token");
    if (given === undefined) return false;
    // While it cannot be read, every request that has one is denied.
    const token = await pairing.readAdminToken();
    if (token === undefined && !settings.inUse().adminRequired) return false;
    await limits.check(key, deny, "wrong_admin_tokens");
    if (token !== undefined && isSame(given, token)) return true;
    limits.countWrong(key);
    await deny("admin_token_invalid");
    throw new PairingError("admin_token_invalid");
  }

  async function ownClass(request: IncomingMessage, key: string, least: LeastCaller, deny: Deny): Promise<CallerClass> {
    const localKey = headerOf(request, "x-local-key");
    if (localKey !== undefined) {
      if (isSame(localKey, settings.localKey())) return "local";
      await limits.countWrongKey(key, localKey, deny);
    }
    if (!settings.localAuth) return settings.inUse().adminRequired ? "local" : "window";
    // Who the account is matters only where it must be known.
    return least !== "anonymous" && (await isOwnAccount(request)) ? "local" : "anonymous";
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

/** Counts wrong tokens and keys by the caller's address. */
function createWrongCredentials(pairing: Pick<Pairing, "now">) {
  const guesses = createGuessLimits();
  /** The last wrong key of each address: a page that goes on with a key from before a restart does not guess. */
  const lastWrong = new Map<string, string>();
  const check = async (key: string, deny: Deny, reason: "wrong_admin_tokens" | "wrong_keys"): Promise<void> => {
    const retryAfter = guesses.wait(key, pairing.now());
    if (retryAfter === undefined) return;
    await deny("rate_limited");
    throw new PairingError("rate_limited", { params: { reason, seconds: retryAfter }, retryAfter });
  };
  return {
    check,
    // Nothing is awaited between a check and its count, so that simultaneous guesses are counted one by one.
    countWrong: (key: string): void => guesses.noteWrong(key, pairing.now()),
    async countWrongKey(key: string, wrong: string, deny: Deny): Promise<void> {
      const digest = digestOf(wrong).toString("base64url");
      if (lastWrong.get(key) === digest) return;
      await check(key, deny, "wrong_keys");
      if (lastWrong.size >= MAX_REMEMBERED) lastWrong.clear();
      lastWrong.set(key, digest);
      guesses.noteWrong(key, pairing.now());
    },
  };
}

const MAX_REMEMBERED = 1000;

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

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const given = headers[name];
  return typeof given === "string" && given !== "" ? given : undefined;
}

/** Digests have the same length for every text, so that the duration of the comparison reveals nothing. */
function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(expected));
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
