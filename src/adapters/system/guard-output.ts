/**
 * From now on a standard stream that cannot be written (its reader has gone, its disk is full, its terminal was closed) no longer ends
 * the process with a stack trace. `onLost` is called once, with the system's code (`EPIPE`, `ENOSPC`, …), when standard output is lost.
 */
export function guardOutput(onLost: (code: string) => void): void {
  let reported = false;
  process.stdout.on("error", ({ code = "unknown error" }: NodeJS.ErrnoException) => {
    if (reported) return;
    reported = true;
    onLost(code);
  });
  // There is no other place to report it.
  process.stderr.on("error", () => undefined);
}
