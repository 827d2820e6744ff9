import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** An import that a wall must stop: where it is planted, what it says, and the rule that has to name it. */
const PLANTED: readonly (readonly [file: string, text: string, rule: string])[] = [
  ["src/base/p24.ts", 'import { PairingError } from "../core/index.ts"; export const x = PairingError;', "base-imports-nothing"],
  ["src/core/p1.ts", 'import { SignJWT } from "jose"; export const a = SignJWT;', "core-knows-only-itself"],
  ["src/core/p2.ts", 'import { readFile } from "node:fs/promises"; export const b = readFile;', "core-knows-only-itself"],
  ["src/core/p3.ts", 'import type { Doors } from "../http/doors/bind.ts"; export type C = Doors;', "core-knows-only-itself"],
  ["src/words/p24.ts", 'import { PairingError } from "../core/index.ts"; export const x = PairingError;', "words-import-types-only"],
  [
    "src/phone/p30.ts",
    'import { approval } from "../words/en/phone/approval.ts"; export const ae = approval;',
    "phone-pages-are-in-any-language",
  ],
  ["src/http/p31.ts", 'import { approval } from "../words/phone.ts"; export const af = approval;', "only-phone-pages-have-one-language"],
  [
    "src/contract/p4.ts",
    'import { createPairing } from "../core/index.ts"; export const d = createPairing;',
    "contract-imports-core-types-only",
  ],
  ["src/contract/p5.ts", 'import express from "express"; export const e = express;', "contract-knows-core-types"],
  ["src/client/p23.ts", 'import type { Pairing } from "../core/index.ts"; export type W = Pairing;', "client-knows-only-the-contract"],
  ["src/adapters/p6.ts", 'import { bindDoors } from "../http/doors/bind.ts"; export const f = bindDoors;', "adapters-serve-the-core"],
  ["src/http/p7.ts", 'import { createMockSms } from "../adapters/sms/mock.ts"; export const g = createMockSms;', "http-meets-no-adapter"],
  [
    "src/http/phone-door/p8.ts",
    'import { createLocalGuard } from "../local-door/guard.ts"; export const h = createLocalGuard;',
    "doors-are-separate",
  ],
  [
    "src/operations/p24.ts",
    'import { limitKey } from "../http/client-address.ts"; export const x = limitKey;',
    "operations-know-no-transport",
  ],
  [
    "src/operations/p25.ts",
    'import { createPhoneChannel } from "../mqtt/phone-channel.ts"; export const y = createPhoneChannel;',
    "operations-know-no-transport",
  ],
  [
    "src/mqtt/p26.ts",
    'import { createPhoneGuard } from "../http/phone-door/guard.ts"; export const z = createPhoneGuard;',
    "mqtt-is-apart-from-http",
  ],
  [
    "src/http/p27.ts",
    'import { createPhoneChannel } from "../mqtt/phone-channel.ts"; export const ab = createPhoneChannel;',
    "http-is-apart-from-mqtt",
  ],
  ["src/mqtt/p28.ts", 'import { createMockSms } from "../adapters/sms/mock.ts"; export const ac = createMockSms;', "http-meets-no-adapter"],
  [
    "src/operations/p29.ts",
    'import { createMockSms } from "../adapters/sms/mock.ts"; export const ad = createMockSms;',
    "http-meets-no-adapter",
  ],
  [
    "src/preload/p9.ts",
    'import { PairingError } from "../core/index.ts"; export const i = PairingError;',
    "preload-carries-only-the-contract",
  ],
  [
    "src/renderer/p10.ts",
    'import { PairingError } from "../core/index.ts"; export const j = PairingError;',
    "pages-know-only-the-contract",
  ],
  [
    "src/phone/p11.ts",
    'import { connectToDoor } from "../renderer/transport/http.ts"; export const k = connectToDoor;',
    "pages-know-only-the-contract",
  ],
  ["src/headless/p12.ts", 'import { app } from "electron"; export const l = app;', "electron-stays-in-its-rooms"],
  ["src/main/p13.ts", 'import express from "express"; export const m = express;', "express-stays-in-http"],
  ["src/renderer/p14.ts", 'import { join } from "node:path"; export const n = join;', "pages-run-in-a-browser"],
  ["src/adapters/p15.ts", 'import { answerPage } from "../main/ipc.ts"; export const o = answerPage;', "only-hosts-compose"],
  ["src/headless/p16.ts", 'import { answerPage } from "../main/ipc.ts"; export const p = answerPage;', "hosts-are-separate"],
  ["src/http/p17.ts", 'import { assemble } from "../host/assemble.ts"; export const q = assemble;', "only-hosts-assemble"],
  ["src/settings/p18.ts", 'import { bindDoors } from "../http/doors/bind.ts"; export const r = bindDoors;', "settings-serve-the-hosts"],
  [
    "src/main/p19.ts",
    'import { renderPage } from "../phone/pair/page.ts"; export const s = renderPage;',
    "only-the-phone-door-renders-the-phone",
  ],
  ["src/http/p20.ts", 'import { u } from "./p21.ts"; export const t = () => u;', "no-circles"],
  [
    "src/http/p22.ts",
    'import { createFakeElectron } from "../../test/fakes/electron.ts"; export const v = createFakeElectron;',
    "no-tests-in-src",
  ],
];

/** The other half of the circle, which is named once. */
const HALF = "src/http/p21.ts";

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

let copy: string;
let violations: readonly Violation[];
beforeAll(async () => {
  // In a copy, so that nothing planted is ever left in the sources.
  copy = mkdtempSync(path.join(tmpdir(), "topdog-rooms-"));
  for (const name of ["src", "package.json", ".dependency-cruiser.cjs", "tsconfig.base.json", "tsconfig.node.json", "test/fakes"])
    await cp(path.join(root, name), path.join(copy, name), { recursive: true });
  symlinkSync(path.join(root, "node_modules"), path.join(copy, "node_modules"));
  for (const [file, text] of PLANTED) {
    mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
    writeFileSync(path.join(copy, file), `${text}\n`);
  }
  writeFileSync(path.join(copy, HALF), 'import { t } from "./p20.ts"; export const u = () => t;\n');
  const { stdout } = spawnSync("node_modules/.bin/depcruise", ["src", "--output-type", "json"], {
    cwd: copy,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  violations = (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
});
afterAll(() => rmSync(copy, { recursive: true }));

it.each(PLANTED)("stops %s: %s", (file, _text, rule) => {
  expect(violations.filter(({ from }) => from === file).map((violation) => violation.rule.name)).toContain(rule);
});

it("stops nothing else", () => {
  const planted = new Set([HALF, ...PLANTED.map(([file]) => file)]);
  expect(violations.filter(({ from }) => !planted.has(from))).toEqual([]);
});
