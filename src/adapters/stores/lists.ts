import type { ListPage, ListPosition, ListQuestion } from "../../core/index.ts";
import type { Slices } from "./slices.ts";
import type { Place, TimeIndex } from "./time-index.ts";

/** What a list is read from. */
export interface ListSource<Item> {
  readonly index: TimeIndex;
  readonly get: (key: string) => Item | undefined;
  /** What names an item outside: the same after a restart, when places are given anew. */
  readonly idOf: (item: Item) => string;
  readonly placeOf: (id: string) => Place | undefined;
}

/** The most rows that one page reads, so that a search for a rare word does not keep a server with a million rows busy. */
export const MAX_ROWS_READ = 100_000;
/** The most rows that are read at once. */
export const MAX_AT_ONCE = 1024;

type PageQuestion = Pick<ListQuestion<unknown>, "after" | "most">;

/** Reads in slices: other requests are answered in between. The slices go on from one page to the next, for who reads all of them. */
export async function readList<Item>(
  { index, get, idOf, placeOf }: ListSource<Item>,
  { after, most }: PageQuestion,
  matches: (item: Item) => boolean,
  slices: Slices,
): Promise<ListPage<Item>> {
  const items: Item[] = [];
  let place: Place | undefined = after && placeNow(after, index, placeOf);
  let last = after;
  let rowsRead = 0;
  for (;;) {
    let sliced = false;
    for (const found of index.newestFirst(place)) {
      const item = get(found.key);
      if (item === undefined) continue;
      if (items.length === most || rowsRead >= MAX_ROWS_READ) return last ? { items, next: last } : { items };
      rowsRead += 1;
      place = found;
      last = { at: found.at, order: found.order, life: index.life, id: idOf(item) };
      if (matches(item)) items.push(item);
      if (slices.count()) {
        sliced = true;
        break;
      }
    }
    if (!sliced) return { items };
    await slices.pause();
  }
}

/** Every item, newest first. One that moves to the front meanwhile may be missing: it is news then. */
export async function readWhole<Item>(pageOf: (question: PageQuestion) => Promise<ListPage<Item>>): Promise<readonly Item[]> {
  const all: Item[] = [];
  let after: ListPosition | undefined;
  do {
    const page: ListPage<Item> = await pageOf({ most: MAX_AT_ONCE, ...(after ? { after } : {}) });
    for (const item of page.items) all.push(item);
    after = page.next;
  } while (after);
  return all;
}

/** Within one life a place is good whatever became of its item. After a restart the item says where it is. */
function placeNow(after: ListPosition, { life }: TimeIndex, placeOf: (id: string) => Place | undefined): Place {
  const known = after.life === life ? undefined : placeOf(after.id);
  return known?.at === after.at ? known : after;
}
