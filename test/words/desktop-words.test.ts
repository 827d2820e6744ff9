import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import express, { type RequestHandler } from "express";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { NewDeviceId, PushToken, WebAddress } from "../../src/contract/fields.ts";
import { localPages } from "../../src/http/local-door/pages.ts";
import { phonesNotRead } from "../../src/main/follow-phones.ts";
import { requestFields } from "../../src/words/en/request-fields.ts";
import { chooseLanguage, HOST_WORDS } from "../../src/words/say.ts";
import { createFakeElectron } from "../fakes/electron.ts";
import { plainWords, pseudoLocale } from "../pseudo-locale.ts";

vi.doMock("electron", () => createFakeElectron("/nowhere").electron);
const { openPreferences } = await import("../../src/main/preferences.ts");

beforeAll(() => chooseLanguage({ language: "en", words: pseudoLocale(HOST_WORDS) }));
afterAll(() => chooseLanguage("en"));

it("the lines of the desktop app about its own files and about phones are in the catalogue", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-words-"));
  try {
    const lines: string[] = [];
    writeFileSync(path.join(folder, "preferences.json"), "{");
    openPreferences(folder, (line) => lines.push(line));
    lines.push(phonesNotRead(undefined), phonesNotRead(new Error("0")));
    expect(lines).toHaveLength(3);
    const data = [folder, /\/preferences(?:\.damaged-1)?\.json/];
    for (const line of lines) expect([line, plainWords(line, data)]).toEqual([line, []]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("the pages of the local door that are not built are in the catalogue", async () => {
  const pass: RequestHandler = (_request, _response, next) => next();
  const deps = {
    rendererFolder: "/nowhere",
    version: "0",
    admit: pass,
    admitToNews: pass,
    admitToMetrics: pass,
    readMetrics: async () => ({ type: "text/plain", text: "" }),
    gated: false,
    openNews: pass,
  };
  const server = express().use(localPages(deps)).listen(0, "127.0.0.1");
  try {
    await vi.waitFor(() => expect(server.listening).toBe(true));
    for (const address of ["/", "/docs"]) {
      const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${address}`);
      const text = (await answer.text()).replace(/<[^>]*>/g, " ");
      expect([address, plainWords(text, ["openapi.json"])]).toEqual([address, []]);
    }
  } finally {
    server.close();
  }
});

it.each([
  [NewDeviceId, "a\u202eb"],
  [NewDeviceId, ".."],
  [NewDeviceId, "desk"],
  [PushToken, "\0"],
  [WebAddress, "https://pair.example/path"],
])("what is wrong with a field of a request is in the catalogue", (schema, bad) => {
  const { error } = schema.safeParse(bad);
  const catalogue: readonly string[] = Object.values(requestFields);
  expect(error?.issues.map(({ message }) => message).filter((message) => !catalogue.includes(message))).toEqual([]);
  expect(error?.issues).not.toHaveLength(0);
});
