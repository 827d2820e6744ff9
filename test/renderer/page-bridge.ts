import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { channelOf, NEWS_CHANNEL, OPEN_CHANNEL, READY_CHANNEL } from "../../src/contract/ipc.ts";
import { type AnswerOf, type InputOf, OPERATIONS } from "../../src/contract/operations.ts";
import { PAGE_OPERATIONS, type PageOperation, type Reply, type Route } from "../../src/contract/pairing-api.ts";
import type { DesktopPreferences, ServerState, UpdateState } from "../../src/contract/window-request-schemas.ts";
import type { WindowRequest } from "../../src/contract/window-requests.ts";
import type { Server } from "./server.ts";

type Problem = Extract<Reply<unknown>, { readonly ok: false }>["problem"];
type Refused = Pick<Problem, "status" | "code" | "detail"> & Partial<Pick<Problem, "retry_after" | "details" | "errors" | "request_id">>;

/** The desktop app around the page, whose own tests are in test/main and test/e2e. */
export interface DesktopChoice {
  /** How the server's start ended; the default is that it runs. */
  readonly serverState?: ServerState;
  /** How a restart ends. */
  readonly restarted?: ServerState;
  /** What the app knows of a newer version, and what it finds when it looks. */
  readonly update?: { readonly known: UpdateState; readonly found?: UpdateState };
}

/**
 * Between a page and the server in this process, in place of Electron's IPC: the page has the product's preload script. A test reads
 * what the page asked, holds answers back, and may replace the answers of an operation.
 */
export function createBridge(server: Server, page: Page, { serverState, restarted, update }: DesktopChoice = {}) {
  const calls: { readonly name: PageOperation; readonly input: unknown }[] = [];
  const problems = new Map<PageOperation, Problem>();
  const replies = new Map<PageOperation, (reply: Reply<unknown>) => Reply<unknown>>();
  const held = new Map<PageOperation, { readonly until: Promise<void>; readonly release: () => void }>();
  let inFlight = 0;
  let asked = 0;
  let ready = false;
  const routes: Route[] = [];

  const send = (channel: string, word: string): void =>
    void page.evaluate(([to, what]) => window.sendToPage?.(to, what), [channel, word] as const).catch(() => undefined);
  const stopNews = server.listen((item) => {
    if (ready) send(NEWS_CHANNEL, item);
  });

  const answerOf = async (name: PageOperation, input: unknown): Promise<Reply<unknown>> => {
    const reply = await server.ask(name, input);
    // Main sends of an answer what its schema names.
    return reply.ok ? { ok: true, value: OPERATIONS[name].answer.parse(reply.value) } : reply;
  };
  const answer = async (name: PageOperation, input: unknown): Promise<Reply<unknown>> => {
    calls.push({ name, input });
    await held.get(name)?.until;
    inFlight += 1;
    try {
      const problem = problems.get(name);
      if (problem) return { ok: false, problem };
      const reply = await answerOf(name, input);
      return replies.get(name)?.(reply) ?? reply;
    } finally {
      inFlight -= 1;
    }
  };

  const desktop: { state: ServerState; update: UpdateState; installs: number } = {
    state: serverState ?? { kind: "running" },
    update: update?.known ?? { kind: "unavailable" },
    installs: 0,
  };
  const preferences: DesktopPreferences = { close_to_tray: true, start_at_login: false, ...(update ? { look_for_updates: false } : {}) };
  const become = (state: ServerState): ServerState => (desktop.state = state);
  const requests: Readonly<Record<WindowRequest, (input: never) => unknown>> = {
    serverState: () => desktop.state,
    startServer: () => become({ kind: "running" }),
    restartServer: () => become(restarted ?? { kind: "running" }),
    goBack: () => become({ kind: "running" }),
    chooseFolder: () => desktop.state,
    preferences: () => preferences,
    setPreferences: (change: DesktopPreferences) => Object.assign(preferences, change),
    updateState: () => desktop.update,
    lookForUpdates: () => (desktop.update = update?.found ?? desktop.update),
    installUpdate() {
      desktop.installs += 1;
      return desktop.update;
    },
  };

  const operations = new Map<string, PageOperation>(PAGE_OPERATIONS.map((name) => [channelOf(name), name]));
  const requestOf = new Map(Object.entries(requests).map(([name, request]) => [channelOf(name as WindowRequest), request]));
  return {
    /** Everything that the page asks. */
    async receive(channel: string, input: unknown, now: number): Promise<unknown> {
      asked += 1;
      server.clock.set(now);
      if (channel === READY_CHANNEL) {
        ready = true;
        for (const route of routes.splice(0)) send(OPEN_CHANNEL, route);
        return undefined;
      }
      const name = operations.get(channel);
      return name === undefined ? requestOf.get(channel as never)?.(input as never) : answer(name, input);
    },
    /** How much was asked so far; `undefined` while an answer is on its way that nobody holds back. */
    settledAt: () => (inFlight > 0 ? undefined : asked),
    desktop,
    /** The inputs of these questions, in order. */
    calls: <N extends PageOperation>(name: N): InputOf<N>[] =>
      calls.filter((call) => call.name === name).map(({ input }) => input as InputOf<N>),
    allCalls: calls,
    /** What an operation answers is changed on its way from now on, into a damaged answer too; without `by` it is left alone. */
    alter<N extends PageOperation>(name: N, by?: (value: AnswerOf<N>) => unknown) {
      if (by) replies.set(name, (reply) => (reply.ok ? { ok: true, value: by(reply.value as AnswerOf<N>) } : reply));
      else replies.delete(name);
    },
    /** The operation is not run from now on and fails with this; without a problem it works again. */
    refuse(name: PageOperation, problem?: Refused) {
      if (problem) problems.set(name, { type: `urn:topdog:problem:${problem.code}`, title: problem.code, ...problem } as Problem);
      else problems.delete(name);
    },
    /** The operation is not run before it is released. */
    hold(name: PageOperation) {
      let release = (): void => undefined;
      const until = new Promise<void>((resolve) => (release = resolve));
      held.set(name, { until, release });
    },
    release(name: PageOperation) {
      held.get(name)?.release();
      held.delete(name);
    },
    /** A menu entry, a notification or a link opens this; the page gets it as soon as it listens. */
    open(route: Route) {
      if (ready) send(OPEN_CHANNEL, route);
      else routes.push(route);
    },
    close: stopNews,
  };
}

export type Bridge = ReturnType<typeof createBridge>;

let preload: Promise<string> | undefined;

/** The product's preload script, with the test in place of Electron. */
export async function preloadScript(): Promise<string> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  preload ??= build({
    entryPoints: [path.join(root, "src/preload/index.ts")],
    alias: { electron: path.join(root, "test/renderer/electron-in-page.ts") },
    bundle: true,
    write: false,
    format: "iife",
    logLevel: "warning",
  }).then(({ outputFiles }) => outputFiles[0]!.text);
  return preload;
}
