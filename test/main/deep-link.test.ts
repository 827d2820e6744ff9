import { describe, expect, it } from "vitest";
import { linksIn, routeOf } from "../../src/main/deep-link.ts";
import { isOwnLink } from "../../src/main/outside-links.ts";

describe("a topdog: link", () => {
  it.each([
    ["topdog://pair", "pair"],
    ["topdog://pair/", "pair"],
    ["topdog://device/iphone-12345", "device:iphone-12345"],
    ["topdog://device/my%20phone%2F1", "device:my phone/1"],
  ])("%s opens %s", (link, place) => expect(routeOf(link)).toBe(place));

  it.each([
    "",
    "topdog:",
    "topdog:pair",
    "topdog://",
    "topdog://pair?code=abc",
    "topdog://pair#devices",
    "topdog://pair/more",
    "topdog://john:secret@pair",
    "topdog://pair:8000",
    "topdog://PAIR",
    "topdog://device",
    "topdog://device/",
    "topdog://device/a/b",
    "topdog://device/%00",
    "topdog://device/%E2%80%AEgnp",
    "topdog://device/%ff",
    `topdog://device/${"x".repeat(257)}`,
    `topdog://device/${"x".repeat(5000)}`,
    "topdog://settings",
    "https://pair",
    "javascript:alert(1)",
  ])("%j opens nothing", (link) => expect(routeOf(link)).toBeUndefined());

  it("is found on a command line, whatever its case", () => {
    expect(linksIn(["electron", ".", "--hidden", "TopDog://pair", "topdog:x", "x topdog://pair"])).toEqual(["TopDog://pair", "topdog:x"]);
  });
});

describe("an address that the page wants to open outside", () => {
  const base = "https://pair.example.com";

  it.each(["https://pair.example.com/pair?code=abc", "https://pair.example.com/pair?token=abc"])("%s may", (address) =>
    expect(isOwnLink(address, base)).toBe(true),
  );

  it.each([
    "https://pair.example.com/",
    "https://pair.example.com/phone/devices",
    "https://pair.example.com/pair/../etc",
    "https://pair.example.com.evil.test/pair?code=abc",
    "https://evil.test/pair?code=abc",
    "https://john:secret@pair.example.com/pair?code=abc",
    "https://pair.example.com@evil.test/pair",
    "https://pair.example.com:8443/pair",
    "http://pair.example.com/pair?code=abc",
    "file:///pair",
    "file://pair.example.com/pair",
    "smb://pair.example.com/pair",
    "ms-msdt:/id PCWDiagnostic",
    "javascript:alert(1)//pair.example.com/pair",
    "data:text/html,pair",
    "topdog://pair",
    "pair",
    "",
  ])("%j may not", (address) => expect(isOwnLink(address, base)).toBe(false));
});
