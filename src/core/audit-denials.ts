import type { AuditEntry, Caller } from "./audit.ts";
import type { Ports } from "./ports.ts";
import { type Instant, MINUTE } from "./time.ts";

/** Why the local door refused a caller. */
export type DenialReason = "local_key_required" | "window_required" | "admin_token_required" | "admin_token_invalid" | "rate_limited";

export interface Denial {
  readonly reason: DenialReason;
  readonly caller: Caller;
  /** The caller's key in the rate limits: addresses that share a limit share it here. */
  readonly key: string;
}

interface Series {
  reason: DenialReason;
  readonly caller: Caller;
  lineAt: Instant;
  count: number;
}

/** The maximum of callers with audit lines of their own. All others share one line a minute. */
const MAX_SERIES = 100;

/** Requests of callers who may not ask, or with a wrong key or token: one audit line per caller and minute, with a count. */
export function createDenials({ clock, store, log }: Pick<Ports, "clock" | "store" | "log">) {
  const series = new Map<string, Series>();

  const append = async (at: Instant, { reason, caller, count }: Pick<Series, "reason" | "caller" | "count">): Promise<void> => {
    const entry: AuditEntry = { event: "admin_denied", reason, ...caller };
    await store.appendAudit(at, count > 1 ? { ...entry, count } : entry);
  };

  return {
    /** Writes a caller's first denial at once and counts the others. Rejects when it cannot be written. */
    async note({ reason, caller, key }: Denial): Promise<void> {
      const own = `${reason.endsWith("_required") ? "asked" : "guessed"} ${key}`;
      const name = series.has(own) || series.size < MAX_SERIES ? own : "others";
      const known = series.get(name);
      if (known) {
        known.reason = reason;
        known.count += 1;
        return;
      }
      const lineAt = clock.now();
      const first = { reason, caller: name === own ? caller : {}, lineAt, count: 0 };
      series.set(name, first);
      try {
        await append(lineAt, { ...first, count: 1 });
      } catch (cause) {
        // The line was not written: the next denial tries again.
        if (series.get(name) === first) series.delete(name);
        throw cause;
      }
    },
    /** Writes the counts that are due; `all`: also those that are not due yet. */
    async writeDue(all?: "all"): Promise<void> {
      const now = clock.now();
      for (const [name, known] of [...series]) {
        if (all === undefined && Math.abs(now - known.lineAt) < MINUTE) continue;
        const { count, lineAt } = known;
        if (count === 0) {
          series.delete(name);
          continue;
        }
        known.count = 0;
        known.lineAt = now;
        await append(now, { ...known, count }).catch((cause: unknown) => {
          known.count += count;
          known.lineAt = lineAt;
          log.warn("refusals could not be written to the audit trail; they are counted on", { reason: String(cause) });
        });
      }
    },
  };
}
