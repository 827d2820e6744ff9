import type * as bowser from "bowser";
import { present } from "../base/present.ts";
import type { CLAIMS } from "../contract/operations/claims.ts";
import type { AnswerOf, LaterOf } from "../contract/operations.ts";
import { type Claimed, deviceTypeOf, isoSeconds, levelOf, type Paired, type WaitingPhone } from "../core/index.ts";
import { pairedBody } from "./devices.ts";
import type { HandlerDeps, Handlers, RequestContext } from "./handlers.ts";
import { Later } from "./later.ts";

/** Phones that wait until somebody at the computer types the digits they show. */
export const CLAIM_HANDLERS: Handlers<keyof typeof CLAIMS> = {
  readClaim: async (deps, { claim_id, claim_secret }, context) =>
    pairedAnswer(deps, await deps.pairing.readClaim({ claimId: claim_id, secret: claim_secret }), context),

  async listClaims({ pairing }) {
    const browserIn = browserReader(await import("bowser"));
    const claims = await pairing.listClaims();
    return { claims: claims.map((waiting) => waitingBody(waiting, browserIn)), now: isoSeconds(pairing.now()) };
  },

  async confirmClaim({ pairing }, { digits, session_id, level }, { caller }) {
    const device = await pairing.confirmClaim({ digits, sessionId: session_id, level }, caller);
    return { device_id: device.deviceId, device_name: device.deviceName, user_id: device.userId, level: levelOf(device) };
  },
};

/** The answer to a phone that accepted: its token, or what to show until somebody confirms it. */
export function pairedAnswer(
  { pairing, settings }: Pick<HandlerDeps, "pairing" | "settings">,
  result: Paired | Claimed,
  { headers }: Pick<RequestContext, "headers">,
): AnswerOf<"acceptInvite"> | Later<LaterOf<"acceptInvite">> {
  if (result.kind === "claimed") {
    const { claimId, secret, digits, expiresAt } = result;
    return new Later({
      status: "confirmation_required",
      claim_id: claimId,
      claim_secret: secret,
      digits,
      expires_at: isoSeconds(expiresAt),
    });
  }
  headers["Set-Cookie"] = settings.deviceCookies(result.token, result.expiresAt);
  return pairedBody(result, pairing.settings.baseUrl(), settings.inUse().mqttBroker);
}

type BrowserReader = (userAgent: string | undefined) => string | undefined;

/** "9999" is more than any browser has reached. */
const MAX_VERSION_DIGITS = 4;

/** `User-Agent` → name and version, of known browsers only: of others bowser returns the phone's own words, which may be anything. */
function browserReader({ parse, BROWSER_MAP }: Pick<typeof bowser, "parse" | "BROWSER_MAP">): BrowserReader {
  const known: ReadonlySet<string | undefined> = new Set(Object.values(BROWSER_MAP));
  return (userAgent) => {
    if (userAgent === undefined) return undefined;
    const { name, version = "" } = parse(userAgent).browser;
    const [major] = /^\d+/.exec(version) ?? [];
    if (!known.has(name)) return undefined;
    return [name, major !== undefined && major.length <= MAX_VERSION_DIGITS ? major : undefined].filter(Boolean).join(" ");
  };
}

function waitingBody({ session, claim }: WaitingPhone, browserIn: BrowserReader): AnswerOf<"listClaims">["claims"][number] {
  const { phone, caller } = claim;
  return {
    claim_id: claim.claimId,
    session_id: session.sessionId,
    method: session.method,
    user_id: session.userId,
    device_name: phone.deviceName,
    device_type: deviceTypeOf(phone.deviceType),
    os_version: phone.osVersion,
    ...present({ browser: browserIn(caller.ua) }),
    ...present({ network: networkOf(caller.ip ?? "") }),
    level: levelOf(session),
    claimed_at: isoSeconds(claim.claimedAt),
    expires_at: isoSeconds(claim.expiresAt),
  };
}

/** Enough to recognize a network, and not one computer in it. `undefined`: this computer itself, or not known. */
function networkOf(ip: string): string | undefined {
  if (ip === "::1" || ip.startsWith("127.")) return undefined;
  const [, v4] = /^(\d+\.\d+\.\d+)\.\d+$/.exec(ip) ?? [];
  if (v4 !== undefined) return `${v4}.x`;
  const [, v6] = /^([\da-f]+:[\da-f]+):/.exec(ip) ?? [];
  return v6 === undefined ? undefined : `${v6}::`;
}
