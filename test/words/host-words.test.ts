import { mkdtempSync, rmSync } from "node:fs";
import { hostname, release, tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { PairingError } from "../../src/core/index.ts";
import { rejectionSentence } from "../../src/headless/ask-door.ts";
import { doctor } from "../../src/headless/doctor/doctor.ts";
import { createProgram } from "../../src/headless/program.ts";
import { createTraces } from "../../src/headless/verify/traces.ts";
import { verify } from "../../src/headless/verify/verify.ts";
import { assemble } from "../../src/host/assemble.ts";
import { openSettings } from "../../src/host/open-settings.ts";
import { menuTemplate } from "../../src/main/menu.ts";
import { notices } from "../../src/main/notices.ts";
import { problemOf } from "../../src/operations/problem.ts";
import { chooseLanguage, HOST_WORDS, say } from "../../src/words/say.ts";
import { plainWords, pseudoLocale, pseudoText } from "../pseudo-locale.ts";

/** Names, which are the same in every language. */
const NAMES = ["topdog-phone", "Twilio", "AWS SNS", "Vonage", "Ada"];

beforeAll(() => chooseLanguage({ language: "en", words: pseudoLocale(HOST_WORDS) }));
afterAll(() => chooseLanguage("en"));

/** What a command writes to both outputs. */
async function printed(run: () => Promise<unknown>): Promise<string> {
  const texts: string[] = [];
  const keep = (text: string | Uint8Array): boolean => {
    texts.push(String(text));
    return true;
  };
  const outputs = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockImplementation(keep));
  try {
    await run();
  } finally {
    for (const output of outputs) output.mockRestore();
  }
  return texts.join("");
}

