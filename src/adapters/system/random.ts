import { randomFillSync, randomInt } from "node:crypto";
import type { Random } from "../../core/index.ts";

/** The kernel is asked for this much at a time: per call it is slow, per byte it is not. */
const POOL = 16 * 1024;

/** Bytes are taken from the pool once and wiped as they are taken, so that memory never shows what was handed out. */
function createSystemRandom(): Random {
  const pool = Buffer.alloc(POOL);
  let used = POOL;
  return {
    token(bytes) {
      if (bytes > POOL) throw new RangeError(`at most ${POOL} random bytes at a time`);
      if (used + bytes > POOL) {
        randomFillSync(pool);
        used = 0;
      }
      const text = pool.toString("base64url", used, used + bytes);
      pool.fill(0, used, used + bytes);
      used += bytes;
      return text;
    },
    digits: (count) => String(randomInt(10 ** count)).padStart(count, "0"),
  };
}

export const systemRandom = createSystemRandom();
