import { hash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { LANGUAGE_TAGS, type Language } from "../../words/languages.ts";

/** One file of the phone's pages, whole and, where that makes it smaller, compressed. */
export interface PhoneAsset {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
  readonly gzip?: Buffer;
  readonly brotli?: Buffer;
}

export interface PairAssets {
  readonly script: PhoneAsset;
  /** Part of every page. */
  readonly style: string;
  /** Its source in the pages' policy: `'sha256-…'`. */
  readonly styleSource: string;
}

export interface InboxAssets {
  /** The same for every phone: it contains no data. */
  readonly page: PhoneAsset;
  readonly styleSource: string;
  readonly worker: PhoneAsset;
  /** Their names contain their hashes, so browsers may cache them for ever. */
  readonly files: readonly PhoneAsset[];
}

export interface PhoneAssets {
  readonly pair: PairAssets;
  readonly inbox: InboxAssets;
}

/** The pages of one language. */
interface Built {
  readonly pair: { readonly script: string; readonly style: string };
  readonly inbox: { readonly page: string; readonly style: string; readonly worker: string; readonly files: readonly string[] };
}

export const ASSET_PATH = "/pair/assets/";
export const INBOX_ASSET_PATH = "/inbox/assets/";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".png": "image/png",
};

/** Reads the files that the build wrote, by language. Throws when it has not run. */
export function readPhoneAssets(folder: string): Readonly<Record<Language, PhoneAssets>> {
  const languages = readManifest(folder);
  const files = new Map<string, Omit<PhoneAsset, "path">>();
  const read = (name: string, at: string): PhoneAsset => {
    // Icons are the same in every language.
    const file = files.get(name) ?? readFile(path.join(folder, name));
    files.set(name, file);
    return { path: at, ...file };
  };
  const styleOf = (name: string): { style: string; styleSource: string } => {
    const style = readFileSync(path.join(folder, name), "utf8");
    return { style, styleSource: `'sha256-${hash("sha256", style, "base64")}'` };
  };
  const assetsOf = ({ pair, inbox }: Built): PhoneAssets => ({
    pair: { script: read(pair.script, ASSET_PATH + pair.script), ...styleOf(pair.style) },
    inbox: {
      page: read(inbox.page, "/inbox"),
      styleSource: styleOf(inbox.style).styleSource,
      worker: read(inbox.worker, "/inbox/worker.js"),
      files: inbox.files.map((name) => read(name, INBOX_ASSET_PATH + name)),
    },
  });
  return Object.fromEntries(LANGUAGE_TAGS.map((tag) => [tag, assetsOf(languages[tag])])) as Record<Language, PhoneAssets>;
}

function readManifest(folder: string): Readonly<Record<Language, Built>> {
  try {
    return JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8")) as Record<Language, Built>;
  } catch (cause) {
    throw new Error(`The phone's pages are not in ${folder}. Run: npm run build`, { cause });
  }
}

function readFile(file: string): Omit<PhoneAsset, "path"> {
  const compressed = existsSync(`${file}.gz`) && { gzip: readFileSync(`${file}.gz`), brotli: readFileSync(`${file}.br`) };
  return { type: TYPES[path.extname(file)] ?? "application/octet-stream", body: readFileSync(file), ...compressed };
}
