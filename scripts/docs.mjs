// npm run docs writes the pages that the source knows best; with --check it only compares.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const folder = fileURLToPath(new URL("../docs/", import.meta.url));
// Beside the packages, which stay outside of the bundle.
const temporary = mkdtempSync(fileURLToPath(new URL("../node_modules/.docs-", import.meta.url)));
const bundle = path.join(temporary, "pages.mjs");
await build({
  entryPoints: [fileURLToPath(new URL("docs-pages.ts", import.meta.url))],
  outfile: bundle,
  bundle: true,
  format: "esm",
  platform: "node",
  packages: "external",
  logLevel: "error",
});
const { docsPages } = await import(pathToFileURL(bundle).href);
rmSync(temporary, { recursive: true });

const stale = Object.entries(docsPages()).filter(([name, text]) => read(path.join(folder, name)) !== text);
if (process.argv.includes("--check")) {
  for (const [name] of stale) console.error(`docs/${name} is not what the source says. Run: npm run docs`);
  process.exit(stale.length === 0 ? 0 : 1);
}
for (const [name, text] of stale) writeFileSync(path.join(folder, name), text);

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
