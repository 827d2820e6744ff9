// Builds the phone's pages: one script with its compressed twins beside it, and one style sheet, which stands in every page.
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
/** What phones in use can run; older ones get the page without its script. */
const TARGET = ["es2020", "safari14.1", "chrome85", "firefox90"];

/**
 * @param {string} outFolder Emptied first.
 * @returns {Promise<void>}
 */
export async function buildPhonePages(outFolder) {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, "src/phone/pair/enhance.ts"), path.join(root, "src/phone/pair/pair.css")],
    outdir: outFolder,
    bundle: true,
    minify: true,
    format: "iife",
    target: TARGET,
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    write: false,
  });
  rmSync(outFolder, { recursive: true, force: true });
  mkdirSync(outFolder, { recursive: true });
  /** @type {Record<string, string>} */
  const manifest = {};
  for (const { path: file, contents } of outputFiles) {
    const extension = path.extname(file).slice(1);
    const hash = createHash("sha256").update(contents).digest("hex").slice(0, 12);
    const name = `pair.${hash}.${extension}`;
    manifest[extension === "js" ? "script" : "style"] = name;
    writeFileSync(path.join(outFolder, name), contents);
    if (extension !== "js") continue;
    writeFileSync(path.join(outFolder, `${name}.gz`), gzipSync(contents, { level: 9 }));
    writeFileSync(
      path.join(outFolder, `${name}.br`),
      brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: contents.length } }),
    );
  }
  writeFileSync(path.join(outFolder, "manifest.json"), `${JSON.stringify(manifest)}\n`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await buildPhonePages(path.join(root, "dist/phone"));
