import { randomInt } from "node:crypto";
import type { Instant } from "../../core/index.ts";
import { firstIndex } from "../../core/store/index.ts";

/** A place in an index. Of two keys of the same moment the one that was added later has the greater `order`. */
export interface Place {
  readonly at: Instant;
  readonly order: number;
}

interface PlacedKey extends Place {
  readonly key: string;
}

/**
 * Keys in the order of a time that each has. Adding, removing and finding a place cost the same however many there are. An iteration
 * must end before the index changes; going on later from a place is what `newestFirst` takes one for.
 */
export interface TimeIndex {
  readonly size: number;
  /** Orders are given anew by each start: whose they are. */
  readonly life: number;
  add(key: string, at: Instant): void;
  /** `at`: the time it was added with. */
  remove(key: string, at: Instant): void;
  /** Its place; `at` as in `remove`. */
  find(key: string, at: Instant): Place | undefined;
  /** What comes after the place, the newest first; without one, everything. */
  newestFirst(after?: Place): Generator<PlacedKey>;
  oldestFirst(): Generator<PlacedKey>;
  /** How many have a time after `at`. */
  countAfter(at: Instant): number;
}

/** Ascending by time, then by order. Three lists of plain values: an object for each entry would take three times the memory. */
interface Block {
  readonly times: number[];
  readonly orders: number[];
  readonly keys: string[];
}

/** Large enough that blocks are few, small enough that moving one's entries takes microseconds. */
const MAX_BLOCK = 1024;
const LIFE = randomInt(2 ** 32);

/** Where an entry is, or would be. */
interface Spot {
  readonly block: number;
  readonly entry: number;
}

export function createTimeIndex(): TimeIndex {
  const blocks: Block[] = [];
  let size = 0;
  let lastOrder = 0;
  return {
    life: LIFE,
    get size() {
      return size;
    },
    add(key, at) {
      lastOrder += 1;
      size += 1;
      const newest = blocks.at(-1);
      // Nearly everything is newer than all before it and goes to the end; a start adds a million of these.
      if (!newest || (newest.times.at(-1) ?? 0) <= at) append(blocks, key, at, lastOrder);
      else insert(blocks, key, at, lastOrder);
    },
    remove(key, at) {
      const found = seek(blocks, key, at);
      const block = found && blocks[found.block];
      if (!block) return;
      size -= 1;
      for (const list of [block.times, block.orders, block.keys]) list.splice(found.entry, 1);
      if (block.keys.length === 0) blocks.splice(found.block, 1);
    },
    find(key, at) {
      const found = seek(blocks, key, at);
      return found && { at, order: blocks[found.block]?.orders[found.entry] ?? 0 };
    },
    *newestFirst(after) {
      const start = after ? locate(blocks, after.at, after.order) : { block: blocks.length, entry: 0 };
      let { entry } = start;
      for (let index = start.block; index >= 0; index -= 1) {
        const block = blocks[index];
        if (!block) continue;
        if (index < start.block) entry = block.keys.length;
        for (entry -= 1; entry >= 0; entry -= 1) yield placed(block, entry);
      }
    },
    *oldestFirst() {
      for (const block of blocks) for (let entry = 0; entry < block.keys.length; entry += 1) yield placed(block, entry);
    },
    countAfter(at) {
      const { block, entry } = locate(blocks, at, Number.POSITIVE_INFINITY);
      let count = -entry;
      for (let index = block; index < blocks.length; index += 1) count += blocks[index]?.keys.length ?? 0;
      return count === 0 ? 0 : count;
    },
  };
}

function append(blocks: Block[], key: string, at: Instant, order: number): void {
  const newest = blocks.at(-1);
  const block = newest && newest.keys.length < MAX_BLOCK - 1 ? newest : { times: [], orders: [], keys: [] };
  block.times.push(at);
  block.orders.push(order);
  block.keys.push(key);
  if (block !== newest) blocks.push(block);
}

/** Before what is newer; a block that is full then becomes two. */
function insert(blocks: Block[], key: string, at: Instant, order: number): void {
  const { block: index, entry } = locate(blocks, at, order);
  const block = blocks[index] as Block;
  block.times.splice(entry, 0, at);
  block.orders.splice(entry, 0, order);
  block.keys.splice(entry, 0, key);
  if (block.keys.length < MAX_BLOCK) return;
  const from = MAX_BLOCK / 2;
  blocks.splice(index + 1, 0, { times: block.times.splice(from), orders: block.orders.splice(from), keys: block.keys.splice(from) });
}

/** The first entry that is not before the place. */
function locate(blocks: readonly Block[], at: Instant, order: number): Spot {
  const block = firstIndex(blocks.length, (index) => {
    const { times, orders } = blocks[index] as Block;
    return isBefore(times.at(-1) ?? 0, orders.at(-1) ?? 0, at, order);
  });
  const found = blocks[block];
  if (!found) return { block, entry: 0 };
  return {
    block,
    entry: firstIndex(found.keys.length, (index) => isBefore(found.times[index] ?? 0, found.orders[index] ?? 0, at, order)),
  };
}

function seek(blocks: readonly Block[], key: string, at: Instant): Spot | undefined {
  let { block, entry } = locate(blocks, at, 0);
  for (; block < blocks.length; block += 1, entry = 0) {
    const { times, keys } = blocks[block] as Block;
    for (; entry < keys.length; entry += 1) {
      if (times[entry] !== at) return undefined;
      if (keys[entry] === key) return { block, entry };
    }
  }
  return undefined;
}

function placed({ times, orders, keys }: Block, entry: number): PlacedKey {
  return { key: keys[entry] ?? "", at: times[entry] ?? 0, order: orders[entry] ?? 0 };
}

function isBefore(at: number, order: number, otherAt: number, otherOrder: number): boolean {
  return at < otherAt || (at === otherAt && order < otherOrder);
}
