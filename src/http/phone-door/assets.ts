import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

/** One file of the phone's pages, whole and compressed. Its name holds its hash, so it may be kept for ever. */
export interface PhoneAsset {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
  readonly gzip: Buffer;
  readonly brotli: Buffer;
}

export interface PhoneAssets {
  readonly script: PhoneAsset;
  /** Stands in every page. */
  readonly style: string;
  /** What the pages' policy knows it by: `'sha256-…'`. */
  readonly styleSource: string;
}

export const ASSET_PATH = "/pair/assets/";

/** What the build wrote. Throws when it has not run. */
export function readPhoneAssets(folder: string): PhoneAssets {
  let manifest: { readonly script: string; readonly style: string };
  try {
    manifest = JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8")) as typeof manifest;
  } catch (cause) {
    throw new Error(`The phone's pages are not in ${folder}. Run: npm run build`, { cause });
  }
  const read = (name: string, type: string): PhoneAsset => {
    const file = path.join(folder, name);
    return {
      path: ASSET_PATH + name,
      type: `${type}; charset=utf-8`,
      body: readFileSync(file),
      gzip: readFileSync(`${file}.gz`),
      brotli: readFileSync(`${file}.br`),
    };
  };
  const style = readFileSync(path.join(folder, manifest.style), "utf8");
  return { script: read(manifest.script, "text/javascript"), style, styleSource: `'sha256-${hash("sha256", style, "base64")}'` };
}
