import type { NewsItem, Pairing } from "../core/index.ts";

/**
 * Looks now and at each piece of this news (at each of any kind where none is named), one look after the other: each compares with the
 * one before it. A look that fails is told to `failed`, and the next news is looked at all the same. Answers how to stop.
 */
export function followNews(
  pairing: Pick<Pairing, "listen">,
  wanted: NewsItem | undefined,
  look: () => Promise<void>,
  failed: (cause: unknown) => void,
): () => void {
  let looking: Promise<void> = look().catch(failed);
  return pairing.listen((item) => {
    if (wanted === undefined || item === wanted) looking = looking.then(look).catch(failed);
  });
}
