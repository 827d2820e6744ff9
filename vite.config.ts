import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** The page is English, React Aria brings its words in thirty languages: 90 KB that nobody would see. */
function englishOnly(): Plugin {
  return {
    name: "topdog:english-only",
    enforce: "pre",
    load: {
      filter: { id: /\/intl\/\w+\/(?!en-US)[a-z]{2}-[A-Z]{2}\.mjs$/ },
      handler: () => "export default {};",
    },
  };
}

const PROSE = /\.describe\(\s*"(?:[^"\\]|\\.)*",?\s*\)/g;
const SUMMARY = /\bsummary:\s*"(?:[^"\\]|\\.)*"/g;

/** What the contract says of itself is for the docs: 4 KB, compressed, that no page shows. */
function withoutProse(): Plugin {
  return {
    name: "topdog:without-prose",
    enforce: "pre",
    transform: {
      filter: { id: /\/src\/contract\/[\w-]+\.ts$/ },
      handler: (code) => code.replaceAll(PROSE, "").replaceAll(SUMMARY, 'summary: ""'),
    },
  };
}

/** The settings page: one page, its script, its style and its icons, for Electron and for the local door alike. */
export default defineConfig({
  root: fileURLToPath(new URL("src/renderer", import.meta.url)),
  base: "./",
  plugins: [englishOnly(), withoutProse(), react()],
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
