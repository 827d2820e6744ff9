import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inviteText, smsLength } from "../../src/core/index.ts";
import { approvalText, resentText } from "../../src/core/pairing/sms-text.ts";

const link = `https://pair.topdog-ide.com/pair?code=${"x".repeat(43)}`;

describe("the invite's text", () => {
  it("greets with the full name where that costs no second message", () => {
    const short = "https://p.io/pair?code=abc";
    expect(inviteText({ userName: "John Doe", link: short, minutes: 15 })).toBe(
      `Hi John Doe! Click to pair your phone with Top Dog:\n\n${short}\n\nLink expires in 15 minutes.`,
    );
  });

  it("greets with the first word where the full name alone costs a second message", () => {
    expect(inviteText({ userName: "John Doe", link, minutes: 15 })).toContain("Hi John! Click");
  });

  it("keeps the full name where even the first word costs two", () => {
    expect(inviteText({ userName: `${"J".repeat(30)} Doe`, link, minutes: 15 })).toContain(" Doe! Click");
    expect(inviteText({ userName: "Жанна Ивановна", link, minutes: 15 })).toContain("Hi Жанна Ивановна!");
  });

  it("greets nobody without a name", () => {
    expect(inviteText({ userName: "", link, minutes: 1440 })).toBe(
      `Hi! Click to pair your phone with Top Dog:\n\n${link}\n\nLink expires in 1440 minutes.`,
    );
  });

  it("keeps dollar signs and braces of a name as they are", () => {
    expect(inviteText({ userName: "$& {link} %s", link: "https://p.io/x", minutes: 1 })).toContain("Hi $& {link} %s! Click");
  });

  it.each([
    ["evil.test", "evil. test"],
    ["Win at evil.test", "Win at evil. test"],
    ["evil。test", "evil。 test"],
    ["J.R.R. Tolkien", "J. R. R. Tolkien"],
    ["Dr. Who...", "Dr. Who..."],
  ])("has no link but its own: %j greets as %j", (userName, greeted) => {
    expect(inviteText({ userName, link: "https://p.io/x", minutes: 1 })).toContain(`Hi ${greeted}! Click`);
  });

  it("says that it was resent", () => {
    expect(resentText({ link, minutes: 15 })).toBe(`Top Dog Pairing Link (Resent):\n\n${link}\n\nLink expires in 15 minutes.`);
  });
});

describe("what a text costs", () => {
  it.each([
    ["a".repeat(160), "GSM-7", 1],
    ["a".repeat(161), "GSM-7", 2],
    ["a".repeat(306), "GSM-7", 2],
    ["a".repeat(307), "GSM-7", 3],
    ["€".repeat(80), "GSM-7", 1],
    ["€".repeat(81), "GSM-7", 2],
    ["ж".repeat(70), "UCS-2", 1],
    ["ж".repeat(71), "UCS-2", 2],
    ["😀".repeat(35), "UCS-2", 1],
    ["😀".repeat(36), "UCS-2", 2],
    ["", "GSM-7", 1],
  ])("is counted in the segments of its character set", (text, characterSet, segments) => {
    expect(smsLength(text)).toEqual({ characterSet, segments });
  });

  it("never gets cheaper by adding to it", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.string({ unit: "grapheme" }),
        (a, b) => smsLength(a + b).segments >= smsLength(a).segments,
      ),
    );
  });
});

describe("the text about an approval", () => {
  const inbox = "https://pair.topdog-ide.com/inbox";
  it.each([
    ["shop", "Top Dog: an approval is waiting (shop). Open https://pair.topdog-ide.com/inbox"],
    ["evil.test", "Top Dog: an approval is waiting (evil. test). Open https://pair.topdog-ide.com/inbox"],
    ["", "Top Dog: an approval is waiting. Open https://pair.topdog-ide.com/inbox"],
    ["Магазин на диване", "Top Dog: an approval is waiting. Open https://pair.topdog-ide.com/inbox"],
  ])("about %j is one text message", (project, text) => {
    expect(approvalText({ project, link: inbox })).toBe(text);
    expect(smsLength(text).segments).toBe(1);
  });
});
