// Builds everything into dist/: both hosts, the preload, the settings page and the phone's pages.
import { cpSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = path.join(root, "dist");
const stamp = path.join(dist, ".built");

/** Packages that are loaded from node_modules: natives, files served as they are, and the host's own. */
const EXTERNAL = ["electron", "keytar", "swagger-ui-dist"];

/** `types`: with the declarations that an IDE's build reads, which take longer than all the rest. */
export async function buildAll({ types = false } = {}) {
  rmSync(dist, { recursive: true, force: true });
  const [{ buildPhonePages }, { build: viteBuild }, { buildEmbed, buildTypes }] = await Promise.all([
    import("./build-phone.mjs"),
    import("vite"),
    import("./build-embed.mjs"),
  ]);
  await Promise.all([
    build(hostOptions(dist)),
    build(preloadOptions(dist)).then(() => buildEmbed(dist)),
    types ? buildTypes(dist) : undefined,
    buildPhonePages(path.join(dist, "phone")),
    viteBuild({ configFile: path.join(root, "vite.config.ts"), logLevel: "warn" }),
  ]);
  cpSync(path.join(root, "src/main/icons"), path.join(dist, "main"), { recursive: true });
  writeFileSync(stamp, "");
}

/** Both hosts share what they load later, as chunks. CommonJS packages in an ESM bundle need a `require`. */
export function hostOptions(outdir) {
  return {
    entryPoints: {
      "headless/cli": path.join(root, "src/headless/cli.ts"),
      "main/index": path.join(root, "src/main/index.ts"),
      "main/plugin": path.join(root, "src/main/plugin.ts"),
      "main/keychain-worker": path.join(root, "src/adapters/secrets/keychain-worker.ts"),
    },
    outdir,
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minify: true,
    keepNames: true,
    sourcemap: "linked",
    sourcesContent: false,
    external: EXTERNAL,
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
    logLevel: "warning",
  };
}

export function preloadOptions(outdir) {
  return {
    entryPoints: [path.join(root, "src/preload/index.ts")],
    outfile: path.join(outdir, "preload/index.cjs"),
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    minify: true,
    external: ["electron"],
    logLevel: "warning",
  };
}

/** Whether something in the sources is newer than the last whole build. */
export function isStale() {
  if (!existsSync(stamp)) return true;
  const built = statSync(stamp).mtimeMs;
  return ["src", "scripts", "package.json", "package-lock.json", "vite.config.ts"].some((name) => newest(path.join(root, name)) > built);
}

function newest(file) {
  const stat = statSync(file);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(file).map((name) => newest(path.join(file, name))));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await buildAll({ types: true });
