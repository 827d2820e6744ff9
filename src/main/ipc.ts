import { ipcMain } from "electron";
import type { Assembled } from "../assemble.ts";
import { channelOf, NEWS_CHANNEL, OPEN_CHANNEL, READY_CHANNEL } from "../contract/ipc.ts";
import { PAGE_OPERATIONS } from "../contract/pairing-api.ts";
import type { PageWindow } from "./page-window.ts";

/**
 * Answers the page's questions: one channel per operation, each argument read by the operation's own schema, and only from the
 * page itself. What is pushed waits until the page says that it listens.
 */
export function answerPage(page: PageWindow, server: Promise<Pick<Assembled, "ask" | "pairing">>): void {
  for (const name of PAGE_OPERATIONS) {
    ipcMain.handle(channelOf(name), async (event, input: unknown) => {
      if (!page.isSender(event)) throw new Error("Only the settings page may ask.");
      return (await server).ask(name, input);
    });
  }

  let ready = false;
  /** A set, because news says "read again" and saying it twice changes nothing. */
  const waiting = new Set<string>();
  const push = (channel: string, word: string): void => {
    if (ready) page.contents()?.send(channel, word);
    else waiting.add(JSON.stringify([channel, word]));
  };

  ipcMain.on(READY_CHANNEL, (event) => {
    if (!page.isSender(event)) return;
    ready = true;
    for (const said of waiting) {
      const [channel, word] = JSON.parse(said) as [string, string];
      push(channel, word);
    }
    waiting.clear();
  });
  page.onLoading(() => {
    ready = false;
  });
  page.onOpen((place) => push(OPEN_CHANNEL, place));
  void server.then(
    ({ pairing }) => pairing.listen((item) => push(NEWS_CHANNEL, item)),
    // The host says why there is no server.
    () => undefined,
  );
}
