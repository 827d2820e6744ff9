import { writeSync } from "node:fs";

const began = performance.now();

/** A line on the terminal at once, whatever the reporter is doing. */
export function say(line: string): void {
  writeSync(1, `${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
}

/** A whole number from the environment. */
export function howMany(name: string, defaultValue: number): number {
  const text = process.env[name] ?? String(defaultValue);
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${name} must be a whole number above 0, and is ${JSON.stringify(text)}.`);
  return Number(text);
}

/** Median and greatest of durations in milliseconds, for people. */
export function spread(durations: readonly number[]): string {
  const sorted = [...durations].sort((one, other) => one - other);
  const at = (part: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(0);
  return `median ${at(0.5)} ms, most ${at(1)} ms`;
}

/** A table on the terminal: what was counted, and how many. */
export function sayTable(title: string, rows: readonly (readonly [name: string, count: number])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  const line = (name: string, count: string): string => `| ${name.padEnd(width)} | ${count.padStart(9)} |`;
  const lines = [
    line(title.padEnd(width), "figure"),
    line("-".repeat(width), "-".repeat(9)),
    ...rows.map(([name, count]) => line(name, String(Math.round(count)))),
  ];
  for (const text of lines) writeSync(1, `${text}\n`);
}
