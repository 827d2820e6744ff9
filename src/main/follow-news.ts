import type { ChangeEvent, Pairing } from "../core/index.ts";

/**
 * Runs `check` now and after each change event of this kind (of any kind when none is given), one run at a time. Events during a run
 * share the next run. A run that fails is passed to `failed`, and the next event runs `check` again. Returns a function that stops it.
 */
export function followNews(
  pairing: Pick<Pairing, "listen">,
  wanted: ChangeEvent | undefined,
  check: () => Promise<void>,
  failed: (cause: unknown) => void,
): () => void {
  let checking: Promise<void> = check().catch(failed);
  let waits = false;
  return pairing.listen((item) => {
    if (waits || (wanted !== undefined && item !== wanted)) return;
    waits = true;
    checking = checking.then(async () => {
      waits = false;
      await check().catch(failed);
    });
  });
}
