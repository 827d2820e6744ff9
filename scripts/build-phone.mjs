// Builds the phone's pages: for each a script with its compressed twins beside it and a style sheet, which stands in the page itself;
// for the inbox also what makes it an app: the page as one file, its manifest, its icons and its service worker.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = path.join(root, "src/phone");
/** What phones in use can run; older ones get the pairing page without its script. */
const TARGET = ["es2020", "safari14.1", "chrome85", "firefox90"];
/** Where the phone door serves the inbox's files. */
const INBOX_FILES = "/inbox/assets/";
const ICONS = ["icon-180.png", "icon-192.png", "icon-512.png"];

/**
 * @param {string} outFolder Emptied first.
 * @param {import("esbuild").Plugin[]} [plugins]
 * @returns {Promise<void>}
 */
export async function buildPhonePages(outFolder, plugins = []) {
  rmSync(outFolder, { recursive: true, force: true });
  mkdirSync(outFolder, { recursive: true });
  const registry = await bundleWith({ plugins, format: "esm" }, "../words/page-languages.ts");
  const { PAGE_LANGUAGES } = await import(`data:text/javascript,${encodeURIComponent(registry)}`);
  /** @type {Record<string, unknown>} */
  const manifest = {};
  for (const [language, words] of Object.entries(PAGE_LANGUAGES)) {
    /** @type {Bundle} */
    const bundle = async (entry, options = {}) => bundleWith({ plugins: [wordsOf(language), ...plugins], ...options }, entry);
    const pair = {
      script: keep(outFolder, "pair.js", await bundle("pair/enhance.ts")),
      style: keep(outFolder, "pair.css", await bundle("pair/pair.css")),
    };
    manifest[language] = { pair, inbox: await buildInbox(outFolder, bundle, words) };
  }
  writeFileSync(path.join(outFolder, "manifest.json"), `${JSON.stringify(manifest)}\n`);
}

/**
 * Puts one language's catalogue in the place of `src/words/phone.ts`, which the pages import.
 * @param {string} language
 * @returns {import("esbuild").Plugin}
 */
function wordsOf(language) {
  const words = path.join(root, "src/words");
  return {
    name: "words-of-the-page-language",
    setup: ({ onLoad }) =>
      onLoad({ filter: /[\\/]src[\\/]words[\\/]phone\.ts$/ }, () => ({
        contents: `export * from "./${language}/phone/index.ts";`,
        loader: "ts",
        resolveDir: words,
      })),
  };
}

/**
 * @param {string} outFolder
 * @param {Bundle} bundle
 * @param {{ language: string, direction: string, page: Record<string, string> }} words
 */
async function buildInbox(outFolder, bundle, { language, direction, page: texts }) {
  const words = { ...texts, language, direction };
  const style = await bundle("inbox/inbox.css");
  /** @type {Record<string, string>} */
  const names = { script: keep(outFolder, "inbox.js", await bundle("inbox/inbox.ts")) };
  for (const icon of ICONS) names[icon] = keep(outFolder, icon, read(`inbox/icons/${icon}`));
  names["app.webmanifest"] = keep(outFolder, "app.webmanifest", filled(read("inbox/app.webmanifest"), { ...addresses(names), ...words }));
  const template = read("inbox/inbox.html");
  const version = hashOf(Buffer.concat([template, style, Buffer.from(JSON.stringify([names, words]))]));
  const page = filled(template, { ...addresses(names), ...words, style: style.toString(), build: version });
  const files = [...Object.values(names)];
  const worker = await bundle("inbox/worker.ts", {
    define: { BUILD: JSON.stringify(version), FILES: JSON.stringify(files.map((name) => INBOX_FILES + name)) },
  });
  return {
    page: keep(outFolder, "inbox.html", page),
    style: keep(outFolder, "inbox.css", style),
    worker: keep(outFolder, "worker.js", worker),
    files,
  };
}

/** @typedef {(entry: string, options?: import("esbuild").BuildOptions) => Promise<Buffer>} Bundle */

/** @param {import("esbuild").BuildOptions} options @param {string} entry */
async function bundleWith(options, entry) {
  const { outputFiles } = await build({
    entryPoints: [path.join(source, entry)],
    bundle: true,
    minify: true,
    format: "iife",
    target: TARGET,
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    ...options,
    write: false,
  });
  return Buffer.from(outputFiles[0].contents);
}

/** Writes a file under a name that holds its hash, and texts compressed beside it. Answers the name. */
function keep(outFolder, file, contents) {
  const { name: stem, ext } = path.parse(file);
  const name = `${stem}.${hashOf(contents)}${ext}`;
  writeFileSync(path.join(outFolder, name), contents);
  if (ext === ".css" || ext === ".png") return name;
  writeFileSync(path.join(outFolder, `${name}.gz`), gzipSync(contents, { level: 9 }));
  writeFileSync(
    path.join(outFolder, `${name}.br`),
    brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: contents.length } }),
  );
  return name;
}

/** @param {Record<string, string>} names */
function addresses(names) {
  return Object.fromEntries(Object.entries(names).map(([part, name]) => [part, INBOX_FILES + name]));
}

/** A template with every `{{part}}` in its place, which may stand in a comment. */
function filled(template, parts) {
  return Buffer.from(
    template.toString().replace(/(?:\/\* )?\{\{([\w.-]+)\}\}(?: \*\/)?/g, (_gap, part) => {
      if (parts[part] === undefined) throw new Error(`nothing was built for {{${part}}}`);
      return parts[part];
    }),
  );
}

function read(file) {
  return readFileSync(path.join(source, file));
}

function hashOf(contents) {
  return createHash("sha256").update(contents).digest("hex").slice(0, 12);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await buildPhonePages(path.join(root, "dist/phone"));
