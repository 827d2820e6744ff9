import { type Clock, DAY, type SettledCommand, type VoiceBoard, type VoiceCommand, type VoiceOffer } from "../../core/index.ts";

type SteadyClock = Pick<Clock, "now" | "steady">;

interface Entry {
  readonly command: VoiceCommand;
  readonly handlerId: string;
  /** `unanswered`: its phone was answered for its handler, which had taken it. `late`: that one answered after all. */
  status: "queued" | "running" | "settled" | "unanswered" | "late";
  /** Absent: it has none yet, or its phone has it. */
  outcome?: SettledCommand["outcome"] | undefined;
  /** In steady time: when a running one is overdue, one with an outcome is given out again, and one without is forgotten. */
  due: number;
}

const MAX_ASKED = 1000;
const MAX_UNANSWERED = 1000;
const AGAIN_MS = 15_000;

/** In memory: what IDEs offer ends with the process that they registered with. */
export function createOwnVoiceBoard(clock: SteadyClock): VoiceBoard {
  const { isOffered, ...offers } = createOffers(clock);
  const { wake, listen } = createListeners();
  return { ...offers, listen, ...createAsked(clock), ...createCommands(clock, isOffered, wake) };
}

function createOffers({ steady }: SteadyClock) {
  /** `until` is in steady time; absent: it does not lapse. */
  const offered = new Map<string, { readonly commands: VoiceOffer["commands"]; until: number | undefined }>();
  const alive = (handlerId: string) => {
    const found = offered.get(handlerId);
    if (found?.until === undefined || steady() < found.until) return found;
    offered.delete(handlerId);
    return undefined;
  };
  return {
    isOffered: (handlerId: string): boolean => alive(handlerId) !== undefined,
    async offer({ handlerId, commands }: VoiceOffer, lapse?: number): Promise<void> {
      offered.set(handlerId, { commands, until: lapse === undefined ? undefined : steady() + lapse });
    },
    offers: async (): Promise<readonly VoiceOffer[]> =>
      [...offered.keys()].flatMap((handlerId) => {
        const found = alive(handlerId);
        return found ? [{ handlerId, commands: found.commands }] : [];
      }),
    async renew(handlerId: string, lapse: number): Promise<boolean> {
      const found = alive(handlerId);
      if (found) found.until = steady() + lapse;
      return found !== undefined;
    },
    withdraw: async (handlerId: string): Promise<boolean> => alive(handlerId) !== undefined && offered.delete(handlerId),
  };
}

function createListeners() {
  const listeners = new Map<string, Set<() => void>>();
  return {
    wake(handlerId: string): void {
      for (const listener of listeners.get(handlerId) ?? []) listener();
    },
    listen(handlerId: string, listener: () => void): () => void {
      const own = listeners.get(handlerId) ?? new Set();
      listeners.set(handlerId, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0 && listeners.get(handlerId) === own) listeners.delete(handlerId);
      };
    },
  };
}

type Commands = Pick<VoiceBoard, "queue" | "countQueued" | "take" | "settle" | "takeUnanswered" | "forget">;

function createCommands({ steady }: SteadyClock, isOffered: (handlerId: string) => boolean, wake: (handlerId: string) => void): Commands {
  const entries = new Map<string, Entry>();
  const queuedFor = (handlerId: string): readonly Entry[] =>
    [...entries.values()].filter((entry) => entry.status === "queued" && entry.handlerId === handlerId);
  const settle = (entry: Entry, status: Entry["status"], outcome: SettledCommand["outcome"]): SettledCommand => {
    Object.assign(entry, { status, outcome, due: steady() + AGAIN_MS });
    return { command: entry.command, outcome, isLate: status === "late" };
  };
  return {
    async queue(handlerId, command) {
      if (!isOffered(handlerId)) return false;
      entries.set(command.commandId, { command, handlerId, status: "queued", due: Number.POSITIVE_INFINITY });
      wake(handlerId);
      return true;
    },
    countQueued: async (handlerId) => queuedFor(handlerId).length,
    take: async (handlerId, within) =>
      queuedFor(handlerId).map((entry): VoiceCommand => {
        Object.assign(entry, { status: "running", due: steady() + within });
        return entry.command;
      }),
    async settle(commandId, outcome) {
      const entry = entries.get(commandId);
      if (!entry || entry.status === "settled" || entry.status === "late") return undefined;
      return settle(entry, entry.status === "unanswered" ? "late" : "settled", outcome);
    },
    async takeUnanswered({ gone, overdue }) {
      return [...entries].flatMap(([commandId, entry]) => {
        const { status, outcome, due } = entry;
        const isDue = steady() >= due;
        if (outcome) return isDue ? [settle(entry, status, outcome)] : [];
        if (status === "unanswered") {
          if (isDue) entries.delete(commandId);
          return [];
        }
        const isGone = !isOffered(entry.handlerId);
        return isGone || isDue ? [settle(entry, status === "running" ? "unanswered" : "settled", isGone ? gone : overdue)] : [];
      });
    },
    async forget({ command: { commandId }, isLate }) {
      const entry = entries.get(commandId);
      if (entry?.status === (isLate ? "late" : "settled")) entries.delete(commandId);
      if (isLate || entry?.status !== "unanswered") return;
      // The newest are at the end.
      entries.delete(commandId);
      entries.set(commandId, { ...entry, outcome: undefined, due: steady() + DAY });
      const waiting = [...entries].filter(([, { status, outcome }]) => status === "unanswered" && !outcome);
      for (const [oldest] of waiting.slice(0, -MAX_UNANSWERED)) entries.delete(oldest);
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
