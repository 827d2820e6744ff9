import { type Clock, type CoordinationPorts, deviceKey, type Leases, type PhoneConnections } from "../../core/index.ts";
import { createOwnGuessCounts } from "./guess-counts.ts";
import { createOwnVoiceBoard } from "./voice-board.ts";

/** What a server has that shares its storage with no other: everything is its own at once. */
export function createOneServer(clock: Pick<Clock, "now" | "steady">): CoordinationPorts {
  return {
    leases: ownLeases(),
    phoneConnections: ownConnections(),
    voiceBoard: createOwnVoiceBoard(clock),
    guessCounts: createOwnGuessCounts(clock),
  };
}

function ownLeases(): Leases {
  const epochs = new Map<string, number>();
  /** By name, those that wait, the holder first. */
  const waiting = new Map<string, (() => void)[]>();
  return {
    take(name, work) {
      const queue = waiting.get(name) ?? [];
      waiting.set(name, queue);
      let held = false;
      const start = (): void => {
        const epoch = (epochs.get(name) ?? 0) + 1;
        epochs.set(name, epoch);
        held = true;
        work.taken({ epoch, isHeld: () => held });
      };
      queue.push(start);
      if (queue.length === 1) start();
      return async () => {
        held = false;
        const wasFirst = queue[0] === start;
        const at = queue.indexOf(start);
        if (at >= 0) queue.splice(at, 1);
        if (wasFirst) queue[0]?.();
      };
    },
  };
}

function ownConnections(): PhoneConnections {
  /** Those that have not ended, with the function that ends them. */
  const open = new Map<string, () => Promise<void>>();
  return {
    async open(phone, end) {
      const key = deviceKey(phone);
      const former = open.get(key);
      let ended: Promise<void> | undefined;
      const finish = async (): Promise<void> => {
        ended ??= end().finally(() => open.get(key) === finish && open.delete(key));
        await ended;
      };
      open.set(key, finish);
      await former?.();
      return finish;
    },
    isOpen: async (phone) => open.has(deviceKey(phone)),
  };
}
