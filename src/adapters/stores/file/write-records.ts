import { createHash } from "node:crypto";
import { oneLine } from "../one-line.ts";
import { createSlices, type Slices } from "../slices.ts";
import { VERSION } from "./journal-lines.ts";
import { NO_DIGEST } from "./read-records.ts";
import { replaceFile } from "./replace-file.ts";
import { writeAll } from "./storage-file.ts";

/**
 * One record a line, so that a person can read it. The digest covers the whole file with 64 zeros in its own place, and is
 * filled in last. Answers what was left out because it is past its time.
 */
export async function writeRecords<Item>(
  file: string,
  position: string,
  kind: string,
  items: Iterable<Item>,
  record: (item: Item) => unknown,
  isOver: (item: Item) => boolean,
  { slices = createSlices(), signal }: { readonly slices?: Slices; readonly signal?: AbortSignal } = {},
): Promise<readonly Item[]> {
  const over: Item[] = [];
  await replaceFile(file, async (draft) => {
    const digest = createHash("sha256");
    let written = 0;
    const put = async (text: string): Promise<void> => {
      const bytes = Buffer.from(text);
      digest.update(bytes);
      await writeAll(draft, bytes, written);
      written += bytes.length;
    };
    const opening = `{"version":${VERSION},${position},"sha256":"`;
    let slice = `${opening}${NO_DIGEST}","${kind}":[`;
    let between = "\n";
    for (const item of items) {
      if (isOver(item)) over.push(item);
      else {
        slice += between + oneLine(record(item));
        between = ",\n";
      }
      if (!slices.count()) continue;
      await put(slice);
      await slices.pause();
      signal?.throwIfAborted();
      slice = "";
    }
    await put(`${slice}\n]}\n`);
    await writeAll(draft, Buffer.from(digest.digest("hex")), opening.length);
  });
  return over;
}
