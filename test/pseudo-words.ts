import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Plugin as EsbuildPlugin } from "esbuild";
import type { Page } from "playwright-core";
import type { Plugin as VitePlugin } from "vite";
import { plainWords } from "./pseudo-locale.ts";

/** The catalogues themselves, not the files that only put them together. */
const CATALOGUE = /\/src\/words\/en\/(?!.*index).*\.ts$/;
const PSEUDO_LOCALE = fileURLToPath(new URL("pseudo-locale.ts", import.meta.url));

/** A catalogue's module whose exports are in the pseudo-locale. */
function inPseudoLocale(source: string): string {
  const names = [...source.matchAll(/^export const (\w+)/gm)].map(([, name]) => name);
  return [
    `import { pseudoLocale } from ${JSON.stringify(PSEUDO_LOCALE)};`,
    source.replace(/^export const /gm, "const "),
    ...names.map((name) => `const pseudo_${name} = pseudoLocale(${name}); export { pseudo_${name} as ${name} };`),
  ].join("\n");
}

export const pseudoWordsForVite: VitePlugin = {
  name: "pseudo-words",
  enforce: "pre",
  transform: (source, id) => (CATALOGUE.test(id) ? inPseudoLocale(source) : undefined),
};

export const pseudoWordsForEsbuild: EsbuildPlugin = {
  name: "pseudo-words",
  setup(build) {
    build.onLoad({ filter: /\/src\/words\/en\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { contents: CATALOGUE.test(path) ? inPseudoLocale(source) : source, loader: "ts" };
    });
  },
};

/** The texts and accessible names of the page that are in no catalogue. `data` is what is the same in every language. */
export async function hardCoded(page: Page, data: readonly (string | RegExp)[]): Promise<string[]> {
  const texts = await page.evaluate(() => {
    const found = new Set([document.title]);
    const read = (root: Node): void => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node instanceof Element) {
          for (const name of ["aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "title", "alt", "placeholder"])
            found.add(node.getAttribute(name) ?? "");
          if (node instanceof HTMLTemplateElement) read(node.content);
        } else if (!node.parentElement?.closest("script, style, code, pre, noscript, [role=option]")) found.add(node.textContent ?? "");
      }
    };
    read(document.body);
    return [...found];
  });
  return texts.filter((text) => plainWords(text, data).length > 0);
}
