import { askDoor, type Reply } from "./ask-door.ts";
import type { Device, Page } from "./kept-inbox.ts";

/** `since`: by this phone's clock, in milliseconds. */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  | { readonly kind: "reconnecting" | "offline"; readonly since: number };

export interface Follower {
  /** The device may have been renamed, or be another one. Answers the seq to ask from. */
  readonly welcome: (device: Device) => number;
  /** Takes what came and answers the seq to ask on from. */
  readonly take: (page: Page) => number;
  readonly show: (connection: Connection) => void;
  /** The computer does not let this phone in. Nothing is asked afterwards. */
  readonly turnedAway: (code: string, detail: string) => void;
}

export interface Following {
  /** Asks again now. */
  readonly wake: () => void;
  readonly stop: () => void;
}

/** Seconds an answer may be waited for, and what is added to it for the way. */
const WAIT = 25;
const WAY = 12_000;
const MAX_PAUSE = 30_000;
/** An empty answer that was to be waited for and came at once: somebody on the way does not wait, so we do. */
const SHORTEST_WAIT = 2000;

/** Asks for messages one question at a time, as long as the page is looked at. */
export function followInbox({ welcome, take, show, turnedAway }: Follower): Following {
  let over = false;
  let connection: Connection = { kind: "connecting" };
  let failures = 0;
  let awake = (): void => undefined;
  let inFlight = new AbortController();

  const become = (kind: Connection["kind"]): void => {
    if (connection.kind === kind) return;
    connection = kind === "reconnecting" || kind === "offline" ? { kind, since: Date.now() } : { kind };
    show(connection);
  };
  const wake = (): void => {
    failures = 0;
    awake();
  };
  const pause = async (milliseconds?: number): Promise<void> => {
    await new Promise<void>((resolve) => {
      awake = resolve;
      if (milliseconds !== undefined) setTimeout(resolve, milliseconds);
    });
  };
  const ask = async <Answer>(path: string, within = WAY): Promise<Reply<Answer>> =>
    askDoor<Answer>("GET", path, { within, signal: inFlight.signal });
  const hidden = (): boolean => document.visibilityState === "hidden";

  /** Who this phone is and all that came meanwhile, then what comes. Ends when a question was not answered. */
  const listen = async (): Promise<Exclude<Reply<unknown>, { kind: "done" }>> => {
    const me = await ask<Device>("/phone/me");
    if (me.kind !== "done") return me;
    let since = welcome(me.answer);
    let wait = 0;
    for (;;) {
      const asked = performance.now();
      const page = await ask<Page>(`/phone/inbox?since=${since}&wait=${wait}`, wait * 1000 + WAY);
      if (page.kind !== "done") return page;
      if (over) return { kind: "lost" };
      failures = 0;
      since = take(page.answer);
      become("connected");
      const hurried = wait > 0 && page.answer.messages.length === 0 && performance.now() - asked < SHORTEST_WAIT;
      // More than one page may be waiting: only an empty one is worth waiting behind.
      wait = page.answer.messages.length === 0 ? WAIT : 0;
      if (hurried) await pause(SHORTEST_WAIT);
    }
  };

  const run = async (): Promise<void> => {
    while (!over) {
      if (hidden()) {
        await pause();
        continue;
      }
      inFlight = new AbortController();
      const ended = await listen().catch((cause: unknown) => {
        // A fault of this page. A connection that stands still would be a lie.
        console.error(cause);
        return { kind: "lost" } as const;
      });
      // Broken off by ourselves, because nobody looked: that says nothing of the connection.
      if (over || hidden() || (inFlight.signal.aborted && navigator.onLine)) continue;
      if (ended.kind === "refused" && (ended.status === 401 || ended.status === 403)) {
        over = true;
        turnedAway(ended.problem.code, ended.problem.detail);
        return;
      }
      become(navigator.onLine ? "reconnecting" : "offline");
      const longest = Math.min(1000 * 2 ** failures++, MAX_PAUSE);
      const retryAfter = ended.kind === "refused" ? ended.retryAfter * 1000 : 0;
      await pause(Math.max(retryAfter, longest * (0.5 + Math.random() / 2)));
    }
  };

  const visibility = (): void => {
    if (hidden()) {
      // Whoever comes back sees how old things are until the computer has answered again.
      connection = { kind: "connecting" };
      inFlight.abort();
    } else {
      show(connection);
      wake();
    }
  };
  const offline = (): void => {
    become("offline");
    inFlight.abort();
  };
  document.addEventListener("visibilitychange", visibility);
  addEventListener("pageshow", wake);
  addEventListener("online", wake);
  addEventListener("offline", offline);
  void run();

  return {
    wake,
    stop() {
      over = true;
      inFlight.abort();
      awake();
      document.removeEventListener("visibilitychange", visibility);
      removeEventListener("pageshow", wake);
      removeEventListener("online", wake);
      removeEventListener("offline", offline);
    },
  };
}
