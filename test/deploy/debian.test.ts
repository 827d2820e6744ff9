import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const installer = pathToFileURL(path.join(root, "scripts/debian.mjs")).href;

/** Runs the installer as root would, with this shell script in place of apt-get, and no waiting. */
function install(aptGet: string): { printed: string; calls: string[] } {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-apt-"));
  const calls = path.join(folder, "calls");
  for (const [program, body] of [
    ["apt-get", `[ "$1" = --version ] && exit 0\necho "$@" >> ${calls}\n${aptGet}`],
    ["sleep", ""],
  ] as const) {
    writeFileSync(path.join(folder, program), `#!/bin/sh\ncd ${folder}\n${body}\n`);
    chmodSync(path.join(folder, program), 0o755);
  }
  const script = `process.getuid = () => 0; const { installPackages } = await import("${installer}"); console.log(installPackages("a browser", ["one", "two"]));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    env: { PATH: `${folder}:/usr/bin:/bin` },
    encoding: "utf8",
  });
  return { printed: stdout + stderr, calls: existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [] };
}

describe.skipIf(process.platform === "win32")("Debian's packages for the tests", () => {
  it("wait for a program that has the package system", () => {
    const { printed, calls } = install(
      `n=$(cat n 2>/dev/null || echo 0); echo $((n + 1)) > n
       [ $n -lt 2 ] && echo "E: Could not get lock /var/cache/apt/archives/lock. It is held by process 1 (unattended-upgr)" >&2 && exit 100
       exit 0`,
    );
    expect(calls).toEqual([
      ...Array<string>(3).fill("-qq -o DPkg::Lock::Timeout=900 update"),
      "-qq -o DPkg::Lock::Timeout=900 install -y --no-install-recommends one two",
    ]);
    expect(printed).toBe("Installing a browser …\nAnother program is installing packages; waiting for it …\ntrue\n");
  });

  it("say why they cannot be installed", () => {
    const { printed, calls } = install('echo "E: Unable to locate package one" >&2; exit 100');
    expect(calls).toHaveLength(1);
    expect(printed).toBe("Installing a browser …\nfalse\nE: Unable to locate package one\n");
  });

  it("are all named in CONTRIBUTING.md", () => {
    const script = readFileSync(path.join(root, "scripts/test.mjs"), "utf8");
    const lists = [...script.matchAll(/installPackages\("[^"]+", \[([^\]]+)\]\)/g)].map(([, list = ""]) => list);
    expect(lists.length).toBeGreaterThan(3);
    const page = readFileSync(path.join(root, "CONTRIBUTING.md"), "utf8");
    for (const name of lists.join(",").match(/[\w-]+/g) ?? []) expect(page).toContain(`\`${name}\``);
  });
});
