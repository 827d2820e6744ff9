import type { Clock, SettledCommand, VoiceBoard, VoiceCommand } from "../../core/index.ts";

interface Offered {
  commands: Parameters<VoiceBoard["offer"]>[0]["commands"];
  /** In steady time; absent: it does not lapse. */
  until: number | undefined;
}

interface Entry extends Omit<SettledCommand, "outcome"> {
  readonly handlerId: string;
  status: "queued" | "running" | "settled";
  outcome?: SettledCommand["outcome"];
  /** In steady time, when a settled one is given out again. */
  due: number;
}

const MAX_ASKED = 1000;
const AGAIN_MS = 15_000;

/** In memory: what IDEs offer ends with the process that they registered with. */
export function createOwnVoiceBoard(clock: Pick<Clock, "now" | "steady">): VoiceBoard {
  const offered = new Map<string, Offered>();
  const entries = new Map<string, Entry>();
  const listeners = new Map<string, Set<() => void>>();
  const alive = (handlerId: string): Offered | undefined => {
    const found = offered.get(handlerId);
    if (found?.until === undefined || clock.steady() < found.until) return found;
    offered.delete(handlerId);
    return undefined;
  };
  const queuedFor = (handlerId: string): readonly Entry[] =>
    [...entries.values()].filter((entry) => entry.status === "queued" && entry.handlerId === handlerId);
  const settle = (entry: Entry, outcome: SettledCommand["outcome"]): SettledCommand => {
    entry.status = "settled";
    entry.outcome = outcome;
    entry.due = clock.steady() + AGAIN_MS;
    return { command: entry.command, outcome };
  };
  return {
    ...createAsked(clock),
    async offer({ handlerId, commands }, lapse) {
      offered.set(handlerId, { commands, until: lapse === undefined ? undefined : clock.steady() + lapse });
    },
    offers: async () =>
      [...offered.keys()].flatMap((handlerId) => {
        const found = alive(handlerId);
        return found ? [{ handlerId, commands: found.commands }] : [];
      }),
    async renew(handlerId, lapse) {
      const found = alive(handlerId);
      if (found) found.until = clock.steady() + lapse;
      return found !== undefined;
    },
    withdraw: async (handlerId) => alive(handlerId) !== undefined && offered.delete(handlerId),
    listen(handlerId, listener) {
      const own = listeners.get(handlerId) ?? new Set();
      listeners.set(handlerId, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0 && listeners.get(handlerId) === own) listeners.delete(handlerId);
      };
    },
    async queue(handlerId, command) {
      if (!alive(handlerId)) return false;
      entries.set(command.commandId, { command, handlerId, status: "queued", due: 0 });
      for (const listener of listeners.get(handlerId) ?? []) listener();
      return true;
    },
    countQueued: async (handlerId) => queuedFor(handlerId).length,
    async take(handlerId) {
      return queuedFor(handlerId).map((entry): VoiceCommand => {
        entry.status = "running";
        return entry.command;
      });
    },
    async settle(commandId, outcome) {
      const entry = entries.get(commandId);
      return entry && entry.status !== "settled" ? settle(entry, outcome) : undefined;
    },
    async takeUnanswered(gone) {
      const now = clock.steady();
      return [...entries.values()].flatMap((entry) => {
        const isDue = entry.status === "settled" ? now >= entry.due : alive(entry.handlerId) === undefined;
        return isDue ? [settle(entry, entry.outcome ?? gone)] : [];
      });
    },
    async forget(commandId) {
      if (entries.get(commandId)?.status === "settled") entries.delete(commandId);
    },
  };
}

function createAsked(clock: Pick<Clock, "now">): Pick<VoiceBoard, "ask" | "confirm"> {
  const waiting = new Map<string, { readonly asked: Parameters<VoiceBoard["ask"]>[0]; readonly within: number; readonly until: number }>();
  return {
    async ask(asked, within) {
      const oldest = waiting.keys().next().value;
      if (waiting.size >= MAX_ASKED && oldest !== undefined) waiting.delete(oldest);
      waiting.set(asked.commandId, { asked, within, until: clock.now() + within });
    },
    async confirm(commandId, jti) {
      const found = waiting.get(commandId);
      const left = (found?.until ?? 0) - clock.now();
      // More time left than at the start: the clock was set back.
      if (found?.asked.jti !== jti || left <= 0 || left > found.within) return undefined;
      waiting.delete(commandId);
      return found.asked.action;
    },
  };
}
