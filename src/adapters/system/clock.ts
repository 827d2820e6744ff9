import type { Clock } from "../../core/index.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  pause: (milliseconds) => new Promise((resolve) => void setTimeout(resolve, milliseconds).unref()),
};
