import type { SecretFailure } from "../../core/index.ts";
import { say } from "../../words/say.ts";

/** Secrets cannot be read or written now. The message is the sentence for the person. */
export class SecretsUnavailable extends Error {
  override readonly name = "SecretsUnavailable";
  readonly failure: SecretFailure;

  constructor(failure: SecretFailure, options: { readonly sentence?: string; readonly cause?: unknown } = {}) {
    super(options.sentence ?? say(`secrets.${failure}`), { cause: options.cause });
    this.failure = failure;
  }
}
