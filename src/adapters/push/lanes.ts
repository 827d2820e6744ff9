/** Work that is done a few at a time per lane, so that a lane that is stuck holds up nobody in another. */
export interface Lanes {
  /** `undefined`: too much waits there already. */
  run<T>(lane: string, work: () => Promise<T>): Promise<T | undefined>;
}

export function createLanes({ atOnce, waiting: most }: { readonly atOnce: number; readonly waiting: number }): Lanes {
  const lanes = new Map<string, { running: number; readonly waiting: (() => void)[] }>();
  return {
    async run(name, work) {
      const lane = lanes.get(name) ?? { running: 0, waiting: [] };
      lanes.set(name, lane);
      if (lane.running < atOnce) lane.running += 1;
      else if (lane.waiting.length >= most) return undefined;
      // Who is called takes over the place of who has finished.
      else await new Promise<void>((resolve) => lane.waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = lane.waiting.shift();
        if (next) next();
        else {
          lane.running -= 1;
          if (lane.running === 0) lanes.delete(name);
        }
      }
    },
  };
}
