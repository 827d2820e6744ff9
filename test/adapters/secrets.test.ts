import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createEnvironmentSecrets } from "../../src/adapters/secrets/environment.ts";
import { createFileSecrets } from "../../src/adapters/secrets/file.ts";
import { createMemorySecrets } from "../../src/adapters/secrets/memory.ts";
import { secretStoreContract } from "../contracts/secret-store.ts";

const folder = (): string => mkdtempSync(path.join(tmpdir(), "topdog secrets "));

describe("in memory", () => secretStoreContract(async () => ({ store: createMemorySecrets() })));

describe("in files", () => {
  secretStoreContract(async () => {
    const at = folder();
    return { store: createFileSecrets(at), reopen: () => createFileSecrets(at) };
  });

  it("is for this account only, and leaves no draft", async () => {
    const at = folder();
    await createFileSecrets(at).set("signing-key", "secret");
    expect(readdirSync(at)).toEqual(["signing_key.pem"]);
    expect(statSync(path.join(at, "signing_key.pem")).mode & 0o777).toBe(0o600);
  });

  it("refuses a file that others can read, and says what to do", async () => {
    const at = folder();
    const file = path.join(at, "signing_key.pem");
    writeFileSync(file, "secret");
    chmodSync(file, 0o644);
    await expect(createFileSecrets(at).get("signing-key")).rejects.toThrow(`chmod 600 "${file}"`);
    expect(readFileSync(file, "utf8")).toBe("secret");
  });

  it("does not follow a link that somebody planted", async () => {
    const at = folder();
    symlinkSync("/etc/hostname", path.join(at, "signing_key.pem"));
    await expect(createFileSecrets(at).get("signing-key")).rejects.toThrow("cannot be read");
  });

  it.each(["a pipe", "a folder", "a device"])("refuses %s in a file's place at once", async (kind) => {
    const at = folder();
    const file = path.join(at, "signing_key.pem");
    if (kind === "a folder") mkdirSync(file);
    else if (spawnSync(kind === "a pipe" ? "mkfifo" : "mknod", kind === "a pipe" ? [file] : [file, "c", "1", "3"]).status !== 0) return;
    await expect(createFileSecrets(at).get("signing-key")).rejects.toThrow(`${file} is not a plain file. Move it away and start again.`);
  });
});

describe("in the environment", () => {
  it("gives what was given, and cannot be written", async () => {
    const secrets = createEnvironmentSecrets({ "signing-key": "from outside" });
    expect(await secrets.get("signing-key")).toBe("from outside");
    await expect(secrets.set("signing-key", "another")).rejects.toThrow();
    expect(await secrets.get("signing-key")).toBe("from outside");
  });
});
