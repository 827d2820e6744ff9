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
  readonly style: PhoneAsset;
}

export const ASSET_PATH = "/pair/assets/";

/** What the build wrote. Throws when it has not run. */
export function readPhoneAssets(folder: string): PhoneAssets {
  let manifest: Readonly<Record<keyof PhoneAssets, string>>;
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
  return { script: read(manifest.script, "text/javascript"), style: read(manifest.style, "text/css") };
}
