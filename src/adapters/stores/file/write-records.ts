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
    const { put, close } = openRecords(draft, position, kind);
    let slice = "";
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
    await close(slice);
  });
  return over;
}

/** The same of records that come in batches. Answers how many there were. */
export async function writeRecordBatches<Item>(
  file: string,
  position: string,
  kind: string,
  batches: AsyncIterable<readonly Item[]>,
  record: (item: Item) => unknown,
): Promise<number> {
  let count = 0;
  await replaceFile(file, async (draft) => {
    const { put, close } = openRecords(draft, position, kind);
    for await (const batch of batches) {
      if (batch.length > 0) await put((count === 0 ? "\n" : ",\n") + batch.map((item) => oneLine(record(item))).join(",\n"));
      count += batch.length;
    }
    await close("");
  });
  return count;
}

/** A file of records that is being written: `put` takes what is between its brackets, `close` the last of it. */
function openRecords(
  draft: number,
  position: string,
  kind: string,
): { put(text: string): Promise<void>; close(text: string): Promise<void> } {
  const digest = createHash("sha256");
  const opening = `{"version":${VERSION},${position},"sha256":"`;
  let unwritten = `${opening}${NO_DIGEST}","${kind}":[`;
  let written = 0;
  const put = async (text: string): Promise<void> => {
    const bytes = Buffer.from(unwritten + text);
    unwritten = "";
    digest.update(bytes);
    await writeAll(draft, bytes, written);
    written += bytes.length;
  };
  return {
    put,
    async close(text) {
      await put(`${text}\n]}\n`);
      await writeAll(draft, Buffer.from(digest.digest("hex")), opening.length);
    },
  };
}
