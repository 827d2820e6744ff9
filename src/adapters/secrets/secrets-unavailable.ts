import { SECRET_FAILURES, type SecretFailure } from "../../core/index.ts";

/** Secrets cannot be read or written now. The message is the sentence for the person. */
export class SecretsUnavailable extends Error {
  override readonly name = "SecretsUnavailable";
  readonly trouble: SecretFailure;

  constructor(trouble: SecretFailure, options: { readonly sentence?: string; readonly cause?: unknown } = {}) {
    super(options.sentence ?? SECRET_FAILURES[trouble], { cause: options.cause });
    this.trouble = trouble;
  }
}
