import { createCoalescedRun } from "./coalesced-run.ts";

/** Requests that wait for their answer. */
export interface LongPolls {
  /**
   * Reads until there is enough, the time is up, the client has left or the server closes; resolves with what was read last. A read that
   * rejects ends it.
   */
  wait<Answer>(poll: Poll<Answer>): Promise<Answer>;
  /** Answers all of them now, and later ones at once. */
  closeAll(): void;
}

export interface Poll<Answer> {
  readonly read: () => Promise<Answer>;
  readonly enough: (answer: Answer) => boolean;
  readonly milliseconds: number;
  /** Calls the listener when there may be more to read. Returns the function that stops this. */
  readonly listen: (listener: () => void) => () => void;
  readonly signal: AbortSignal;
}

export function createLongPolls(): LongPolls {
  /** Functions that end a poll early. */
  const open = new Set<() => void>();
  let closing = false;

  const waitForMore = async <Answer>(poll: Poll<Answer>): Promise<Answer> => {
    let end = (): void => undefined;
    let stop = (): void => undefined;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        let over = false;
        const reread = createCoalescedRun(async () => {
          const answer = await poll.read();
          if (over || poll.enough(answer)) resolve(answer);
        }, reject);
        end = () => {
          over = true;
          reread();
        };
        stop = poll.listen(reread);
        open.add(end);
        poll.signal.addEventListener("abort", end);
        if (poll.signal.aborted) over = true;
        timer = setTimeout(end, poll.milliseconds);
        // Something may have come between the first read and the listening.
        reread();
      });
    } finally {
      clearTimeout(timer);
      stop();
      open.delete(end);
      poll.signal.removeEventListener("abort", end);
    }
  };

  return {
    async wait(poll) {
      const first = await poll.read();
      if (closing || poll.milliseconds <= 0 || poll.enough(first)) return first;
      return waitForMore(poll);
    },
    closeAll() {
      closing = true;
      for (const end of open) end();
    },
  };
}
