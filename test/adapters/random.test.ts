import { expect, it } from "vitest";
import { systemRandom } from "../../src/adapters/system/random.ts";

it("makes texts of the asked size that never repeat, over many refills of its pool", () => {
  const texts = Array.from({ length: 5000 }, () => systemRandom.token(32));
  expect(new Set(texts).size).toBe(5000);
  for (const text of texts) expect(text).toMatch(/^[\w-]{43}$/);
  // The distribution is even: of 160,000 bytes each value is expected 625 times.
  const counts = new Array<number>(256).fill(0);
  for (const text of texts) for (const byte of Buffer.from(text, "base64url")) counts[byte] = (counts[byte] ?? 0) + 1;
  for (const count of counts) expect(Math.abs(count - 625)).toBeLessThan(250);
});

it("refuses more than it holds", () => {
  expect(() => systemRandom.token(20_000)).toThrow(RangeError);
});
