const BATCH = 1000;

/** The items in lists of at most a thousand. */
export async function* inBatches<Item>(items: Iterable<Item> | AsyncIterable<Item>, most = BATCH): AsyncGenerator<readonly Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < most) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
