import { SECRET_TROUBLES, type SecretTrouble } from "../../core/index.ts";

/** Secrets cannot be read or written now. The message is the sentence for the person. */
export class SecretsUnavailable extends Error {
  override readonly name = "SecretsUnavailable";
  readonly trouble: SecretTrouble;

  constructor(trouble: SecretTrouble, options: { readonly sentence?: string; readonly cause?: unknown } = {}) {
    super(options.sentence ?? SECRET_TROUBLES[trouble], { cause: options.cause });
    this.trouble = trouble;
  }
}
