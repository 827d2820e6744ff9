import type { ChangeEvent, Pairing } from "../core/index.ts";

/**
 * Looks now and after news of this kind (of any kind where none is named), one look after the other: each compares with the one before
 * it. What comes during a look is looked at together, by one look after it. A look that fails is told to `failed`, and the next news is
 * looked at all the same. Answers how to stop.
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
