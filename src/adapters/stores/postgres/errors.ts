import { messageOf } from "../../../base/message-of.ts";
import { PairingError } from "../../../core/index.ts";

/** What PostgreSQL's errors mean (appendix A of its manual) and what follows from them. */

/** An SQLSTATE, a code of Node.js, or the message: nothing of the values, and no address. */
export function reasonOf(cause: unknown): string {
  return codeOfError(cause) ?? messageOf(cause, "unknown error");
}

export function codeOfError(cause: unknown): string | undefined {
  const { code, errors } = (cause ?? {}) as { readonly code?: unknown; readonly errors?: readonly unknown[] };
  if (typeof code === "string" && code !== "") return code;
  // Node.js tried several addresses of one name.
  return errors && errors.length > 0 ? codeOfError(errors[0]) : undefined;
}

/** Another transaction was in the way: serialization failure, deadlock, or a row that another one inserted first. */
const CONFLICTS: ReadonlySet<string> = new Set(["40001", "40P01", "23505"]);

export function isConflict(cause: unknown): boolean {
  return CONFLICTS.has(codeOfError(cause) ?? "");
}

/** A value that a column does not take: too long for an index, a character that the encoding does not have. */
export function isRejectedValue(cause: unknown): boolean {
  return /^(?:22|23|54)/.test(codeOfError(cause) ?? "");
}

/**
 * Whether the server refused it, and so nothing was done. Otherwise the connection was lost and what the server did is unknown. Class 08 is
 * the connection, 57P the server's shutdown.
 */
export function isAnswer(cause: unknown): boolean {
  const code = codeOfError(cause) ?? "";
  return /^[0-9A-Z]{5}$/.test(code) && !/^(?:08|57P)/.test(code) && "severity" in (cause as object);
}

/** A deadlock or a serialization failure: the same again succeeds once the other transaction has ended. */
export function isRepeatable(cause: unknown): boolean {
  return /^(?:40001|40P01)$/.test(codeOfError(cause) ?? "");
}

/** The connection was lost while something was written: nobody knows whether the database has it. */
export class OutcomeUnknown extends Error {
  constructor(cause: unknown) {
    super(`the outcome is unknown (${reasonOf(cause)})`, { cause });
  }
}

const WRITES = /\b(?:insert|update|delete)\b/i;
/** No connection was made, so no statement was sent. */
const UNSENT = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|57P03|53300|28\w{3}|3D000)$/;
const UNSENT_MESSAGE = /connection timeout|trying to connect|after calling end/i;

/** What the failure of one statement means, which is a transaction by itself. */
export function ofStatement(cause: unknown, text: string): unknown {
  const isUnsent = UNSENT.test(codeOfError(cause) ?? "") || UNSENT_MESSAGE.test(messageOf(cause));
  return WRITES.test(text) && !isAnswer(cause) && !isUnsent ? new OutcomeUnknown(cause) : cause;
}

export function unavailable(cause: unknown): Error {
  if (cause instanceof PairingError) return cause;
  const more = cause instanceof OutcomeUnknown ? { params: { reason: "outcome_unknown" } as const } : {};
  return new PairingError("storage_unavailable", { ...more, note: reasonOf(cause), cause });
}
