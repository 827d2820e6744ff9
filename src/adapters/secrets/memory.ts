import type { SecretName, SecretStore } from "../../core/index.ts";

/** Secrets that end with the process. */
export function createMemorySecrets(): SecretStore {
  const secrets = new Map<SecretName, string>();
  return {
    kind: "memory",
    async get(name) {
      return secrets.get(name);
    },
    async set(name, secret) {
      secrets.set(name, secret);
    },
    async remove(name) {
      secrets.delete(name);
    },
  };
}
