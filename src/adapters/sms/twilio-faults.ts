import type { DeliveryFault, PairingError, SmsFault } from "../../core/index.ts";
import { neverConnected, smsFault } from "./fault.ts";

/**
 * Twilio's codes by family. Twilio splits and adds codes, so an unknown one is read by its HTTP status, and nothing here depends on
 * a code being in the list.
 */
const FAMILIES: readonly (readonly [SmsFault, readonly number[]])[] = [
  ["number", [21211, 21214, 21217, 21263, 21265, 21266, 21604, 21614, 21635]],
  ["region", [21215, 21216, 21408, 21612]],
  ["opted_out", [21610]],
  ["trial_account", [21219, 21608]],
  ["sender", [21210, 21212, 21213, 21601, 21603, 21606, 21607, 21618, 21659, 21660, 21661, 21701, 21702, 21703, 21704, 21705, 21712]],
  ["credentials", [20003, 20004, 20005, 20006, 20008, 20101, 20403, 20404]],
  ["budget", [20012, 63038]],
  ["busy", [20429, 14107, 21611, 30022]],
];
const FAMILY = new Map(FAMILIES.flatMap(([fault, codes]) => codes.map((code) => [code, fault] as const)));

const LOST: ReadonlyMap<number, DeliveryFault> = new Map([
  [30003, "phone_unreachable"],
  [30004, "blocked"],
  [30005, "phone_unreachable"],
  [30006, "not_a_mobile"],
  [30007, "filtered"],
  [30032, "unregistered_sender"],
  [30034, "unregistered_sender"],
  [30035, "unregistered_sender"],
]);

/** What a code in a delivery report means. */
export function lostBy(code: string | undefined): DeliveryFault | SmsFault {
  const number = Number(code);
  return LOST.get(number) ?? FAMILY.get(number) ?? "carrier";
}

/** Whatever the client threw → the refusal. Only its code and status are looked at: the rest holds credentials and the link. */
export function twilioFault(thrown: unknown): PairingError {
  const { status, code, name, isAxiosError } = (typeof thrown === "object" && thrown !== null ? thrown : {}) as Record<string, unknown>;
  const note = typeof name === "string" ? name : "not an error";
  // An answer that is no answer of Twilio's, to a request that arrived.
  if (thrown instanceof SyntaxError) return smsFault("twilio", "outcome_unknown", { note });
  if (isAxiosError === true) {
    const word = typeof code === "string" ? code : undefined;
    return smsFault("twilio", neverConnected(word) ? "unreachable" : "outcome_unknown", { note, code: word });
  }
  if (typeof status !== "number") return smsFault("twilio", "other", { note });
  const known = typeof code === "number" || (typeof code === "string" && /^\d{1,6}$/.test(code)) ? Number(code) : undefined;
  const reason = (known === undefined ? undefined : FAMILY.get(known)) ?? byStatus(status);
  return smsFault("twilio", reason, { note, code: known === undefined ? `HTTP ${status}` : String(known) });
}

function byStatus(status: number): SmsFault {
  if (status === 429 || status >= 500) return "busy";
  return status === 401 || status === 403 || status === 404 ? "credentials" : "other";
}
