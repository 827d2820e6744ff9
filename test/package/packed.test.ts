import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeDesktops, startDesktop } from "../e2e/desktop.ts";
import { noKeyring, startSession } from "../keyring.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** electron-builder's own tools: they read what it wrote. */
const packagingTool = createRequire(path.join(root, "packaging/package.json"));

let work: string;
let resources: string;

function pack(...words: string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/package.mjs", ...words], { cwd: root, encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
}

/** As much of an Electron distribution as electron-builder reads, with the stand-in for its executable and a wire of nine fuses. */
function makeDistribution(folder: string): void {
  cpSync(path.join(root, "test/electron-standin/dist"), folder, { recursive: true });
  for (const name of ["LICENSE", "LICENSES.chromium.html", "version"]) writeFileSync(path.join(folder, name), "");
  for (const name of ["locales", "resources"]) mkdirSync(path.join(folder, name));
  for (const name of ["en-US.pak", "de.pak"]) writeFileSync(path.join(folder, "locales", name), "");
  appendFileSync(path.join(folder, "electron"), Buffer.from("\n# dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u0009101101111\n", "latin1"));
}

beforeAll(() => {
  work = mkdtempSync(path.join(tmpdir(), "topdog-package-"));
  const distribution = path.join(work, "electron");
  makeDistribution(distribution);
  const packed = pack("--linux", "dir", `-c.electronDist=${distribution}`, `-c.directories.output=${path.join(work, "out")}`);
  expect(packed.output).not.toMatch(/Invalid configuration/);
  expect(packed.status, packed.output).toBe(0);
  resources = path.join(work, "out/linux-unpacked/resources");
});
afterAll(() => rmSync(work, { recursive: true, force: true }));
afterEach(closeDesktops);

describe("the packed app", () => {
  it("is configured in words that electron-builder knows, and others are refused", () => {
    const { status, output: refused } = pack("--linux", "dir", "-c.electronFuses.runAsNodes=false");
    expect(status).not.toBe(0);
    expect(refused).toContain("Invalid configuration object");
  });

  it("holds what runs and nothing else", () => {
    const asar = packagingTool("@electron/asar") as { listPackage(file: string, options: object): string[] };
    const files = asar.listPackage(path.join(resources, "app.asar"), {}).map((name) => name.replaceAll("\\", "/").slice(1));
    for (const file of [
      "package.json",
      "LICENSE",
      "NOTICE",
      "dist/main/index.js",
      "dist/main/keychain-worker.js",
      "dist/preload/index.cjs",
      "dist/renderer/index.html",
      "dist/phone/manifest.json",
      "node_modules/swagger-ui-dist/swagger-ui-bundle.js",
      "node_modules/swagger-ui-dist/swagger-ui.css",
      "node_modules/keytar/lib/keytar.js",
      `node_modules/keytar/prebuilds/linux-${process.arch}/keytar.node`,
    ])
      expect(files).toContain(file);
    expect([...new Set(files.map((file) => file.split("/")[0]))].sort()).toEqual([
      "LICENSE",
      "NOTICE",
      "dist",
      "node_modules",
      "package.json",
    ]);
    expect([...new Set(files.filter((file) => file.startsWith("node_modules/")).map((file) => file.split("/")[1]))].sort()).toEqual([
      "keytar",
      "swagger-ui-dist",
    ]);
    expect(files.filter((file) => /\.(ts|tsx|map|cc|h|gyp)$|(^|\/)(test|src|headless)\//.test(file))).toEqual([]);
    expect(files.filter((file) => file.endsWith(".node"))).toHaveLength(1);
  });

  it("has its native code outside of the archive", () => {
    const unpacked = readdirSync(path.join(resources, "app.asar.unpacked"), { recursive: true, encoding: "utf8" });
    expect(unpacked.filter((name) => name.endsWith(".node"))).toEqual([`node_modules/keytar/prebuilds/linux-${process.arch}/keytar.node`]);
    expect(unpacked.filter((name) => !"node_modules/keytar".startsWith(name) && !name.startsWith("node_modules/keytar/"))).toEqual([]);
  });

  it("says who it is, without what only developers need", () => {
    const asar = packagingTool("@electron/asar") as { extractFile(file: string, name: string): Buffer };
    const manifest = JSON.parse(asar.extractFile(path.join(resources, "app.asar"), "package.json").toString()) as Record<string, unknown>;
    const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
    expect(manifest).toMatchObject({ name: "topdog-phone", productName: "Top Dog Phone Pairing", version, main: "dist/main/index.js" });
    expect(Object.keys(manifest)).not.toContain("devDependencies");
    expect(Object.keys(manifest)).not.toContain("scripts");
  });

  it("has every fuse set: no Node.js for others, no options, no inspector, only its own archive", async () => {
    const fuses = packagingTool("@electron/fuses") as {
      FuseV1Options: Record<string, number | string>;
      getCurrentFuseWire(file: string): Promise<Record<number, number>>;
    };
    const wire = await fuses.getCurrentFuseWire(path.join(work, "out/linux-unpacked/topdog-phone-pairing"));
    const isOn = (name: string): boolean => wire[Number(fuses.FuseV1Options[name])] === "1".charCodeAt(0);
    expect(
      Object.fromEntries(Object.keys(fuses.FuseV1Options).flatMap((name) => (/^\d+$/.test(name) ? [] : [[name, isOn(name)]]))),
    ).toEqual({
      RunAsNode: false,
      EnableCookieEncryption: true,
      EnableNodeOptionsEnvironmentVariable: false,
      EnableNodeCliInspectArguments: false,
      EnableEmbeddedAsarIntegrityValidation: true,
      OnlyLoadAppFromAsar: true,
      LoadBrowserProcessSpecificV8Snapshot: false,
      GrantFileProtocolExtraPrivileges: false,
    });
  });

  it("runs: sends a link, pairs a phone, and keeps its key in the keychain", async () => {
    const asar = packagingTool("@electron/asar") as { extractAll(file: string, folder: string): void };
    const app = path.join(work, "app");
    asar.extractAll(path.join(resources, "app.asar"), app);
    expect(existsSync(path.join(app, "node_modules/electron"))).toBe(false);
    const session = noKeyring === undefined ? await startSession() : undefined;
    await session?.start("unlocked");
    try {
      const env = session ? { HOME: session.env["HOME"]!, DBUS_SESSION_BUS_ADDRESS: session.env["DBUS_SESSION_BUS_ADDRESS"]! } : {};
      const { app: running, page, printed, ended } = await startDesktop({ app, env, ...(session ? { keychain: true } : {}) });
      await page.getByLabel("Phone number").fill("+1 (415) 555-2671");
      await page.getByRole("button", { name: "Send Pairing Link" }).click();
      await page.getByText("Printed, not sent.").waitFor();
      const link = new URL(/http:\S+\/pair\?code=\S+/.exec(printed())![0]);
      const accepted = await fetch(new URL("/phone/pairing/accept-invite", link), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ invite_code: link.searchParams.get("code"), device_id: "a", device_name: "Packed", device_type: "ios" }),
      });
      expect(accepted.status).toBe(200);
      await page.getByRole("heading", { name: "Packed" }).waitFor();
      if (session) expect((await session.items()).map(({ account }) => account.split(" ")[0])).toEqual(["signing-key"]);
      await running.close();
      expect(await ended).toBe(0);
    } finally {
      await session?.close();
    }
  });
});
