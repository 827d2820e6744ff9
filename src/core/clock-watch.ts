import type { Clock, Log, PairingStore } from "./ports.ts";
import { DAY, type Instant, isoSeconds, MINUTE, SECOND } from "./time.ts";

/**
 * Watches the wall clock. Nothing is deleted because of a clock that has just jumped: whoever deletes by age asks `retentionNow`, which
 * is the beginning of time until the clock has proved itself.
 */
export interface ClockWatch {
  /** The moment by which things count as past their retention. Compares the clocks first. */
  retentionNow(): Instant;
  /** Compares the clocks, so that a jump is noticed while nobody deletes anything. */
  check(): void;
  /** Compares the clock with the newest record. Nothing is past its retention before that. Resolves when it is written down. */
  begin(store: Pick<PairingStore, "readAudit" | "appendAudit" | "listActiveDevices">): Promise<void>;
}

/** A computer that slept, or a server that was off for so long, looks like a clock that jumped; less may be lost early. */
const FORWARD_TOLERANCE = DAY;
const BACK_TOLERANCE = MINUTE;
/** A clock that goes on for this long after a jump is believed. */
const PROVED_AFTER = DAY;
/** A jump of the last day is among these audit lines, or the day was so busy that they are newer than anything that it could delete. */
const LINES_READ = 1000;

/** `noticed` is called at each jump: whoever shows how long something still takes has to ask again. */
export function createClockWatch(
  clock: Pick<Clock, "now" | "steady">,
  log: Pick<Log, "info" | "warn">,
  noticed: () => void = () => undefined,
): ClockWatch {
  let wall = clock.now();
  let steady = clock.steady();
  /** By the steady clock. Nothing is believed before the records were looked at. */
  let believedFrom = Number.POSITIVE_INFINITY;
  let store: Pick<PairingStore, "appendAudit"> | undefined;
  const waiting: string[] = [];

  const writeDown = async (reason: string): Promise<void> => {
    if (!store) {
      waiting.push(reason);
      return;
    }
    await store
      .appendAudit(clock.now(), { event: "clock_changed", reason })
      .catch((cause: unknown) =>
        log.warn("the audit log does not say that the clock changed", { reason: cause instanceof Error ? cause.message : "unknown" }),
      );
  };

  const jumped = async (by: number, against: string): Promise<void> => {
    believedFrom = Math.max(believedFrom === Number.POSITIVE_INFINITY ? 0 : believedFrom, clock.steady() + PROVED_AFTER);
    noticed();
    const reason = `${inWords(by)} ${against}`;
    log.warn("the computer's clock jumped: for a day nothing is deleted because of its age", { clock: isoSeconds(clock.now()), reason });
    await writeDown(reason);
  };

  const check = (): void => {
    const [nowWall, nowSteady] = [clock.now(), clock.steady()];
    const by = nowWall - wall - (nowSteady - steady);
    wall = nowWall;
    steady = nowSteady;
    if (!isJump(by)) return;
    // Before the records were looked at, what was found there closes the watch as well.
    const unread = believedFrom === Number.POSITIVE_INFINITY;
    void jumped(by, "against the steady clock");
    if (unread) believedFrom = Number.POSITIVE_INFINITY;
  };

  return {
    check,
    retentionNow() {
      check();
      return clock.steady() < believedFrom ? 0 : clock.now();
    },
    async begin(records) {
      store = records;
      const now = clock.now();
      const { lines } = await records.readAudit({ most: LINES_READ });
      const change = lines.findIndex(({ event }) => event === "clock_changed");
      const changedAt = Date.parse(lines[change]?.ts ?? "");
      // What is older than a change that was noticed is dated by another clock.
      const dated = (change < 0 ? lines : lines.slice(0, change + 1)).map(({ ts }) => Date.parse(ts)).filter((at) => !Number.isNaN(at));
      const seen = change < 0 ? (await records.listActiveDevices()).map(({ lastSeen }) => lastSeen) : [];
      const [last = 0] = dated;
      const latest = dated.reduce((one, other) => Math.max(one, other), 0);
      const newest = seen.reduce((one, other) => Math.max(one, other), latest);
      // The last line is older than one before it: the clock was set back, and nobody was there to notice.
      const by = latest - last > BACK_TOLERANCE && isJump(now - last) ? now - last : now - newest;
      // A jump that an earlier run noticed is proved by the time that has passed since.
      const left = Number.isNaN(changedAt) ? 0 : changedAt > now ? PROVED_AFTER : Math.max(0, changedAt + PROVED_AFTER - now);
      believedFrom = clock.steady() + left;
      if (newest > 0 && isJump(by)) await jumped(by, "against the newest record, at the start");
      for (const reason of waiting.splice(0)) {
        believedFrom = Math.max(believedFrom, clock.steady() + PROVED_AFTER);
        await writeDown(reason);
      }
    },
  };
}

function isJump(by: number): boolean {
  return by > FORWARD_TOLERANCE || by < -BACK_TOLERANCE;
}

/** "+800 d", "-90 s": the largest unit of which there are two. */
function inWords(by: number): string {
  const size = Math.abs(by);
  const [unit, name] = size >= 2 * DAY ? [DAY, "d"] : size >= 120 * MINUTE ? [60 * MINUTE, "h"] : [SECOND, "s"];
  return `${by < 0 ? "-" : "+"}${Math.round(size / unit)} ${name}`;
}
