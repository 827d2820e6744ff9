import type { SecretName, SecretStore } from "../../core/index.ts";

/**
 * Saves a secret where `former` is what this process read last (`undefined`: none). Resolves with whether it was saved: not where another
 * server wrote it in between. A store of this server alone is written in any case.
 */
export async function replaceSecret(secrets: SecretStore, name: SecretName, former: string | undefined, secret: string): Promise<boolean> {
  if (secrets.replace) return secrets.replace(name, former, secret);
  await secrets.set(name, secret);
  return true;
}
