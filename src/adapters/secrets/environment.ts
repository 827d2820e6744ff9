import type { SecretName, SecretStore } from "../../core/index.ts";

/** Secrets that the environment brought. They are read, never written: they are replaced where they were set. */
export function createEnvironmentSecrets(secrets: Readonly<Partial<Record<SecretName, string>>>): SecretStore {
  return {
    kind: "environment",
    async get(name) {
      return secrets[name];
    },
    async set(name) {
      throw new Error(`The ${name} comes from the environment. Change it there.`);
    },
    async remove(name) {
      throw new Error(`The ${name} comes from the environment. Change it there.`);
    },
  };
}
