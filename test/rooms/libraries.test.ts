import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build as bundle } from "esbuild";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface BuildScripts {
  readonly hostOptions: (outdir: string) => BuildOptions;
  readonly preloadOptions: (outdir: string) => BuildOptions;
  readonly embedOptions: (outdir: string) => readonly BuildOptions[];
}

async function script<Name extends keyof BuildScripts>(file: string, name: Name): Promise<BuildScripts[Name]> {
  return ((await import(new URL(`../../scripts/${file}`, import.meta.url).href)) as BuildScripts)[name];
}

/** What a bundle holds that is not a file on disk, byte for byte. */
async function replacedIn(options: BuildOptions): Promise<string[]> {
  const { metafile } = await bundle({ ...options, absWorkingDir: root, write: false, metafile: true });
  return Object.entries(metafile.inputs)
    .filter(([file, { bytes }]) => {
      // A library says in its own package.json which of its files a browser does without.
      if (file.startsWith("(disabled):")) return false;
      const onDisk = path.join(root, file);
      return !existsSync(onDisk) || statSync(onDisk).size !== bytes;
    })
    .map(([file]) => file);
}

it("every library is in the hosts, the preload and the panel as it was installed", async () => {
  const outdir = path.join(root, "dist");
  const [hosts, preload, panels] = await Promise.all([
    script("build.mjs", "hostOptions"),
    script("build.mjs", "preloadOptions"),
    script("build-embed.mjs", "embedOptions"),
  ]);
  for (const options of [hosts(outdir), preload(outdir), ...panels(outdir)]) expect(await replacedIn(options)).toEqual([]);
});

it("every library is in the settings page as it was installed", async () => {
  const { build } = await import("vite");
  const replaced: string[] = [];
  let libraries = 0;
  await build({
    configFile: path.join(root, "vite.config.ts"),
    logLevel: "error",
    build: { write: false },
    plugins: [
      {
        name: "compare-with-disk",
        moduleParsed({ id, code }) {
          if (!id.includes("/node_modules/")) return;
          libraries += 1;
          if (code !== readFileSync(id.split("?")[0] ?? id, "utf8")) replaced.push(id);
        },
      },
    ],
  });
  expect(libraries).toBeGreaterThan(500);
  expect(replaced).toEqual([]);
});
