import { spawnSync } from "node:child_process";
import { mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The version before this one, built from the repository's history, or why there is none. */
export type PreviousVersion =
  | { readonly kind: "built"; readonly name: string; readonly program: string }
  | { readonly kind: "none"; readonly why: string };

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const MIGRATIONS = "src/adapters/stores/postgres/migrations.ts";

/**
 * The last release with a database, or the newest commit whose tables are older than those of now; `ROLLOUT_FROM` names another
 * commit. It is built with the packages of now.
 */
export function buildPreviousVersion(): PreviousVersion {
  if (!git("rev-parse", "--is-inside-work-tree")) return { kind: "none", why: "there is no history (git) in this copy of the source" };
  const commit = process.env["ROLLOUT_FROM"] ?? lastRelease() ?? beforeLastMigration();
  if (commit === undefined) return { kind: "none", why: "no commit of this history has older tables (is the clone a shallow one?)" };
  const tree = mkdtempSync(path.join(tmpdir(), "topdog-previous-"));
  run("sh", ["-c", 'git archive "$1" | tar -x -C "$2"', "sh", commit, tree], ROOT);
  symlinkSync(path.join(ROOT, "node_modules"), path.join(tree, "node_modules"));
  run(process.execPath, [path.join(tree, "scripts/build.mjs")], tree);
  return {
    kind: "built",
    name: git("log", "-1", "--format=%h of %cs", commit) ?? commit,
    program: path.join(tree, "dist/headless/cli.js"),
  };
}

function lastRelease(): string | undefined {
  const tag = git("describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^");
  return tag && git("cat-file", "-e", `${tag}:${MIGRATIONS}`) !== undefined ? tag : undefined;
}

function beforeLastMigration(): string | undefined {
  const now = stepsOf("HEAD");
  const parents = (git("log", "--format=%P", "HEAD", "--", MIGRATIONS) ?? "").split(/\s+/).filter(Boolean);
  return parents.find((parent) => {
    const steps = stepsOf(parent);
    return steps !== undefined && steps !== now && now?.startsWith(steps);
  });
}

/** The text of the steps: that of an older version is the beginning of it. */
function stepsOf(commit: string): string | undefined {
  return /^export const MIGRATIONS[\s\S]*?(?=\n\];)/m.exec(git("show", `${commit}:${MIGRATIONS}`) ?? "")?.[0];
}

/** What it prints; `undefined`: it failed, or there is no git. */
function git(...words: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync("git", words, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return status === 0 ? stdout.trim() : undefined;
}

function run(program: string, words: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(program, words, { cwd, encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
}
