import { askDoor, isTurnedAway, type Reply } from "./ask-door.ts";
import type { Device, Page } from "./inbox-state.ts";

/** `since`: by this phone's clock, in milliseconds. */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  | { readonly kind: "reconnecting" | "offline"; readonly since: number };

/** Whether the computer is known not to answer. */
export function isAway({ kind }: Connection): boolean {
  return kind === "reconnecting" || kind === "offline";
}

export interface Follower {
  /** The device may have been renamed, or be another one. Returns the seq to ask from. */
  readonly welcome: (device: Device) => number;
  /** Takes a page of messages. Returns the seq to ask from next. */
  readonly take: (page: Page) => number;
  readonly show: (connection: Connection) => void;
  /** The computer does not let this phone in. Nothing is asked afterwards. */
  readonly turnedAway: (code: string, detail: string) => void;
}

/** Seconds that the server holds a request until there is a message. */
const WAIT_S = 25;
const TIMEOUT_MS = 12_000;
const MAX_PAUSE_MS = 30_000;
/** If an empty answer comes sooner than this, something in between does not wait, so the page does. */
const MIN_WAIT_MS = 2000;

interface State {
  readonly follower: Follower;
  connection: Connection;
  isOver: boolean;
  failures: number;
  request: AbortController;
  endPause: () => void;
}

/** Asks for messages, one request at a time, as long as the page is visible. */
export function followInbox(follower: Follower) {
  const state: State = {
    follower,
    connection: { kind: "connecting" },
    isOver: false,
    failures: 0,
    request: new AbortController(),
    endPause: () => undefined,
  };
  const wake = (): void => {
    state.failures = 0;
    state.endPause();
  };
  const changeVisibility = (): void => {
    if (isHidden()) {
      // A person who comes back sees the age of everything until the computer has answered again.
      state.connection = { kind: "connecting" };
      state.request.abort();
    } else {
      follower.show(state.connection);
      wake();
    }
  };
  const goOffline = (): void => {
    setConnection(state, "offline");
    state.request.abort();
  };
  // Safari has the option `signal` of listeners since version 15 only.
  const listeners = [
    [document, "visibilitychange", changeVisibility],
    [window, "pageshow", wake],
    [window, "online", wake],
    [window, "offline", goOffline],
  ] as const;
  for (const [target, type, listener] of listeners) target.addEventListener(type, listener);
  void run(state);

  return {
    /** Asks again now, if the last request has failed. */
    wake,
    /** Asks again now, even while the computer holds a request until there is something new. */
    refresh() {
      wake();
      state.request.abort();
    },
    stop() {
      state.isOver = true;
      state.request.abort();
      state.endPause();
      for (const [target, type, listener] of listeners) target.removeEventListener(type, listener);
    },
  };
}

async function run(state: State): Promise<void> {
  while (!state.isOver) {
    if (isHidden()) {
      await pause(state);
      continue;
    }
    state.request = new AbortController();
    const ended = await listen(state).catch((cause: unknown) => {
      // A bug of this page. It must not pass for a connection.
      console.error(cause);
      return { kind: "lost" } as const;
    });
    // Aborted here because the page was hidden: that is no sign of a failed connection.
    if (state.isOver || isHidden() || (state.request.signal.aborted && navigator.onLine)) continue;
    if (ended.kind === "refused" && isTurnedAway(ended)) {
      state.isOver = true;
      state.follower.turnedAway(ended.problem.code, ended.problem.detail);
      return;
    }
    setConnection(state, navigator.onLine ? "reconnecting" : "offline");
    const longest = Math.min(1000 * 2 ** state.failures++, MAX_PAUSE_MS);
    const retryAfter = ended.kind === "refused" ? ended.retryAfter * 1000 : 0;
    await pause(state, Math.max(retryAfter, longest * (0.5 + Math.random() / 2)));
  }
}

type Ended = Exclude<Reply<unknown>, { kind: "done" }>;

/** Asks who this phone is, for all messages so far, and then for new ones. Ends with the first request that fails. */
async function listen(state: State): Promise<Ended> {
  const { request } = state;
  const ask: Ask = async <Answer>(path: string, timeoutMs: number): Promise<Reply<Answer>> =>
    askDoor<Answer>("GET", path, { timeoutMs, signal: request.signal });
  for (;;) {
    const me = await ask<Device>("/phone/me", TIMEOUT_MS);
    if (me.kind !== "done") return me;
    const ended = await listenAs(me.answer, state, ask);
    if (ended) return ended;
  }
}

type Ask = <Answer>(path: string, timeoutMs: number) => Promise<Reply<Answer>>;

/** Ends with the first request that fails, or with nothing when the phone may do something else than before. */
async function listenAs(device: Device, state: State, ask: Ask): Promise<Ended | undefined> {
  const { follower } = state;
  let since = follower.welcome(device);
  let wait = 0;
  for (;;) {
    const asked = performance.now();
    const page = await ask<Page>(`/phone/inbox?since=${since}&wait=${wait}`, wait * 1000 + TIMEOUT_MS);
    if (page.kind !== "done") return page;
    if (state.isOver) return { kind: "lost" };
    if (page.answer.level !== device.level) return undefined;
    state.failures = 0;
    since = follower.take(page.answer);
    setConnection(state, "connected");
    const isEmpty = page.answer.messages.length === 0;
    const isHurried = wait > 0 && isEmpty && performance.now() - asked < MIN_WAIT_MS;
    // More than one page may be ready, so the server waits only after an empty one.
    wait = isEmpty ? WAIT_S : 0;
    if (isHurried) await pause(state, MIN_WAIT_MS);
  }
}

/** Ends after the time, if there is one, or when `wake` of {@link followInbox} is called. */
async function pause(state: State, milliseconds?: number): Promise<void> {
  await new Promise<void>((resolve) => {
    state.endPause = resolve;
    if (milliseconds !== undefined) setTimeout(resolve, milliseconds);
  });
}

function setConnection(state: State, kind: Connection["kind"]): void {
  if (state.connection.kind === kind) return;
  state.connection = kind === "reconnecting" || kind === "offline" ? { kind, since: Date.now() } : { kind };
  state.follower.show(state.connection);
}

function isHidden(): boolean {
  return document.visibilityState === "hidden";
}
