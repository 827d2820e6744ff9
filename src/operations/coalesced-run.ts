/**
 * Makes a trigger that runs `work` one at a time. A trigger during a run causes one more run after it, however often it comes.
 * `failed` gets what a run rejects with.
 */
export function createCoalescedRun(work: () => Promise<void>, failed: (cause: unknown) => void): () => void {
  let running = false;
  let again = false;
  const run = (): void => {
    again = running;
    if (running) return;
    running = true;
    work()
      .catch(failed)
      .finally(() => {
        running = false;
        if (again) run();
      });
  };
  return run;
}
