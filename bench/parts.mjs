// The product's own parts, as the hosts bundle them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

/** What these lines of TypeScript export. */
export async function loadParts(contents) {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-parts-"));
  const outfile = path.join(folder, "parts.mjs");
  await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL("..", import.meta.url)), loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
  });
  const parts = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  return parts;
}

/** Microseconds of CPU time per turn, all threads together: what others on the machine do is not counted. */
export async function perTurn(turns, work) {
  const before = process.cpuUsage();
  await work(turns);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / turns;
}
