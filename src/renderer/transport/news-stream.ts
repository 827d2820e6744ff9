import { NEWS_ITEMS, type NewsItem } from "../../contract/pairing-api.ts";

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
/** The door says "still here" every 30 s; twice that in silence means that the line is dead. */
const SILENCE = 75_000;

export interface NewsStream {
  readonly onNews: (heard: (item: NewsItem) => void) => () => void;
  readonly onUp: (heard: (up: boolean) => void) => () => void;
  /** At once, instead of after the wait. */
  readonly reconnect: () => void;
}

/**
 * Server-sent events over `fetch`, because `EventSource` cannot carry the admin token. While the line was down anything may have
 * happened, so each connection starts with all news.
 */
export function followNews(address: string, headers: () => Record<string, string>): NewsStream {
  const listeners = new Set<(item: NewsItem) => void>();
  const watchers = new Set<(up: boolean) => void>();
  let up = true;
  let wait = FIRST_WAIT;
  let timer: number | undefined;
  let line = new AbortController();

  const setUp = (now: boolean): void => {
    if (up === now) return;
    up = now;
    for (const heard of watchers) heard(up);
  };
  const tell = (item: NewsItem): void => {
    for (const heard of listeners) heard(item);
  };

  const open = async (): Promise<void> => {
    line.abort();
    const mine = new AbortController();
    line = mine;
    window.clearTimeout(timer);
    let silence: number | undefined;
    const listen = (): void => {
      window.clearTimeout(silence);
      silence = window.setTimeout(() => mine.abort(), SILENCE);
    };
    try {
      const response = await fetch(address, { headers: headers(), cache: "no-store", signal: mine.signal });
      if (response.status === 401 || response.status === 403) {
        // The door is there and asks for its token: the page says so, and the token reconnects.
        setUp(true);
        return;
      }
      if (!response.ok || !response.body) throw new Error(`news: ${response.status}`);
      wait = FIRST_WAIT;
      setUp(true);
      NEWS_ITEMS.forEach(tell);
      listen();
      for await (const data of eventsOf(response.body, listen)) {
        const item = NEWS_ITEMS.find((known) => known === data);
        if (item) tell(item);
      }
      throw new Error("news: ended");
    } catch {
      // Replaced by a newer line: that one keeps the books.
      if (line !== mine) return;
      setUp(false);
      timer = window.setTimeout(() => void open(), wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    } finally {
      window.clearTimeout(silence);
    }
  };

  window.addEventListener("online", () => void open());
  void open();

  return {
    onNews(heard) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
    onUp(heard) {
      watchers.add(heard);
      heard(up);
      return () => watchers.delete(heard);
    },
    reconnect: () => void open(),
  };
}

/** The `data:` lines of a stream; each event of ours has one. */
async function* eventsOf(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\r|\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.startsWith("data:")) yield line.slice(5).trim();
    }
  } finally {
    reader.releaseLock();
  }
}
