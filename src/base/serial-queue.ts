/** Runs one piece of work at a time, in the order of the calls. */
export interface SerialQueue {
  /** Starts when all earlier work has ended, whether or not it succeeded. Settles as the work does. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
  /** Resolves when all work that was queued before this call has ended. */
  readonly idle: () => Promise<void>;
}

export function createSerialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(work) {
      const mine = last.then(work);
      last = mine.catch(() => undefined);
      return mine;
    },
    async idle() {
      await last;
    },
  };
}
