import { expect, it } from "vitest";
import { createMemoryStore } from "../../src/adapters/stores/memory/memory-store.ts";
import { rotateKey } from "../../src/core/devices/rotate-key.ts";
import { PairingError, type PairingSettings, type Tokens } from "../../src/core/index.ts";

const settings = { tokenDays: 1 } as PairingSettings;
const caller = { ip: "127.0.0.1" };
const full = async (): Promise<never> => {
  throw new PairingError("storage_unavailable");
};

function deps(store: Partial<ReturnType<typeof createMemoryStore>>) {
  const rotated: number[] = [];
  const tokens: Pick<Tokens, "rotate"> = {
    async rotate(until) {
      rotated.push(until);
      return { kid: "new-kid" };
    },
  };
  return {
    rotated,
    ports: { clock: { now: () => 0 }, store: { ...createMemoryStore(), ...store }, tokens } as unknown as Parameters<typeof rotateKey>[0],
  };
}

it("rotates nothing while the trail cannot be written", async () => {
  const { ports, rotated } = deps({ checkWritable: full });
  await expect(rotateKey(ports, settings, caller)).rejects.toThrow("so nothing was changed");
  expect(rotated).toEqual([]);
});

it("says that the key was rotated when only the trail failed", async () => {
  const { ports, rotated } = deps({ appendAudit: full });
  await expect(rotateKey(ports, settings, caller)).rejects.toMatchObject({
    code: "storage_unavailable",
    message: expect.stringContaining("The new key new-kid is now used to sign, but the audit log couldn't be written."),
  });
  expect(rotated).toHaveLength(1);
});
