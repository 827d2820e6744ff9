import { say } from "../figures.ts";

export interface PhoneRecord {
  readonly userId: string;
  readonly deviceId: string;
  readonly token: string;
  status: "active" | "revoked";
}

/** What the servers have acknowledged, and what they did that they may not. */
export interface Model {
  /** Those that no story changes any more. */
  readonly phones: PhoneRecord[];
  readonly invites: { readonly code: string; readonly status: "accepted" | "cancelled" }[];
  readonly approvals: { readonly id: string; readonly status: string; readonly decidedBy: string | undefined }[];
  readonly violations: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
  violated(sentence: string): void;
  /** A line on the terminal; the same one is printed once. */
  note(line: string): void;
  count(what: string, more?: number): void;
  /** Called with each acknowledged change, for the longest time without one. */
  acknowledged(): void;
  longestPauseMs(): number;
}

export function createModel(): Model {
  const violations: string[] = [];
  const counts = new Map<string, number>();
  const noted = new Set<string>();
  let last: number | undefined;
  let longest = 0;
  const count = (what: string, more = 1): void => void counts.set(what, (counts.get(what) ?? 0) + more);
  return {
    phones: [],
    invites: [],
    approvals: [],
    violations,
    counts,
    count,
    violated(sentence) {
      violations.push(sentence);
      say(`VIOLATION: ${sentence}`);
    },
    note(line) {
      if (!noted.has(line)) say(line);
      noted.add(line);
    },
    acknowledged() {
      const now = performance.now();
      longest = Math.max(longest, now - (last ?? now));
      last = now;
      count("acknowledged changes");
    },
    longestPauseMs: () => longest,
  };
}
