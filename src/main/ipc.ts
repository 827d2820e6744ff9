import { ipcMain } from "electron";
import * as z from "zod";
import { channelOf, NEWS_CHANNEL, OPEN_CHANNEL, READY_CHANNEL } from "../contract/ipc.ts";
import { OPERATIONS } from "../contract/operations.ts";
import { PAGE_OPERATIONS, type PageOperation, type Reply } from "../contract/pairing-api.ts";
import { ProblemBody } from "../contract/problem.ts";
import { WINDOW_REQUEST_SCHEMAS, type WindowRequestAnswer, type WindowRequestInput } from "../contract/window-request-schemas.ts";
import { WINDOW_REQUESTS, type WindowRequest } from "../contract/window-requests.ts";
import type { Assembled } from "../host/assemble.ts";
import type { PageWindow } from "./page-window.ts";

export interface PageDeps {
  readonly page: PageWindow;
  /** The server, as soon as one runs; questions wait for it. */
  readonly server: () => Promise<Pick<Assembled, "ask">>;
  /** Hears each server that starts, and one that runs already. */
  readonly onServer: (listener: (server: Pick<Assembled, "pairing">) => void) => void;
  readonly requests: { readonly [Q in WindowRequest]: (input: WindowRequestInput<Q>) => Promise<WindowRequestAnswer<Q>> };
  /** A message was refused: somebody but the settings page asked, or it asked as it never does. */
  readonly refused: (channel: string, why: string) => void;
  /** For the log: an answer that was not sent. */
  readonly warn: (message: string, facts: Readonly<Record<string, string>>) => void;
}

/** Names that a program may take for its own wiring; no question has a field called so. */
const RESERVED: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const DEEPEST = 8;
const ErrorBody = ProblemBody.extend({ retry_after: z.number().optional() });

/**
 * Answers the page's questions, each on a channel of its own, and only to the page itself. Whoever else asks, or asks with more than
 * the one argument that its schema reads, is refused before anything runs; what the schema of the answer does not name is not sent.
 * What is pushed waits until the page says that it listens. Answers how to stop.
 */
export function answerPage({ page, server, onServer, requests, refused, warn }: PageDeps): () => void {
  const rejection = (event: Electron.IpcMainInvokeEvent | Electron.IpcMainEvent, args: readonly unknown[]): string | undefined => {
    if (!page.isSender(event)) return "it does not come from the settings page";
    if (args.length > 1) return "it has more than one argument";
    return isPlain(args[0], 1) ? undefined : "its argument holds a reserved name, or is nested too deeply";
  };
  const channels: string[] = [];
  const receive = (question: PageOperation | WindowRequest, answer: (input: unknown) => Promise<unknown>): void => {
    const channel = channelOf(question);
    channels.push(channel);
    ipcMain.handle(channel, async (event, ...args: unknown[]) => {
      const why = rejection(event, args);
      if (why === undefined) return answer(args[0]);
      refused(channel, why);
      throw new Error("Only the settings page may ask this, and only as it does.");
    });
  };

  for (const name of PAGE_OPERATIONS) {
    receive(name, async (input) => {
      const reply = readReply(name, await (await server()).ask(name, input));
      if (reply) return reply;
      warn("an answer did not fit its schema and was not sent", { operation: name });
      throw new Error("Top Dog answered in a way that it should not. Its log says more.");
    });
  }
  for (const name of WINDOW_REQUESTS) {
    const { input: asked, answer } = WINDOW_REQUEST_SCHEMAS[name];
    const put = requests[name] as (input: unknown) => Promise<unknown>;
    receive(name, async (input) => {
      const read = asked.safeParse(input);
      if (!read.success) throw new Error(`${name}: ${z.prettifyError(read.error)}`);
      return answer.parse(await put(read.data));
    });
  }

  let ready = false;
  /** A set, because news says "read again" and saying it twice changes nothing. */
  const waiting = new Set<string>();
  const push = (channel: string, word: string): void => {
    if (ready) page.contents()?.send(channel, word);
    else waiting.add(JSON.stringify([channel, word]));
  };
  const begin = (event: Electron.IpcMainEvent, ...args: unknown[]): void => {
    const why = rejection(event, args);
    if (why !== undefined) {
      refused(READY_CHANNEL, why);
      return;
    }
    ready = true;
    for (const queued of waiting) {
      const [channel, word] = JSON.parse(queued) as [string, string];
      push(channel, word);
    }
    waiting.clear();
  };
  ipcMain.on(READY_CHANNEL, begin);
  page.onLoading(() => {
    ready = false;
  });
  page.onOpen((place) => push(OPEN_CHANNEL, place));
  let stopNews: () => void = () => undefined;
  onServer(({ pairing }) => {
    stopNews();
    stopNews = pairing.listen((item) => push(NEWS_CHANNEL, item));
  });

  return () => {
    stopNews();
    for (const channel of channels) ipcMain.removeHandler(channel);
    ipcMain.removeListener(READY_CHANNEL, begin);
  };
}

/** Closes the channel that electron-store opens for pages, which ours has no use for. */
export function closePreferencesChannel(): void {
  ipcMain.removeAllListeners("electron-store-get-data");
}

function readReply(name: PageOperation, reply: Reply<unknown>): Reply<unknown> | undefined {
  if (!reply.ok) {
    const problem = ErrorBody.safeParse(reply.problem);
    return problem.success ? ({ ok: false, problem: problem.data } as Reply<unknown>) : undefined;
  }
  const value = OPERATIONS[name].answer.safeParse(reply.value);
  return value.success ? { ok: true, value: value.data } : undefined;
}

function isPlain(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth > DEEPEST) return false;
  return Object.getOwnPropertyNames(value).every(
    (name) => !RESERVED.has(name) && isPlain((value as Readonly<Record<string, unknown>>)[name], depth + 1),
  );
}
