/** What was thrown, as text for a person or the log. `otherwise`: for what is no error. */
export function messageOf(cause: unknown, otherwise?: string): string {
  return cause instanceof Error ? cause.message : (otherwise ?? String(cause));
}
