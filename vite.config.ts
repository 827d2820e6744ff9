import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { page } from "./src/words/en/settings-page/page.ts";

/** The texts that the page shows before or without its script. */
const textsOfHtml: Plugin = {
  name: "texts-of-html",
  transformIndexHtml: () => [
    { tag: "title", children: page.title, injectTo: "head" },
    { tag: "noscript", children: page.noScript, injectTo: "body" },
  ],
};

/** The settings page: one page, its script, its style and its icons, for Electron and for the local door alike. */
export default defineConfig({
  root: fileURLToPath(new URL("src/renderer", import.meta.url)),
  base: "./",
  plugins: [react(), textsOfHtml],
  build: {
    outDir: fileURLToPath(new URL("dist/renderer", import.meta.url)),
    emptyOutDir: true,
    target: "chrome120",
    minify: true,
    // The page's policy takes nothing inline but pictures; the icons are a few hundred bytes each.
    assetsInlineLimit: (file) => file.endsWith(".svg"),
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
});
