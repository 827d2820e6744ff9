import type { secrets } from "../../words/en/secrets.ts";

/** Where secrets can be. */
export type SecretKind = "environment" | "file" | "keychain" | "memory" | "database";

/** Why secrets cannot be read or written. */
export type SecretFailure = keyof typeof secrets;

/** The places that a person can choose. */
export type SecretHome = "keychain" | "file";

/** The status of the place of secrets. */
export interface SecretPlaceStatus {
  readonly kind: SecretKind;
  /** `opening`: it was not read yet, or has not answered. */
  readonly state: "ready" | "opening" | SecretFailure;
  /** Present during a failure: the reason and the way out. */
  readonly sentence?: string;
  /** What a person can do: try again, or store secrets elsewhere. */
  readonly ways: readonly ("retry" | SecretHome)[];
  /** Whether moving them means a new signing key, because the present one cannot be read. */
  readonly newKey: boolean;
}
