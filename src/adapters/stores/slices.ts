import { setImmediate as systemTurn } from "node:timers/promises";

/** Resolves once others had their turn. */
export type NextTurn = () => Promise<unknown>;

/** Work over very many records, in slices, so that other requests are answered in between. */
export interface Slices {
  /** Counts one record. Returns whether the slice is over, so that `pause` is due. */
  count(): boolean;
  pause(): Promise<void>;
}

/** A slice ends after so long, or after so many records. */
const SLICE_MS = 2;
const MAX_SLICE = 1024;
const RECORDS_PER_CLOCK_READ = 16;
/** For copying references, which takes nanoseconds each. */
export const MAX_COPIED = 16_384;

export function createSlices(nextTurn: NextTurn = systemTurn, most = MAX_SLICE): Slices {
  let counted = 0;
  let until = performance.now() + SLICE_MS;
  return {
    count() {
      counted += 1;
      return counted >= most || (counted % RECORDS_PER_CLOCK_READ === 0 && performance.now() >= until);
    },
    async pause() {
      await nextTurn();
      counted = 0;
      until = performance.now() + SLICE_MS;
    },
  };
}

export async function eachInSlices<Item>(items: Iterable<Item>, work: (item: Item) => void, slices: Slices): Promise<void> {
  for (const item of items) {
    work(item);
    if (slices.count()) await slices.pause();
  }
}
