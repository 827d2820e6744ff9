import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { checkSettings } from "../../src/host/check-settings.ts";
import { OPTIONS } from "../../src/settings/options.ts";
import { examineSettings } from "../../src/settings/read-settings.ts";
import { unknownVariables } from "../../src/settings/unknown-variables.ts";
import { weaknessOf } from "../../src/settings/weak-token.ts";
import { LANGUAGE_TAGS } from "../../src/words/languages.ts";
import { chooseLanguage, HOST_WORDS } from "../../src/words/say.ts";
import { plainWords, pseudoLocale } from "../pseudo-locale.ts";

const VARIABLE = /[A-Z]+(?:_[A-Z]+)+/;
const DEFAULTS = { storageFolder: "/0" };

beforeAll(() => chooseLanguage({ language: "en", words: pseudoLocale(HOST_WORDS) }));
afterAll(() => chooseLanguage("en"));

/** What is wrong with the settings of this environment, a line each. */
function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  return examineSettings(env, DEFAULTS).faults.map(({ sentence }) => sentence);
}

function expectNothingHardCoded(sentences: readonly string[], data: readonly (string | RegExp)[] = []): void {
  expect(sentences).not.toEqual([]);
  for (const sentence of sentences) expect([sentence, plainWords(sentence, [VARIABLE, ...data])]).toEqual([sentence, []]);
}

describe("in a language that nobody speaks", () => {
  // What is in no list of rules: any text, shorter than the environment may hold, is one of these.
  const takesAnything = new Set(["PAIRING_ALLOWED_HOSTS", "PAIRING_ALLOWED_ORIGINS", "PAIRING_JWT_PRIVATE_KEY"]);

  it.each(Object.keys(OPTIONS).filter((name) => !takesAnything.has(name)))("a bad value of %s, and one that is too long", (name) => {
    const words = [
      "auto",
      "twilio",
      "sns",
      "vonage",
      "mock",
      "true",
      "yes",
      "on",
      "false",
      "no",
      "off",
      "print",
      "never",
      "qr-only",
      "always",
      "window",
      "stdout",
      "file",
      "both",
      "info",
      ...LANGUAGE_TAGS,
      "debug",
    ].map((word) => new RegExp(`\\b${word}\\b`));
    for (const value of ["\0".repeat(5000), "99:99"])
      for (const sentence of faultsOf({ [name]: value })) expectNothingHardCoded([sentence], words);
    expect(faultsOf({ [name]: "\0".repeat(5000) })).not.toEqual([]);
  });

  it.each([
    ["a country code that is none", { PAIRING_COUNTRY: "UK" }, ["UK", "GB"]],
    ["a number beyond its range", { PAIRING_PORT: "99999" }],
    ["a path as only a shell reads it", { PAIRING_STORAGE_PATH: "~0/1" }],
    ["a secret that is given twice", { ADMIN_TOKEN: "0", ADMIN_TOKEN_FILE: "/0" }],
    ["a secret's file that is not there", { ADMIN_TOKEN_FILE: "/0" }, ["ENOENT"]],
    ["a secret's file that is a folder", { ADMIN_TOKEN_FILE: "/" }],
    ["a gate without a token", { PHONE_DEVICES_REQUIRE_ADMIN: "1" }],
    ["a door that is open to the network", { PAIRING_HOST: "0.0.0.0" }],
    ["a broker without a login", { PAIRING_MQTT_BROKER: "mqtts://1.example" }],
  ] as const)("%s", (_, env, data: readonly string[] = []) => expectNothingHardCoded(faultsOf(env), data));

  it("an unknown variable, and one that is misspelt", () => {
    const warnings = unknownVariables({ PAIRING_XXXXXXXXXXXX: "1", PAIRING_PROT: "1" });
    expect(warnings).toHaveLength(2);
    expectNothingHardCoded(warnings);
  });

  it("a token that can be guessed", () => {
    const reasons = ["0", "0".repeat(30), "supersecretadmin-0123456789"].map((token) => weaknessOf(token) ?? "");
    expect(new Set(reasons)).toHaveLength(3);
    expectNothingHardCoded(reasons);
  });

  describe("a file of saved settings", () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(path.join(tmpdir(), "topdog-words-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it.each([
      ["holds what cannot be saved", { PAIRING_STORAGE_PATH: "0", ADMIN_TOKEN: "0", PAIRING_INVITE_EXPIRY_MINUTES: 5 }, 3],
      ["holds a bad value", { PAIRING_INVITE_EXPIRY_MINUTES: "0" }, 1],
    ])("%s", async (_, saved, count) => {
      writeFileSync(path.join(folder, "settings.json"), JSON.stringify(saved));
      const { faults } = await checkSettings({ PAIRING_STORAGE_PATH: folder }, { storageFolder: folder });
      expect(faults.join().split("; ")).toHaveLength(count);
      expectNothingHardCoded(faults, [path.join(folder, "settings.json")]);
    });
  });
});
