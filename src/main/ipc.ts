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
  /** The server, as soon as one runs; the page's questions wait for it. */
  readonly server: () => Promise<Pick<Assembled, "ask">>;
  /** Runs `attach` for the server that runs and for each that starts, and what it answered before the next. Returns a function that stops it. */
  readonly onServer: (attach: (server: Pick<Assembled, "pairing">) => () => void) => () => void;
  readonly requests: { readonly [Q in WindowRequest]: (input: WindowRequestInput<Q>) => Promise<WindowRequestAnswer<Q>> };
  /** A message was rejected: it did not come from the settings page, or it had a form that the page never sends. */
  readonly refused: (channel: string, why: string) => void;
  /** For the log: an answer that was not sent. */
  readonly warn: (message: string, facts: Readonly<Record<string, string>>) => void;
}

/** Names that JavaScript itself uses; no field of a question has one of them. */
const RESERVED: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const MAX_DEPTH = 8;
const ErrorBody = ProblemBody.extend({ retry_after: z.number().optional() });

/**
 * Answers the page's questions, each on its own channel. A message from elsewhere, or with anything but the one argument of its schema,
 * is rejected before any work is done; an answer is sent with the members of its schema only. Change events and routes wait until the
 * page listens. Returns a function that stops it.
 */
export function answerPage(deps: PageDeps): () => void {
  const stopAnswers = answerQuestions(deps);
  const stopEvents = sendEvents(deps);
  return () => {
    stopEvents();
    stopAnswers();
  };
}

function answerQuestions({ page, server, requests, refused, warn }: PageDeps): () => void {
  const channels: string[] = [];
  const receive = (question: PageOperation | WindowRequest, answer: (input: unknown) => Promise<unknown>): void => {
    const channel = channelOf(question);
    channels.push(channel);
    ipcMain.handle(channel, async (event, ...args: unknown[]) => {
      const why = rejectionOf(page, event, args);
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
    const schema = WINDOW_REQUEST_SCHEMAS[name];
    const request = requests[name] as (input: unknown) => Promise<unknown>;
    receive(name, async (input) => {
      const read = schema.input.safeParse(input);
      if (!read.success) throw new Error(`${name}: ${z.prettifyError(read.error)}`);
      return schema.answer.parse(await request(read.data));
    });
  }
  return () => {
    for (const channel of channels) ipcMain.removeHandler(channel);
  };
}

/** Sends change events and routes to the page, as soon as it listens. */
function sendEvents({ page, onServer, refused }: PageDeps): () => void {
  let ready = false;
  /** A set: a change event says "read again", so one of a kind is enough. */
  const waiting = new Set<string>();
  const send = (channel: string, text: string): void => {
    if (ready) page.contents()?.send(channel, text);
    else waiting.add(JSON.stringify([channel, text]));
  };
  const begin = (event: Electron.IpcMainEvent, ...args: unknown[]): void => {
    const why = rejectionOf(page, event, args);
    if (why !== undefined) {
      refused(READY_CHANNEL, why);
      return;
    }
    ready = true;
    for (const message of waiting) send(...(JSON.parse(message) as [string, string]));
    waiting.clear();
  };
  ipcMain.on(READY_CHANNEL, begin);
  page.onLoading(() => {
    ready = false;
  });
  page.onOpen((route) => send(OPEN_CHANNEL, route));
  const stopEvents = onServer(({ pairing }) => pairing.listen((item) => send(NEWS_CHANNEL, item)));
  return () => {
    stopEvents();
    ipcMain.removeListener(READY_CHANNEL, begin);
  };
}

/** Why a message is not handled; `undefined` when it is. */
function rejectionOf(
  page: PageWindow,
  event: Electron.IpcMainInvokeEvent | Electron.IpcMainEvent,
  args: readonly unknown[],
): string | undefined {
  if (!page.isSender(event)) return "it does not come from the settings page";
  if (args.length > 1) return "it has more than one argument";
  return isPlain(args[0], 1) ? undefined : "its argument holds a reserved name, or is nested too deeply";
}

/** Closes the channel that electron-store opens for pages: this app's page does not use it. */
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
  if (depth > MAX_DEPTH) return false;
  return Object.getOwnPropertyNames(value).every(
    (name) => !RESERVED.has(name) && isPlain((value as Readonly<Record<string, unknown>>)[name], depth + 1),
  );
}
