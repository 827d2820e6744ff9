// Builds what an IDE imports beside the plugin: the client, the contract, the panel with its style sheets, and all types.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = (name) => path.join(root, "src", name);

/** @param {string} dist Where the build goes. */
export async function buildEmbed(dist) {
  await Promise.all(embedOptions(dist).map((options) => build(options)));
  // A script for Electron to run: there is nothing to import from it.
  writeFileSync(path.join(dist, "preload/index.d.cts"), "export {};\n");
}

/** What esbuild is asked for: what works everywhere, and the panel, which needs a browser. */
export function embedOptions(dist) {
  const common = { bundle: true, format: "esm", target: "es2022", legalComments: "none", logLevel: "warning" };
  return [
    {
      ...common,
      entryPoints: { client: source("client/index.ts"), contract: source("contract/index.ts") },
      outdir: path.join(dist, "embed"),
      platform: "neutral",
      external: ["zod"],
    },
    {
      ...common,
      entryPoints: { renderer: source("renderer/index.tsx"), tokens: source("renderer/tokens.css") },
      outdir: path.join(dist, "embed"),
      // A chunk for each language: one is loaded.
      splitting: true,
      chunkNames: "chunks/[name]-[hash]",
      platform: "browser",
      minify: true,
      keepNames: true,
      jsx: "automatic",
      external: ["react", "react-dom", "zod"],
      define: { "process.env.NODE_ENV": '"production"' },
      loader: { ".svg": "dataurl" },
    },
  ];
}

/** The types of what package.json exports; the rest of what the compiler writes is taken away again. */
export async function buildTypes(dist) {
  const types = path.join(dist, "types");
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  const all = path.join(dist, "types.all");
  rmSync(all, { recursive: true, force: true });
  const status = await new Promise((resolve) => {
    spawn(process.execPath, [tsc, "-p", path.join(root, "tsconfig.types.json"), "--outDir", all], { stdio: "inherit" }).once(
      "close",
      resolve,
    );
  });
  if (status !== 0) throw new Error("The types for IDEs could not be written.");
  rmSync(types, { recursive: true, force: true });
  const open = ["main/plugin.d.ts", "client/index.d.ts", "contract/index.d.ts", "renderer/index.d.ts"];
  const seen = new Set(open);
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const folder = path.dirname(file);
    const text = readFileSync(path.join(all, file), "utf8").replace(/((?:from|import) ?\(?")(\.[^"]+?)\.tsx?"/g, (_found, before, name) => {
      const next = path.join(folder, `${name}.d.ts`);
      if (!seen.has(next) && existsSync(path.join(all, next))) {
        seen.add(next);
        open.push(next);
      }
      return `${before}${name}.js"`;
    });
    mkdirSync(path.join(types, folder), { recursive: true });
    writeFileSync(path.join(types, file), text.replace(/^import "[^"]+\.css";\n/gm, ""));
  }
  rmSync(all, { recursive: true });
}
