import { messageOf } from "../base/message-of.ts";
import type { Clock, Log, PairingStore } from "./ports.ts";
import { DAY, type Instant, isoSeconds, MINUTE, SECOND } from "./time.ts";

/**
 * Watches the wall clock, so that a clock that jumped deletes nothing. Code that deletes by age uses `retentionNow`, which is
 * the beginning of time until the clock is trusted.
 */
export interface ClockWatch {
  /** The time against which retention is measured. Compares the clocks first. */
  retentionNow(): Instant;
  /** Compares the clocks, so that a jump is noticed before anything is deleted. */
  check(): void;
  /** Compares the clock with the newest record, and resolves once the result is written. Until then nothing is past its retention. */
  begin(store: Pick<PairingStore, "readAudit" | "appendAudit" | "listActiveDevices">): Promise<void>;
}

/** Longer gaps count as a clock jump. A sleeping computer or a stopped server causes them as well, which only delays deletion. */
const FORWARD_TOLERANCE = DAY;
const BACK_TOLERANCE = MINUTE;
/** A clock is trusted again after running this long without a jump. */
const PROVED_AFTER = DAY;
/** The number of audit lines to search for a jump of the last day. A busier day has only lines that are too new to be deleted. */
const LINES_READ = 1000;

/** `noticed` is called at each jump, so that screens with remaining times read again. */
export function createClockWatch(
  clock: Pick<Clock, "now" | "steady">,
  log: Pick<Log, "info" | "warn">,
  noticed: () => void = () => undefined,
): ClockWatch {
  let wall = clock.now();
  let steady = clock.steady();
  /** In steady time. Nothing is trusted before the records were checked. */
  let believedFrom = Number.POSITIVE_INFINITY;
  let store: Pick<PairingStore, "appendAudit"> | undefined;
  const waiting: string[] = [];

  const writeDown = async (reason: string): Promise<void> => {
    if (!store) return void waiting.push(reason);
    await store
      .appendAudit(clock.now(), { event: "clock_changed", reason })
      .catch((cause: unknown) => log.warn("the audit log does not say that the clock changed", { reason: messageOf(cause) }));
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
    // A jump found in the records counts as well, until they were checked.
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
      const found = await readRecords(records, clock.now());
      believedFrom = clock.steady() + found.untrustedFor;
      if (found.jump !== undefined) await jumped(found.jump, "against the newest record, at the start");
      for (const reason of waiting.splice(0)) {
        believedFrom = Math.max(believedFrom, clock.steady() + PROVED_AFTER);
        await writeDown(reason);
      }
    },
  };
}

/** Compares the clock with the records: the jump that no run has noticed, and for how long a noticed one still keeps the clock untrusted. */
async function readRecords(
  records: Pick<PairingStore, "readAudit" | "listActiveDevices">,
  now: Instant,
): Promise<{ readonly jump: number | undefined; readonly untrustedFor: number }> {
  const { lines } = await records.readAudit({ most: LINES_READ });
  const change = lines.findIndex(({ event }) => event === "clock_changed");
  const changedAt = Date.parse(lines[change]?.ts ?? "");
  // Lines before a noticed jump were dated by another clock.
  const dated = (change < 0 ? lines : lines.slice(0, change + 1)).map(({ ts }) => Date.parse(ts)).filter((at) => !Number.isNaN(at));
  const seen = change < 0 ? (await records.listActiveDevices()).map(({ lastSeen }) => lastSeen) : [];
  const [last = 0] = dated;
  const latest = dated.reduce((one, other) => Math.max(one, other), 0);
  const newest = seen.reduce((one, other) => Math.max(one, other), latest);
  // The newest line is older than an earlier one: the clock was set back while no server ran.
  const by = latest - last > BACK_TOLERANCE && isJump(now - last) ? now - last : now - newest;
  // A jump that an earlier run noticed is settled once enough time has passed.
  const untrustedFor = Number.isNaN(changedAt) ? 0 : changedAt > now ? PROVED_AFTER : Math.max(0, changedAt + PROVED_AFTER - now);
  return { jump: newest > 0 && isJump(by) ? by : undefined, untrustedFor };
}

function isJump(by: number): boolean {
  return by > FORWARD_TOLERANCE || by < -BACK_TOLERANCE;
}

/** "+800 d", "-90 s": the largest unit with a value of at least two. */
function inWords(by: number): string {
  const size = Math.abs(by);
  const [unit, name] = size >= 2 * DAY ? [DAY, "d"] : size >= 120 * MINUTE ? [60 * MINUTE, "h"] : [SECOND, "s"];
  return `${by < 0 ? "-" : "+"}${Math.round(size / unit)} ${name}`;
}
