/** Questions that wait for their answer. */
export interface LongPolls {
  /**
   * Reads until it is enough, the time is up, the client has left or the doors close; answers what was read last. A read that
   * rejects ends it.
   */
  wait<Answer>(poll: Poll<Answer>): Promise<Answer>;
  /** Answers all of them now, and all that come at once. */
  closeAll(): void;
}

export interface Poll<Answer> {
  readonly read: () => Promise<Answer>;
  readonly enough: (answer: Answer) => boolean;
  readonly milliseconds: number;
  /** Calls `heard` when it is worth reading again. Answers how to stop that. */
  readonly listen: (listener: () => void) => () => void;
  readonly whenLeft: (listener: () => void) => void;
}

export function createLongPolls(): LongPolls {
  const open = new Set<() => void>();
  let closing = false;
  return {
    async wait({ read, enough, milliseconds, listen, whenLeft }) {
      const first = await read();
      if (closing || milliseconds <= 0 || enough(first)) return first;
      let look = (): void => undefined;
      const stop = listen(() => look());
      let timer: NodeJS.Timeout | undefined;
      let end = (): void => undefined;
      try {
        return await new Promise((resolve, reject) => {
          let over = false;
          let reading = false;
          let again = false;
          look = () => {
            again = reading;
            if (reading) return;
            reading = true;
            read()
              .then((answer) => {
                if (over || enough(answer)) resolve(answer);
              }, reject)
              .finally(() => {
                reading = false;
                if (again) look();
              });
          };
          end = () => {
            over = true;
            look();
          };
          open.add(end);
          whenLeft(end);
          timer = setTimeout(end, milliseconds);
          // Something may have come between the first read and the listening.
          look();
        });
      } finally {
        clearTimeout(timer);
        stop();
        open.delete(end);
      }
    },
    closeAll() {
      closing = true;
      for (const end of open) end();
    },
  };
}
