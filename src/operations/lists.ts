import { setImmediate as nextTurn } from "node:timers/promises";
import type { ListPage, ListPosition, ListQuestion } from "../core/index.ts";
import { requestFields } from "../words/en/request-fields.ts";
import { FieldErrors } from "./problem.ts";

/** What every list is asked for, as it came. */
interface Asked {
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
}

/** The part of a list that is read at once. */
export type PartAsked = Pick<ListQuestion<unknown>, "after" | "most">;

/** Rows of a page when the request names no size. */
const DEFAULT_PAGE = 50;
/** A slice of a whole list: a millisecond or two of work, and no more in memory than this. */
const SLICE = 200;

/** `list`: the place is good for this list alone. */
function cursorOf(list: string, { at, order, life, id }: ListPosition): string {
  return Buffer.from(JSON.stringify([list, at, order, life, id])).toString("base64url");
}

/** Throws {@link FieldErrors} for anything that `cursorOf` has not made for this list. */
function positionOf(list: string, cursor: string): ListPosition {
  const [named, at, order, life, id, ...more] = parsed(cursor);
  if (named === list && isCount(at) && isCount(order) && isCount(life) && typeof id === "string" && more.length === 0) {
    const position = { at, order, life, id };
    if (cursorOf(list, position) === cursor) return position;
  }
  throw new FieldErrors([{ field: "after", message: requestFields.unknownPlace }]);
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

export function asksForPage({ limit, after }: Asked): boolean {
  return limit !== undefined || after !== undefined;
}

export async function readPage<Item>(
  list: string,
  { limit = DEFAULT_PAGE, after }: Asked,
  read: (part: PartAsked) => Promise<ListPage<Item>>,
): Promise<{ readonly items: readonly Item[]; readonly next: { readonly next?: string } }> {
  const { items, next } = await read({ most: limit, ...(after === undefined ? {} : { after: positionOf(list, after) }) });
  return { items, next: next ? { next: cursorOf(list, next) } : {} };
}

/**
 * An answer that holds a whole list: it is read and written a slice at a time, so that a long one holds up nobody and is never in
 * memory as a whole. What changes meanwhile is in it or not, as between two pages.
 */
export class WholeList<Body> {
  /** The field that holds the list; absent: the answer is the list itself. */
  readonly field: string | undefined;
  readonly slices: () => AsyncGenerator<readonly unknown[]>;

  constructor(field: string | undefined, slices: () => AsyncGenerator<readonly unknown[]>) {
    this.field = field;
    this.slices = slices;
  }

  /** For who asks inside this process, and takes values rather than bytes. */
  async collect(): Promise<Body> {
    const items: unknown[] = [];
    for await (const slice of this.slices()) items.push(...slice);
    return (this.field === undefined ? items : { [this.field]: items }) as Body;
  }
}

/** Every item of a list, read in slices; others are answered in between. */
export async function* slicesOf<Item, Body>(
  read: (part: PartAsked) => Promise<ListPage<Item>>,
  body: (item: Item) => Body | Promise<Body>,
): AsyncGenerator<readonly Body[]> {
  let after: ListPosition | undefined;
  do {
    const { items, next }: ListPage<Item> = await read({ most: SLICE, ...(after ? { after } : {}) });
    yield await Promise.all(items.map(body));
    after = next;
    await nextTurn();
  } while (after);
}

/** The address of the next page, for a `Link` header: the question that was asked, going on from `next`. */
export function nextLink(path: string, { next, ...asked }: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...asked, after: next })) {
    if (value !== undefined) query.set(name, Array.isArray(value) ? value.join(",") : `${value as string | number}`);
  }
  return `<${path}?${query.toString()}>; rel="next"`;
}
