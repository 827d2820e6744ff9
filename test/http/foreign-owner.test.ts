import { chmodSync, chownSync, lchownSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { examineStorage } from "../../src/adapters/stores/file/examine.ts";
import { checkSettings } from "../../src/host/check-settings.ts";
import { startServer } from "./server.ts";

const EVE = 65_533;
const OWN = process.geteuid?.() ?? -1;

/** Why a start on this folder is refused. */
async function startError(folder: string, env: Record<string, string> = {}): Promise<string> {
  const before = readdirSync(folder).sort();
  const message = await startServer({ ...env, PAIRING_STORAGE_PATH: folder }).then(
    () => "started",
    (cause: Error) => cause.message,
  );
  expect(readdirSync(folder).sort()).toEqual(before);
  expect(message).not.toContain("\n");
  return message;
}

/** Everything that a server keeps in its folder, in a folder that one has used. */
async function usedFolder(): Promise<string> {
  const server = await startServer();
  await server.pair("phone", "ada");
  await server.close();
  const { folder } = server;
  const more: Record<string, string> = {
    "settings.json": "{}",
    "sms_settings.json": '{"secrets":[]}',
    "reachability_settings.json": "{}",
    "page.json": "{}",
    "admin_token.secret": "a-token-that-was-put-here-by-somebody",
    "push_key.secret": "a key",
    "ngrok_authtoken.secret": "x".repeat(40),
    "pairing.lock": "",
  };
  for (const [name, text] of Object.entries(more)) writeFileSync(path.join(folder, name), text, { mode: 0o600 });
  return folder;
}

// Only root can give files away, and other systems than POSIX's have no owners of this kind.
describe.skipIf(OWN !== 0)("what belongs to another account (these tests need root, to make such files)", () => {
  it("is refused at the start with one line that names file and owner: the folder, and each file in it", async () => {
    const folder = await usedFolder();
    const names = readdirSync(folder);
    expect(names).toEqual(
      expect.arrayContaining([
        "settings.json",
        "sms_settings.json",
        "signing_key.pem",
        "push_key.secret",
        "server.json",
        "pairing_journal.jsonl",
      ]),
    );
    for (const name of names) {
      const file = path.join(folder, name);
      lchownSync(file, EVE, EVE);
      expect([name, await startError(folder)]).toEqual([name, expect.stringContaining(`${file} belongs to another account (uid ${EVE}).`)]);
      expect(statSync(file).uid).toBe(EVE);
      lchownSync(file, OWN, OWN);
    }
    chownSync(folder, EVE, EVE);
    expect(await startError(folder)).toMatch(
      /^The storage folder ".*" belongs to another account \(uid 65533\)\. Start Top Dog under that account/,
    );
    expect((await examineStorage(folder)).folder).toMatchObject({ foreign: expect.stringContaining("(uid 65533)") });
    chownSync(folder, OWN, OWN);
    expect((await examineStorage(folder)).folder).not.toHaveProperty("foreign");
    await (await startServer({ PAIRING_STORAGE_PATH: folder })).close();
  });

  it("is refused where the environment names it as a secret's file", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "topdog-http-"));
    const file = path.join(mkdtempSync(path.join(tmpdir(), "topdog-secret-")), "admin-token");
    writeFileSync(file, "4b1c9d0e7f2a6385c1d4e9f00b7a2c6d", { mode: 0o644 });
    const env = { ADMIN_TOKEN_FILE: file };
    chownSync(file, EVE, EVE);
    expect(await startError(folder, env)).toContain(`ADMIN_TOKEN_FILE: ${file} belongs to another account (uid ${EVE}).`);
    chownSync(file, OWN, OWN);
    await (await startServer({ ...env, PAIRING_STORAGE_PATH: folder })).close();
  });

  it("is reported by every command that reads the settings", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "topdog-http-"));
    writeFileSync(path.join(folder, "settings.json"), JSON.stringify({ PAIRING_PORT: "9999" }));
    chownSync(path.join(folder, "settings.json"), EVE, EVE);
    const { settings, faults } = await checkSettings({ PAIRING_STORAGE_PATH: folder }, { storageFolder: folder });
    expect(faults).toEqual([expect.stringContaining(`settings.json belongs to another account (uid ${EVE})`)]);
    expect(settings.localPort).toBe(8000);
  });

  it("leaves files alone that are not the server's, and drafts, which are never read", async () => {
    const folder = await usedFolder();
    mkdirSync(path.join(folder, "lost+found"));
    for (const name of ["notes.txt", "settings.json.draft"]) writeFileSync(path.join(folder, name), "");
    for (const name of ["notes.txt", "settings.json.draft", "lost+found"]) chownSync(path.join(folder, name), EVE, EVE);
    await (await startServer({ PAIRING_STORAGE_PATH: folder })).close();
  });
});

describe.skipIf(process.platform === "win32")("a folder into which everybody can write", () => {
  it("is closed where it is the server's alone, and refused where it is not", async () => {
    const folder = await usedFolder();
    chmodSync(folder, 0o777);
    await (await startServer({ PAIRING_STORAGE_PATH: folder })).close();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    writeFileSync(path.join(folder, "notes.txt"), "");
    chmodSync(folder, 0o777);
    expect(await startError(folder)).toMatch(/^Every account can write into the storage folder ".*" \(mode 0777\)\. Run chmod 700 on it/);
    // As /tmp is: each account replaces only its own files.
    chmodSync(folder, 0o1777);
    await (await startServer({ PAIRING_STORAGE_PATH: folder })).close();
  });
});
