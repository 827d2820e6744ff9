import { contextBridge, ipcRenderer } from "electron";
import { channelOf, NEWS_CHANNEL, OPEN_CHANNEL, READY_CHANNEL } from "../contract/ipc.ts";
import { PAGE_OPERATIONS, type PageOperation, type WindowBridge } from "../contract/pairing-api.ts";
import { WINDOW_REQUESTS, type WindowRequest } from "../contract/window-requests.ts";

/** The page sees functions, never channels: one per question of the contract, and the three that are no questions. */
const ask = (name: PageOperation | WindowRequest) => (input: unknown) => ipcRenderer.invoke(channelOf(name), input);

const subscribe =
  (channel: string) =>
  (handler: (word: never) => void): (() => void) => {
    const listener = (_event: unknown, word: string): void => handler(word as never);
    ipcRenderer.on(channel, listener);
    return () => ipcRenderer.removeListener(channel, listener);
  };

const bridge = {
  ...Object.fromEntries([...PAGE_OPERATIONS, ...WINDOW_REQUESTS].map((name) => [name, ask(name)])),
  onNews: subscribe(NEWS_CHANNEL),
  onOpen: subscribe(OPEN_CHANNEL),
  ready: () => ipcRenderer.send(READY_CHANNEL),
} as unknown as WindowBridge;

contextBridge.exposeInMainWorld("topdog", bridge);
