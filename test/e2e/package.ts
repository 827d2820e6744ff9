import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Packed {
  readonly tarball: string;
  /** A folder with nothing but the package in its `node_modules`, installed as npm would, without the network. */
  readonly project: string;
  readonly remove: () => void;
}

/** Packs what was built and installs it: its own files from the tarball, its dependencies as they lie here. */
export function packAndInstall(): Packed {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-package-"));
  const { stdout, stderr, status } = spawnSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const tarball = path.join(folder, filename);
  const project = path.join(folder, "project");
  const modules = path.join(project, "node_modules");
  const home = path.join(modules, "topdog-phone");
  mkdirSync(home, { recursive: true });
  spawnSync("tar", ["-xzf", tarball, "--strip-components=1", "-C", home]);
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(path.join(home, "package.json"), "utf8")) as Record<
    "dependencies" | "peerDependencies",
    Record<string, string>
  >;
  const types = ["@types/node", "@types/react", "csstype", "undici-types"];
  for (const name of [...Object.keys(dependencies), ...Object.keys(peerDependencies), ...types]) {
    const found = path.join(root, "node_modules", name);
    if (!existsSync(found)) continue;
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(found, path.join(modules, name));
  }
  cpSync(path.join(root, "examples/host-ide"), project, { recursive: true });
  return { tarball, project, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
