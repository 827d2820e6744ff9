import { PairingError, type SigningProblem, type TokenClaims, type Tokens } from "../src/core/index.ts";

/** Tokens with their key and claims in plain text, where forgery is not tested. None is issued while there is a `problem`. */
export function createPlainTokens(problem: () => SigningProblem | undefined = () => undefined): Tokens {
  let kid = 0;
  const ensureSigning = async (): Promise<void> => {
    if (problem()) throw new PairingError("keys_unavailable");
  };
  return {
    async issue(claims) {
      await ensureSigning();
      return JSON.stringify({ kid, claims });
    },
    async verify(token) {
      const read = JSON.parse(token) as { kid: number; claims: TokenClaims };
      if (read.kid > kid) throw new PairingError("token_invalid");
      return read.claims;
    },
    async rotate() {
      kid += 1;
      return { kid: String(kid) };
    },
    publicKeys: async () => ({ keys: [] }),
    ensureSigning,
    signingProblem: problem,
  };
}
