import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanName, isPlainText, maskPhoneNumber } from "../../src/core/index.ts";

describe("a cleaned name", () => {
  it.each([
    ["John Doe", "John Doe"],
    ["  John\n\tDoe ", "John Doe"],
    ["<script>alert(1)</script>", "<script>alert(1)</script>"],
    ["\u202eevil\u202c", "evil"],
    ["Jo\u200bhn\ufeff", "John"],
    ["A\u0000B\u001b[31m", "AB[31m"],
    ["see https://evil.test/x now", "see now"],
    ["www.evil.test Bob", "Bob"],
    ["evil.test/path Bob", "Bob"],
    ["javascript://x Bob", "Bob"],
    ["\ud800x", "x"],
    ["x".repeat(60), "x".repeat(40)],
    ["مرحبا", "مرحبا"],
    ["\u200b \u2060", ""],
    ["e\u0301", "é"],
    ["A\u034f\ufe00\u{e0100}\u{e01ef}\u2800B", "AB"],
    ["\u2764\ufe0f", "\u2764\ufe0f"],
  ])("%j becomes %j", (typed, clean) => {
    expect(cleanName(typed)).toBe(clean);
  });

  it("tears no emoji at the fortieth character", () => {
    const cut = cleanName("👩‍👩‍👧‍👦".repeat(20));
    expect(cut.length).toBeLessThanOrEqual(40);
    expect(cut.isWellFormed()).toBe(true);
  });

  it("is normalized, also where an invisible character stood between two accents", () => {
    expect(cleanName("e\0\u0301")).toBe("\u00e9");
    expect(cleanName("\u0300\0\u1ab5")).toBe("\u1ab5\u0300");
  });

  it("is one visible line of at most 40 characters, whatever was typed, and cleaning it again changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (typed) => {
        const clean = cleanName(typed);
        expect(clean.length).toBeLessThanOrEqual(40);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
        expect(isPlainText(clean)).toBe(true);
        expect(cleanName(clean)).toBe(clean);
        expect(clean.normalize("NFC")).toBe(clean);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a masked phone number", () => {
  it("keeps the first two and the last four characters", () => {
    expect(maskPhoneNumber("+14155551234")).toBe("+1******1234");
    expect(maskPhoneNumber("+4915112345678")).toBe("+4********5678");
  });
});
