import type { NewsItem, Pairing } from "../core/index.ts";

/** Looks now and at each piece of this news, one look after the other: each compares with the one before it. Answers how to stop. */
export function followNews(pairing: Pick<Pairing, "listen">, wanted: NewsItem, look: () => Promise<void>): () => void {
  let looking = look();
  return pairing.listen((item) => {
    if (item === wanted) looking = looking.then(look);
  });
}
