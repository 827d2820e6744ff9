import { expect, it } from "vitest";
import type { SecretStore } from "../../src/core/index.ts";

/** The contract of every secret store. `make` creates an empty one; `reopen` the same one as another process sees it. */
export function secretStoreContract(make: () => Promise<{ readonly store: SecretStore; readonly reopen?: () => SecretStore }>): void {
  const PEM = "-----BEGIN PRIVATE KEY-----\nnot a real one ✓\n-----END PRIVATE KEY-----\n";

  it("says for certain that there is none", async () => {
    const { store } = await make();
    expect(await store.get("signing-key")).toBeUndefined();
  });

  it("gives back what it was given, to the last byte", async () => {
    const { store, reopen } = await make();
    await store.set("signing-key", PEM);
    expect(await store.get("signing-key")).toBe(PEM);
    if (reopen) expect(await reopen().get("signing-key")).toBe(PEM);
  });

  it("removes a secret on request, and only that one", async () => {
    const { store, reopen } = await make();
    await store.set("signing-key", PEM);
    await store.set("twilio-auth-token", "a token");
    await store.remove("twilio-auth-token");
    await store.remove("twilio-api-key-secret");
    expect(await (reopen?.() ?? store).get("twilio-auth-token")).toBeUndefined();
    expect(await (reopen?.() ?? store).get("signing-key")).toBe(PEM);
  });

  it("replaces what was there", async () => {
    const { store } = await make();
    await store.set("signing-key", PEM);
    await store.set("signing-key", "another");
    expect(await store.get("signing-key")).toBe("another");
  });

  it("keeps more than one key's worth, and shorter secrets after it", async () => {
    const { store, reopen } = await make();
    const long = `${PEM}Verify-Until: 2030-01-01T00:00:00.000Z\n`.repeat(60);
    for (const secret of [long, `${long}${long}`, PEM]) {
      await store.set("signing-key", secret);
      expect(await store.get("signing-key")).toBe(secret);
      if (reopen) expect(await reopen().get("signing-key")).toBe(secret);
    }
  });

  it("forgets what is removed, and does not mind when there is none", async () => {
    const { store, reopen } = await make();
    await store.remove("signing-key");
    await store.set("signing-key", PEM);
    await store.remove("signing-key");
    expect(await store.get("signing-key")).toBeUndefined();
    if (reopen) expect(await reopen().get("signing-key")).toBeUndefined();
  });
}
