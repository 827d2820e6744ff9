import { type ChangeEvent, NEWS_ITEMS } from "../../contract/pairing-api.ts";

const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 30_000;
/** The door sends a sign of life every 30 s; a connection that is silent for more than twice that is dead. */
export const MAX_SILENCE_MS = 75_000;

export interface NewsLineEvents {
  readonly item: (item: ChangeEvent) => void;
  /** Whether there is a connection: after each attempt to connect, each message and each loss. */
  readonly up: (up: boolean) => void;
  /** The door requires an admin token that this page does not have: nothing is tried until `reconnect`. */
  readonly refused: () => void;
}

export interface NewsLine {
  /** At once, instead of after the wait. */
  readonly reconnect: () => void;
  readonly close: () => void;
}

/**
 * Server-sent events over `fetch`, because `EventSource` cannot send the admin token. Anything may have changed while there was no
 * connection, so each one starts with all change events.
 */
export function openNewsLine(address: string, headers: () => Promise<Record<string, string>>, events: NewsLineEvents): NewsLine {
  let wait = FIRST_WAIT_MS;
  let timer: number | undefined;
  let current = new AbortController();

  const open = async (): Promise<void> => {
    current.abort();
    const mine = new AbortController();
    current = mine;
    window.clearTimeout(timer);
    let silence: number | undefined;
    const listener = (): void => {
      window.clearTimeout(silence);
      silence = window.setTimeout(() => mine.abort(), MAX_SILENCE_MS);
      events.up(true);
    };
    try {
      const response = await fetch(address, { headers: await headers(), cache: "no-store", signal: mine.signal });
      if (response.status === 401 || response.status === 403) {
        events.refused();
        return;
      }
      if (!response.ok || !response.body) throw new Error(`news: ${response.status}`);
      wait = FIRST_WAIT_MS;
      listener();
      NEWS_ITEMS.forEach(events.item);
      for await (const data of eventsOf(response.body, listener)) {
        const item = NEWS_ITEMS.find((known) => known === data);
        if (item) events.item(item);
      }
      throw new Error("news: ended");
    } catch {
      // Replaced by a newer connection, or closed.
      if (current !== mine) return;
      events.up(false);
      timer = window.setTimeout(() => void open(), wait);
      wait = Math.min(wait * 2, MAX_WAIT_MS);
    } finally {
      window.clearTimeout(silence);
    }
  };

  void open();
  return {
    reconnect: () => void open(),
    close() {
      window.clearTimeout(timer);
      const last = current;
      current = new AbortController();
      last.abort();
    },
  };
}

/** The `data:` lines of a stream; each event of ours has one. */
async function* eventsOf(body: ReadableStream<Uint8Array>, listener: () => void): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      listener();
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\r|\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.startsWith("data:")) yield line.slice(5).trim();
    }
  } finally {
    reader.releaseLock();
  }
}
