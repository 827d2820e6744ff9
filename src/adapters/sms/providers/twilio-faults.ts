import type { DeliveryFault, PairingError, SmsFault } from "../../../core/index.ts";
import { connectionFacts, neverConnected, smsFault } from "../fault.ts";

export const TWILIO = { id: "twilio", label: "Twilio" } as const;

/**
 * Twilio's codes by family (https://www.twilio.com/docs/api/errors). Twilio splits and adds codes, so an unknown one is read by its
 * HTTP status, and nothing here depends on a code being in the list.
 */
const FAMILIES: readonly (readonly [SmsFault, readonly number[]])[] = [
  ["number", [21211, 21214, 21217, 21263, 21265, 21266, 21604, 21614, 21635]],
  ["region", [21215, 21216, 21408, 21612]],
  ["opted_out", [21610]],
  ["trial_account", [21219, 21608]],
  [
    "sender",
    [21210, 21212, 21213, 21601, 21603, 21606, 21607, 21618, 21659, 21660, 21661, 21701, 21702, 21703, 21704, 21705, 21711, 21712, 30024],
  ],
  ["credentials", [20003, 20004, 20006, 20008, 20101, 20403, 20404]],
  ["account", [10001, 20005, 30002, 30037, 90010]],
  ["budget", [20012, 30010]],
  ["daily_limit", [30023, 30027, 30454, 63038]],
  ["busy", [20429, 14107, 21611, 30001, 30022]],
  ["other", [30011, 30013, 30019, 30020, 30021, 30029, 30031, 30044]],
];
const FAMILY = new Map(FAMILIES.flatMap(([fault, codes]) => codes.map((code) => [code, fault] as const)));

const LOST_BY: readonly (readonly [DeliveryFault, readonly number[]])[] = [
  ["phone_unreachable", [30003, 30005]],
  ["blocked", [30004]],
  ["not_a_mobile", [30006]],
  ["filtered", [30007, 30038, 30039]],
  ["fraud_guard", [30450, 30453, 30485]],
  ["unregistered_sender", [30018, 30032, 30034, 30035, 30040]],
  ["sender_suspended", [30033]],
  ["too_late", [30012, 30036]],
  ["carrier", [30008, 30009, 30017]],
];
const LOST: ReadonlyMap<number, DeliveryFault> = new Map(LOST_BY.flatMap(([fault, codes]) => codes.map((code) => [code, fault] as const)));

/** What a code in a delivery report means. */
export function lostBy(code: string | undefined): DeliveryFault | SmsFault {
  const number = Number(code);
  return LOST.get(number) ?? FAMILY.get(number) ?? "carrier";
}

/** Whatever the client threw → the error. Only its code and status are read: the rest holds credentials and the link. */
export function twilioFault(thrown: unknown): PairingError {
  const { status, code, name, isAxiosError } = (typeof thrown === "object" && thrown !== null ? thrown : {}) as Record<string, unknown>;
  const note = typeof name === "string" ? name : "not an error";
  // An answer that is no answer of Twilio's, to a request that arrived.
  if (thrown instanceof SyntaxError) return smsFault(TWILIO, "outcome_unknown", { note });
  if (neverConnected(thrown)) return smsFault(TWILIO, "unreachable", { note, ...connectionFacts(thrown) });
  if (isAxiosError === true) return smsFault(TWILIO, "outcome_unknown", { note, ...connectionFacts(thrown) });
  if (typeof status !== "number") return smsFault(TWILIO, "other", { note });
  const known = typeof code === "number" || (typeof code === "string" && /^\d{1,6}$/.test(code)) ? Number(code) : undefined;
  const reason = (known === undefined ? undefined : FAMILY.get(known)) ?? byStatus(status);
  return smsFault(TWILIO, reason, { note, code: known === undefined ? `HTTP ${status}` : String(known) });
}

export type Option = "statusCallback" | "validityPeriod";

/** Twilio refuses a message whose optional parameter it does not like. Answers which one that is, where nothing was taken. */
export function refusedOption(thrown: unknown): Option | undefined {
  const { status, code, message } = (typeof thrown === "object" && thrown !== null ? thrown : {}) as Record<string, unknown>;
  if (typeof status !== "number" || status < 400 || status >= 500) return undefined;
  if (Number(code) === 21609) return "statusCallback";
  if (typeof message !== "string") return undefined;
  if (/status\s?callback/i.test(message)) return "statusCallback";
  return /validity\s?period/i.test(message) ? "validityPeriod" : undefined;
}

function byStatus(status: number): SmsFault {
  if (status === 429 || status >= 500) return "busy";
  return status === 401 || status === 403 || status === 404 ? "credentials" : "other";
}
