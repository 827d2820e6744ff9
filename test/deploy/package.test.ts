import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const config = parse(read("electron-builder.yml"));
const manifest = JSON.parse(read("package.json"));
const external = JSON.parse(/^const EXTERNAL = (\[.*\]);$/m.exec(read("scripts/build.mjs"))![1]!) as string[];

/** What `npm run test:package` proves with a whole package, as far as it can be read off the configuration at once. */
describe("electron-builder.yml", () => {
  it("names every fuse, and opens the app to nobody", () => {
    expect(config.electronFuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
      resetAdHocDarwinSignature: true,
    });
  });

  it("packs the build, what the build leaves to node_modules, and no source", () => {
    const files = config.files as string[];
    const taken = files.filter((pattern) => !pattern.startsWith("!"));
    expect(files.indexOf("!node_modules/**")).toBeLessThan(files.findIndex((pattern) => pattern.startsWith("node_modules/")));
    expect(taken.filter((pattern) => !/^(dist\/|node_modules\/[^*]|package\.json$|LICENSE$|NOTICE$)/.test(pattern))).toEqual([]);
    const packages = new Set(taken.flatMap((pattern) => /^node_modules\/([^/]+)\//.exec(pattern)?.[1] ?? []));
    expect([...packages].sort()).toEqual(external.filter((name) => name !== "electron").sort());
    // Only what a person who installs the project without its tools has as well is packed.
    const production = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
    expect([...packages].filter((name) => !production.includes(name))).toEqual([]);
    for (const pattern of taken.filter((each) => each.startsWith("node_modules/") && !each.includes("$"))) {
      const [folder = "", list] = pattern.replace("/**", "").split("{");
      const names = list === undefined ? [""] : list.replace("}", "").split(",");
      for (const name of names.filter((each) => !each.includes("*"))) expect(existsSync(path.join(root, folder, name)), pattern).toBe(true);
    }
    expect([config.asar, config.asarUnpack, config.npmRebuild]).toEqual([true, ["**/*.node"], false]);
  });

  it("brings what each system wants: signed and hardened, per account, with the library that the keychain needs", () => {
    const targets = (list: (string | { target: string })[]): string[] =>
      list.map((each) => (typeof each === "string" ? each : each.target));
    expect(targets(config.mac.target)).toEqual(["dmg", "zip"]);
    expect(targets(config.win.target)).toEqual(["nsis"]);
    expect(targets(config.linux.target)).toEqual(["AppImage", "deb"]);
    expect(config.mac).toMatchObject({ hardenedRuntime: true, notarize: true });
    expect(config.nsis).toMatchObject({ perMachine: false, deleteAppDataOnUninstall: false });
    expect(config.deb.depends).toContain("libsecret-1-0");
    expect(config.protocols).toEqual([{ name: manifest.productName, schemes: ["topdog"] }]);
    const entitlements = read(config.mac.entitlements);
    expect(config.mac.entitlementsInherit).toBe(config.mac.entitlements);
    expect([...entitlements.matchAll(/<key>(.*)<\/key>/g)].map(([, key]) => key)).toEqual(["com.apple.security.cs.allow-jit"]);
  });

  it("has a picture that is large enough for every icon", () => {
    expect([config.mac.icon, config.win.icon, config.linux.icon]).toEqual(Array(3).fill("packaging/icon.png"));
    const { width, height, data } = PNG.sync.read(readFileSync(path.join(root, "packaging/icon.png")));
    expect([width, height]).toEqual([1024, 1024]);
    // Its corners are clear.
    expect(data[3]).toBe(0);
  });

  it("is run by an electron-builder whose every package is pinned", () => {
    const tools = JSON.parse(read("packaging/package.json"));
    const { packages } = JSON.parse(read("packaging/package-lock.json")) as {
      packages: Record<string, { version?: string; integrity?: string }>;
    };
    expect(packages["node_modules/electron-builder"]!.version).toBe(tools.devDependencies["electron-builder"]);
    const loose = Object.entries(packages).filter(([name, { version, integrity }]) => name !== "" && !(version && integrity));
    expect(loose).toEqual([]);
    expect(manifest.devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
