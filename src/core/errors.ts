import { errors } from "../words/en/errors.ts";
import { type ErrorParams, errorSentence, type ReasonParams } from "../words/error-sentence.ts";
import type { ProviderDetails } from "./messages/delivery.ts";

export type PairingErrorCode = keyof typeof errors;

export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

export interface PairingErrorOptions<Code extends PairingErrorCode = PairingErrorCode> {
  /** Which sentence of the code, by its `reason`, and what fills its gaps. */
  readonly params?: ReasonParams<(typeof errors)[Code]>;
  /** For the log only; never leaves the process. */
  readonly note?: string;
  /** Whole seconds until the same request may succeed (HTTP `Retry-After`). */
  readonly retryAfter?: number;
  /** The text message provider's own answer. */
  readonly details?: ProviderDetails;
  /** The invalid fields, where a schema cannot know it. */
  readonly fields?: readonly FieldFault[];
  readonly cause?: unknown;
}

/** Branch on `code`, never on the message: people see the sentence of their language, made from `code` and `params`. */
export class PairingError<Code extends PairingErrorCode = PairingErrorCode> extends Error {
  override readonly name = "PairingError";
  readonly code: PairingErrorCode;
  readonly params: ErrorParams | undefined;
  readonly note: string | undefined;
  readonly retryAfter: number | undefined;
  readonly details: ProviderDetails | undefined;
  readonly fields: readonly FieldFault[] | undefined;

  constructor(code: Code, options: PairingErrorOptions<Code> = {}) {
    super(errorSentence(errors[code], options.params), { cause: options.cause });
    this.code = code;
    this.params = options.params;
    this.note = options.note;
    this.retryAfter = options.retryAfter;
    this.details = options.details;
    this.fields = options.fields;
  }
}

/** For side notes: while changes cannot be written the note is dropped, and the request succeeds without it. */
export async function unlessUnwritable<Answer>(change: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await change;
  } catch (cause) {
    if (cause instanceof PairingError && cause.code === "storage_unavailable") return undefined;
    throw cause;
  }
}
