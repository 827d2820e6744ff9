import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { foreignFile } from "./file-owner.ts";

/** Never waits for the other end of a pipe. Windows does not know the flag, nor needs it. */
const NON_BLOCKING = constants.O_NONBLOCK ?? 0;
const NO_LINK = constants.O_NOFOLLOW ?? 0;

/**
 * The text of a plain file that a person or another program wrote, without its byte order mark. Throws an error with a `code`: the
 * system's, `EFTYPE` for what is no plain file, `EILSEQ` for bytes that are no text, `EOWNER` with a sentence for what belongs to another account. `links: false` refuses symbolic links.
 */
export function readTextFile(file: string, { links }: { readonly links: boolean }): string {
  const fd = openSync(file, constants.O_RDONLY | NON_BLOCKING | (links ? 0 : NO_LINK));
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) throw Object.assign(new Error("not a plain file"), { code: "EFTYPE" });
    const foreign = foreignFile(file, found);
    if (foreign !== undefined) throw Object.assign(new Error(foreign), { code: "EOWNER" });
    return decodeText(readFileSync(fd));
  } finally {
    closeSync(fd);
  }
}

/**
 * UTF-8, or UTF-16 with a byte order mark, as Windows PowerShell and Notepad write it. Throws `EILSEQ` for anything else, UTF-16
 * without its mark included: read as UTF-8 it would be full of NUL characters.
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
  }
  throw Object.assign(new Error("not a text in UTF-8 or UTF-16"), { code: "EILSEQ" });
}

function encodingOf([first, second]: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}
