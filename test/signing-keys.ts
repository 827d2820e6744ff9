import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** RSA private keys (PEM, PKCS#8) for the servers of tests: making one costs as much as the rest of a server's start. */
    readonly signingKeys: readonly string[];
  }
}

const KEYS = 6;

/** Makes the keys once for all test files. */
export default async function makeSigningKeys(project: TestProject): Promise<void> {
  const pairs = await Promise.all(Array.from({ length: KEYS }, async () => promisify(generateKeyPair)("rsa", { modulusLength: 2048 })));
  project.provide(
    "signingKeys",
    pairs.map(({ privateKey }) => privateKey.export({ type: "pkcs8", format: "pem" }).toString().trim()),
  );
}
