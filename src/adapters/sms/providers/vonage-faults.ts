import type { DeliveryFault, PairingError, SmsFault } from "../../../core/index.ts";
import { connectionFacts, neverConnected, smsFault } from "../fault.ts";

export const VONAGE = { id: "vonage", label: "Vonage" } as const;

/**
 * Codes of Vonage's Messages API and of all its APIs (https://developer.vonage.com/en/api-errors). A code that is not here is read by
 * its HTTP status.
 */
const FAMILIES: readonly (readonly [SmsFault, readonly string[]])[] = [
  ["number", ["1040", "1170"]],
  ["opted_out", ["1050", "1240"]],
  ["trial_account", ["1160"]],
  ["sender", ["1120", "1242"]],
  ["region", ["1250", "1251", "unavailable-legal"]],
  ["credentials", ["unauthorized", "invalid-api-key", "forbidden", "not-found"]],
  ["account", ["1060", "1080", "1140", "account-suspended", "application-suspended", "unprovisioned"]],
  ["budget", ["1070", "low-balance", "out-of-credit"]],
  ["busy", ["1000", "1030", "1100", "1230", "1241", "1331", "throttled", "rate-limit"]],
];
const FAMILY: ReadonlyMap<string, SmsFault> = new Map(FAMILIES.flatMap(([fault, codes]) => codes.map((code) => [code, fault] as const)));

const LOST_BY: readonly (readonly [DeliveryFault, readonly string[]])[] = [
  ["phone_unreachable", ["1180", "1190", "1220", "1260"]],
  ["blocked", ["1280"]],
  ["not_a_mobile", ["1310"]],
  ["filtered", ["1210", "1270", "1282"]],
  ["too_late", ["1360"]],
];
const LOST: ReadonlyMap<string, DeliveryFault> = new Map(LOST_BY.flatMap(([fault, codes]) => codes.map((code) => [code, fault] as const)));

/** What a code in a delivery report means. */
export function lostBy(code: string | undefined): DeliveryFault | SmsFault {
  return LOST.get(code ?? "") ?? FAMILY.get(code ?? "") ?? "carrier";
}

/** Vonage's answer was no message: a problem document (RFC 7807), or something that is not Vonage's. */
export class VonageRejection extends Error {
  override readonly name = "VonageRefusal";
  readonly status: number;
  /** The last part of the problem's type. */
  readonly code: string | undefined;
  /** Shows which parameter was meant; never shown. */
  readonly detail: string;

  constructor(status: number, code: string | undefined, detail: string) {
    super("Vonage refused the message");
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

/** Whatever was thrown → the error. Only code and status are read: the rest may hold the link. */
export function vonageFault(thrown: unknown): PairingError {
  const note = thrown instanceof Error ? thrown.name : "not an error";
  if (thrown instanceof VonageRejection) {
    const { status, code } = thrown;
    // "Yes" that cannot be read.
    if (status >= 200 && status < 300) return smsFault(VONAGE, "outcome_unknown", { note });
    const reason = FAMILY.get(code ?? "") ?? byStatus(status);
    return smsFault(VONAGE, reason, { note, code: code ?? `HTTP ${status}` });
  }
  const reason = neverConnected(thrown) ? "unreachable" : "outcome_unknown";
  return smsFault(VONAGE, reason, { note, ...connectionFacts(thrown) });
}

function byStatus(status: number): SmsFault {
  if (status === 429 || status >= 500) return "busy";
  if (status === 402) return "budget";
  return status === 401 || status === 403 || status === 404 ? "credentials" : "other";
}
