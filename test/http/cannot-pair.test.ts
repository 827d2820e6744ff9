import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { invite } from "../../src/headless/invite.ts";
import { showQr } from "../../src/headless/show-qr.ts";
import { errors } from "../../src/words/en/errors.ts";
import { openTwilioDouble } from "../doubles/twilio.ts";
import { phoneBody, startServer, type TestServer } from "./server.ts";

/** What no phone's owner can do anything about. */
const INSIDE = /signing key|secret store|keyring|D-Bus|\.pem|chmod/i;
const NUMBER = "+14155557301";

const keyFile = (folder: string): string => path.join(folder, "signing_key.pem");
const spoilt = (file: string, text: string): (() => void) => {
  copyFileSync(file, `${file}.kept`);
  writeFileSync(file, text);
  return () => renameSync(`${file}.kept`, file);
};

/** Each makes the key of a folder unusable, and returns how to repair it. */
const FAULTS: readonly (readonly [name: string, reason: RegExp, state: string, spoil: (file: string) => () => void])[] = [
  [
    "is readable by others",
    /can be read by other accounts\. Run: chmod 600/,
    "file_unusable",
    (file) => {
      chmodSync(file, 0o644);
      return () => chmodSync(file, 0o600);
    },
  ],
  [
    "is a folder",
    /is not a plain file|cannot be read/,
    "file_unusable",
    (file) => {
      renameSync(file, `${file}.kept`);
      mkdirSync(file);
      return () => {
        rmdirSync(file);
        renameSync(`${file}.kept`, file);
      };
    },
  ],
  [
    "is a pipe that nobody writes to",
    /is not a plain file\. Move it away/,
    "file_unusable",
    (file) => {
      renameSync(file, `${file}.kept`);
      execFileSync("mkfifo", ["-m", "600", file]);
      return () => renameSync(`${file}.kept`, file);
    },
  ],
  [
    "is no key",
    /The signing key is damaged\. Put the key that signed so far in its place/,
    "key_damaged",
    (file) => spoilt(file, "no key\n"),
  ],
  ["is empty", /The signing key is damaged\./, "key_damaged", (file) => spoilt(file, "")],
  [
    "is cut off",
    /The signing key is damaged\./,
    "key_damaged",
    (file) => spoilt(file, `${readFileSync(file, "utf8").slice(0, 300)}\n-----END PRIVATE KEY-----\n`),
  ],
];

/** News from the server from now on. */
function newsOf(server: TestServer): string[] {
  const received: string[] = [];
  server.pairing.listen((item) => void received.push(item));
  return received;
}

describe.each(FAULTS)("while the signing key %s", (_name, reason, state, spoil) => {
  it("no link is sent and no QR code made, nothing is charged, and an older link says what helps", async () => {
    const first = await startServer();
    const older = await first.invite();
    await first.close();
    const repair = spoil(keyFile(first.folder));
    const server = await startServer({ PAIRING_STORAGE_PATH: first.folder, PAIRING_RATE_LIMIT_SCALE: "1000" });
    const sessions = async () => (await server.local("GET", "/phone/pairing/sessions")).body.sessions.length;
    const before = await sessions();

    const invitation = { phone_number: NUMBER, user_id: "user123" };
    const env = { PAIRING_PORT: new URL(server.localAddress).port, HOME: first.folder };
    const rejected = [
      (await server.local("POST", "/phone/pairing/send-sms", { body: invitation })).body,
      (await server.local("POST", `/phone/pairing/resend-sms/${older}`)).body,
      (await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "user123" } })).body,
      // As the window and an IDE ask.
      ((await server.ask("sendInvite", invitation)) as { problem: unknown }).problem,
      ((await server.ask("generateQr", { user_id: "user123" })) as { problem: unknown }).problem,
    ];
    for (const refused of rejected) {
      expect(refused).toMatchObject({ status: 503, code: "keys_unavailable" });
      expect(refused.detail).toMatch(/^No phone can be paired right now\. /);
      expect(refused.detail).toMatch(reason);
    }
    await expect(invite(env, NUMBER, {})).rejects.toThrow(reason);
    await expect(showQr(env, {})).rejects.toThrow(reason);
    expect([await sessions(), server.printed.filter((line) => line.includes("MOCK SMS"))]).toEqual([before, []]);
    expect((await server.local("GET", "/admin/overview")).body.secrets).toMatchObject({ state, can_pair: false, ways: ["retry"] });

    // The phone with the older link.
    const accept = { body: phoneBody(older) };
    const page = await server.phone("GET", `/pair?code=${older}`);
    const answers = [
      await server.phone("POST", "/phone/pairing/accept-invite", accept),
      await server.phone("GET", "/phone/me", { headers: { authorization: "Bearer a.b.c" } }),
      await server.phone("GET", "/.well-known/jwks.json"),
      await server.phone("GET", "/readyz"),
      page,
    ];
    expect(answers[0]!.body).toMatchObject({ status: 503, code: "keys_unavailable", detail: errors.keys_unavailable.cannot_finish });
    expect(page.text.replace(/&#39;/g, "'")).toContain(errors.keys_unavailable.cannot_finish);
    for (const answer of answers) expect(answer.text).not.toMatch(INSIDE);

    const changeEvents = newsOf(server);
    repair();
    expect((await server.local("POST", "/admin/secrets/check")).body).toMatchObject({ state: "ready", can_pair: true });
    expect(changeEvents).toContain("invites");
    expect((await server.phone("POST", "/phone/pairing/accept-invite", accept)).status).toBe(200);
    // The whole budget of ten minutes is there.
    for (let nth = 0; nth < 3; nth++)
      expect((await server.local("POST", "/phone/pairing/send-sms", { body: invitation })).status).toBe(200);
  });
});

it("the provider is not called for a link that nobody could accept", async () => {
  const account = { sid: `AC${"0".repeat(32)}`, token: "a".repeat(32) };
  const twilio = await openTwilioDouble(account);
  try {
    const first = await startServer();
    await first.close();
    writeFileSync(keyFile(first.folder), "no key");
    const server = await startServer({
      PAIRING_STORAGE_PATH: first.folder,
      SMS_PROVIDER: "twilio",
      TWILIO_ACCOUNT_SID: account.sid,
      TWILIO_AUTH_TOKEN: account.token,
      TWILIO_PHONE_NUMBER: "+15005550006",
      PAIRING_TWILIO_BASE_URL: twilio.url,
    });
    const body = { phone_number: NUMBER, user_id: "user123" };
    expect((await server.local("POST", "/phone/pairing/send-sms", { body })).body.code).toBe("keys_unavailable");
    expect(twilio.messages).toEqual([]);
  } finally {
    await twilio.close();
  }
});
