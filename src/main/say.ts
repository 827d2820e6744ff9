/** Prints a line for the person at the terminal, and for the system's journal. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
