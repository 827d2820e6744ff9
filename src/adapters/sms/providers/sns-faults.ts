import type { PairingError, SmsFault } from "../../../core/index.ts";
import { NeverConnectedError } from "../../system/outgoing.ts";
import { connectionFacts, neverConnected, smsFault } from "../fault.ts";

export const SNS = { id: "sns", label: "AWS SNS" } as const;

/** Names as the SDK throws them, without the ending that some have (`OptedOut`, `OptedOutException`). */
const FAMILY: Readonly<Record<string, SmsFault>> = {
  InvalidParameter: "number",
  InvalidParameterValue: "number",
  ParameterValueInvalid: "number",
  OptedOut: "opted_out",
  AuthorizationError: "credentials",
  AccessDenied: "credentials",
  InvalidClientTokenId: "credentials",
  UnrecognizedClient: "credentials",
  SignatureDoesNotMatch: "credentials",
  MissingAuthenticationToken: "credentials",
  IncompleteSignature: "credentials",
  ExpiredToken: "credentials",
  InvalidSecurity: "credentials",
  CredentialsProviderError: "credentials",
  Throttled: "busy",
  Throttling: "busy",
  InternalError: "busy",
  InternalFailure: "busy",
  ServiceUnavailable: "busy",
};

/** Whatever the SDK threw → the error. Only its name, status and code are read, and which field it names. */
export function snsFault(thrown: unknown): PairingError {
  const never = neverConnected(thrown);
  const inner = thrown instanceof NeverConnectedError ? thrown.cause : thrown;
  const error = (typeof inner === "object" && inner !== null ? inner : {}) as Record<string, unknown>;
  const name = typeof error["name"] === "string" ? error["name"] : "not an error";
  const message = typeof error["message"] === "string" ? error["message"] : "";
  const { httpStatusCode: status } = (error["$metadata"] ?? {}) as { httpStatusCode?: unknown };
  const facts = { note: name, code: name };
  const family = FAMILY[name.replace(/Exception$/, "")];
  if (family === "number" && /Sender\s?ID|MaxPrice|SMSType|attribute/i.test(message)) return smsFault(SNS, "sender", facts);
  if (family !== undefined) return smsFault(SNS, family, facts);
  if (/Region is missing/i.test(message)) return smsFault(SNS, "not_set_up", facts);
  if (never) return smsFault(SNS, "unreachable", { ...facts, ...connectionFacts(thrown) });
  // "Yes" that cannot be read.
  if (typeof status === "number" && status >= 200 && status < 300) return smsFault(SNS, "outcome_unknown", facts);
  if (typeof status === "number") return smsFault(SNS, byStatus(status), { ...facts, code: `HTTP ${status}` });
  return smsFault(SNS, "outcome_unknown", facts);
}

function byStatus(status: number): SmsFault {
  if (status === 429 || status >= 500) return "busy";
  return status === 401 || status === 403 ? "credentials" : "other";
}
