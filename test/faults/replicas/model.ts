import { say } from "../figures.ts";

/** What has to hold whatever happens, as the number of times it did not. */
const RULES = {
  lost: "acknowledged changes lost",
  winners: "races without exactly one winner",
  revoked: "requests with a token that had been revoked for a second taken",
  counted: "budgets and tries not counted exactly",
  messages: "messages lost, repeated or out of order",
  twice: "things done twice that happen once",
  failed: "requests that may be repeated failed",
  answers: "other answers and ends that may not be",
} as const;
export type Rule = keyof typeof RULES;

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
  violated(rule: Rule, sentence: string): void;
  /** A line on the terminal; the same one is printed once. */
  note(line: string): void;
  count(what: string, more?: number): void;
  /** Called with each acknowledged change, for the longest time without one. */
  acknowledged(): void;
  longestPauseMs(): number;
  /** All figures so far, and how often each rule did not hold. */
  figures(): readonly (readonly [name: string, count: number])[];
}

export function createModel(): Model {
  const violations: string[] = [];
  const counts = new Map<string, number>();
  const noted = new Set<string>();
  const broken = Object.fromEntries(Object.keys(RULES).map((rule) => [rule, 0])) as Record<Rule, number>;
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
    violated(rule, sentence) {
      broken[rule] += 1;
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
    figures: () => [...counts, ...Object.entries(RULES).map(([rule, name]) => [name, broken[rule as Rule]] as const)],
  };
}