describe("in a language that nobody speaks", () => {
  it("a sentence is found that is in no catalogue, and none that is", () => {
    expect(pseudoText("Pair phone")).toBe("[Ṕāĩŕ ṕĥōñē…]");
    expect(plainWords(`${say("commandLine.noPhones")} Hard-coded.`)).toEqual(["Hard", "coded"]);
    expect(plainWords(say("commandLine.revoked", { device: "Ada" }), NAMES)).toEqual([]);
  });

  it("every command has its help", () => {
    const program = createProgram(() => undefined);
    const withSubcommands = (command: typeof program): (typeof program)[] => [command, ...command.commands.flatMap(withSubcommands)];
    const commands = withSubcommands(program);
    expect(commands.length).toBeGreaterThan(10);
    const data = [
      ...NAMES,
      ...commands.map((command) => command.name()),
      ...commands.flatMap(({ registeredArguments }) => registeredArguments.map((argument) => argument.name())),
      /<[^>]+>/,
      /--?[\w-]+/,
      /\[(?:options|command)\]/,
      "help",
      ...commands.flatMap(({ options, registeredArguments }) =>
        [...options, ...registeredArguments].flatMap(({ argChoices = [] }) => argChoices),
      ),
      "10m",
    ];
    for (const command of commands) expect([command.name(), plainWords(command.helpInformation(), data)]).toEqual([command.name(), []]);
  });

  it("doctor, where nothing runs", async () => {
    const home = mkdtempSync(path.join(tmpdir(), "topdog-words-"));
    try {
      const env = { HOME: home, PATH: "", PAIRING_PORT: "9", PAIRING_PHONE_PORT: "9", PAIRING_STORAGE_PATH: home };
      const text = await printed(async () => doctor(env, false));
      expect(text.split("\n").length).toBeGreaterThan(17);
      const data = [
        ...NAMES,
        home,
        "~",
        "http://127.0.0.1:9",
        process.platform,
        release(),
        process.arch,
        hostname(),
        /chmod \d+/,
        /\d{4}-\d\d-\d\dT[\d:]+Z/,
      ];
      expect([text, plainWords(text, data)]).toEqual([text, []]);
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it.each([
    [
      "passes",
      0,
      {
        PAIRING_BASE_URL: "https://pair.example",
        PAIRING_INVITE_EXPIRY_MINUTES: "15",
        PHONE_DEVICES_REQUIRE_ADMIN: "1",
        PAIRING_QR_REQUIRE_OTP: "1",
        PAIRING_QR_EMBED_OTP: "0",
        TWILIO_ACCOUNT_SID: "AC0123456789abcdef0123456789abcdef",
        TWILIO_AUTH_TOKEN: "fedcba9876543210fedcba9876543210",
        TWILIO_PHONE_NUMBER: "+15005550006",
      },
      {},
    ],
    [
      "fails",
      7,
      {
        PHONE_DEVICES_REQUIRE_ADMIN: "0",
        PAIRING_INVITE_EXPIRY_MINUTES: "1440",
        PAIRING_QR_REQUIRE_OTP: "0",
        PAIRING_RATE_LIMIT_SCALE: "1000",
      },
      { PAIRING_STORAGE_PATH: "/nowhere", PAIRING_BASE_URL: "http://pair.example", TWILIO_AUTH_TOKEN: "REPLACE-ME" },
    ],
  ] as const)("verify, where a server %s", async (_, failed, serverEnv, changes) => {
    const home = mkdtempSync(path.join(tmpdir(), "topdog-words-"));
    const env = {
      HOME: home,
      PAIRING_PORT: "0",
      PAIRING_PHONE_PORT: "0",
      PAIRING_STORAGE_PATH: home,
      ADMIN_TOKEN: "5f0c1f2e9a7b4d3c8e6f0a1b2c3d4e5f",
      ...serverEnv,
    };
    const host = { distFolder: path.resolve("dist"), appVersion: "0.0.0-test" };
    const server = await assemble(openSettings(env, { storageFolder: home }), { ...host, askBeforeAws: false, print: () => undefined });
    try {
      const given = { ...env, PAIRING_PORT: new URL(server.localAddress).port, ...changes };
      const text = await printed(async () => verify(given, { json: false, restart: undefined, wait: false }, host.appVersion));
      // One for each row that failed, and one for what is recommended.
      expect([text.match(/→/g)?.length ?? 0, text.match(/^\d /gm)?.length]).toEqual([failed + 1, 8]);
      const data = [
        home,
        "/nowhere",
        /\d{3} (?:admin|otp)_token_\w+|\d{3} \w+_(?:required|invalid)/,
        /[A-Z]+(?:_[A-Z]+)+/,
        /http:\/\/[\w.:]+/,
        /\d+ (?:minutes|seconds)/,
        // The log of the second server, which finds no pages beside the source code.
        /[^\n]*pages[ _]unavailable[^\n]*(?:\n +[^\n]*)*/,
        "ENOENT",
        /pairing_\w+\.jsonl/,
        /\b(?:true|false)\b/,
      ];
      expect([text, plainWords(text, data)]).toEqual([text, []]);
    } finally {
      await server.close();
      rmSync(home, { recursive: true });
    }
  });

  it("what a run of verify leaves behind", async () => {
    const answers = async (): Promise<never> => Promise.reject(new Error());
    const traces = createTraces({ address: "", local: answers, phone: answers, call: answers });
    traces.invited("code");
    traces.pairing();
    const left = await traces.remove();
    expect(left).toHaveLength(2);
    expect(plainWords(left.join(" "), ["topdog-phone-verify"])).toEqual([]);
  });

  it("every notification and menu of the desktop app", () => {
    const shown = [
      notices.updateReady("1.2.3"),
      notices.paired({ deviceName: "" }),
      ...(["approved", "rejected"] as const).flatMap((status) =>
        ["", "Ada"].map((phone) => notices.answered({ projectName: "Ada", status }, phone)),
      ),
      notices.linkLost(undefined),
      notices.keepsRunning(),
    ].map(({ title, body }) => `${title} ${body}`);
    const labels = JSON.stringify(
      menuTemplate(() => undefined),
      (key, value: unknown) => (["role", "id", "type", "accelerator"].includes(key) ? undefined : value),
    );
    for (const text of shown) expect([text, plainWords(text, NAMES)]).toEqual([text, []]);
    expect(plainWords(labels, ["label", "submenu"])).toEqual([]);
  });

  it("an error of the server, by its code", () => {
    const { problem } = problemOf(new PairingError("otp_invalid", { params: { reason: "tries_left", count: 2 } }));
    const sentence = rejectionSentence("http://127.0.0.1:9", {
      status: problem.status,
      header: () => null,
      retryAfter: undefined,
      body: problem,
    });
    expect(sentence).toBe(
      pseudoText("OTP invalid. Enter the six digits shown next to the QR code. {{count}} tries left.").replace("{{count}}", "2"),
    );
    // On the wire it is English, whatever the language of the process.
    expect(problem.detail).toContain("2 tries left.");
    expect(
      plainWords(rejectionSentence("http://127.0.0.1:9", { status: 502, header: () => null, retryAfter: undefined, body: "no JSON" }), [
        "http://127.0.0.1:9",
      ]),
    ).toEqual([]);
  });
});
