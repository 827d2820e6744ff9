import { SECRET_FAILURES, type SecretFailure } from "../../core/index.ts";

/** Secrets cannot be read or written now. The message is the sentence for the person. */
export class SecretsUnavailable extends Error {
  override readonly name = "SecretsUnavailable";
  readonly failure: SecretFailure;

  constructor(failure: SecretFailure, options: { readonly sentence?: string; readonly cause?: unknown } = {}) {
    super(options.sentence ?? SECRET_FAILURES[failure], { cause: options.cause });
    this.failure = failure;
  }
}
