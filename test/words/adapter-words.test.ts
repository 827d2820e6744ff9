import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { readSettingsFile } from "../../src/adapters/settings-file.ts";
import { missingChanges } from "../../src/adapters/stores/file/missing-changes.ts";
import { damagedLine } from "../../src/adapters/stores/file/storage-file.ts";
import { watchLock } from "../../src/adapters/stores/file/watch-lock.ts";
import { readProxySettings } from "../../src/adapters/system/proxy.ts";
import { checkReach } from "../../src/core/pairing/check-reach.ts";
import { chooseLanguage, HOST_WORDS, say } from "../../src/words/say.ts";
import { plainWords, pseudoLocale } from "../pseudo-locale.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "topdog-words-"));
  chooseLanguage({ language: "en", words: pseudoLocale(HOST_WORDS) });
});
afterAll(() => {
  chooseLanguage("en");
  rmSync(folder, { recursive: true });
});

/** The message of what is thrown. */
function thrownBy(run: () => unknown): string {
  try {
    run();
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
  return "";
}

function expectTranslated(text: string, data: readonly (string | RegExp)[] = []): void {
  expect(text).not.toBe("");
  expect([text, plainWords(text, data)]).toEqual([text, []]);
}

describe("in a language that nobody speaks", () => {
  it.each([2, 7])("a state that is older than the audit log, up to line %i", (last) => {
    expectTranslated(missingChanges(1, last)?.sentence ?? "");
  });

  it.each([
    ["another process, whose computer is not known", { pid: 7 }],
    ["another process", { pid: 7, host: "Ada" }],
    ["a file that cannot be read", {}],
  ])("a lock that was taken over by %s", (_, holder) => {
    const lock = path.join(folder, "lock");
    writeFileSync(lock, "own");
    const lost: string[] = [];
    const watched = watchLock(lock, "own", (cause) => void lost.push(cause.message));
    unlinkSync(lock);
    writeFileSync(lock, JSON.stringify(holder));
    expectTranslated(
      thrownBy(() => watched.check()),
      ["Ada", folder],
    );
    expect(lost).toHaveLength(1);
    watched.close();
  });

  it("a damaged line of the journal", () => {
    expectTranslated(damagedLine(path.join(folder, "journal"), 3, say("storage.wrongChecksum")).message, [folder, "journal"]);
  });

  it.each(["damagedMessages", "damagedReachability", "damagedPage", "damagedServer", "damagedSettings"] as const)(
    "a settings file that is damaged: %s",
    (sentence) => {
      const file = path.join(folder, "file");
      writeFileSync(file, "{", { mode: 0o600 });
      expectTranslated(
        thrownBy(() => readSettingsFile(file, z.object({}), sentence)),
        [file],
      );
    },
  );

  it("a proxy that cannot be used", () => {
    const { unused, faults } = readProxySettings({ ALL_PROXY: "socks5://a.test:1", HTTPS_PROXY: "ftp://a.test" });
    expect([unused.length, faults.length]).toEqual([1, 1]);
    expectTranslated([...unused, ...faults].join(" "), ["ALL_PROXY", "HTTPS_PROXY", "SOCKS"]);
  });

  it.each(["https://pair.example", "http://127.0.0.1:1", "http://10.0.0.1", "http://pair.example"])(
    "how phones reach %s",
    async (address) => {
      for (const finding of ["reached", "no_answer", "bad_certificate", "tunnel_broken", "interstitial", "another_server"] as const) {
        const deps = { reach: { ask: async () => finding }, sms: { name: "mock" } } as unknown as Parameters<typeof checkReach>[0];
        const { sentence } = await checkReach(deps, { baseUrl: () => address } as Parameters<typeof checkReach>[1]);
        expectTranslated(sentence);
      }
    },
  );
});
