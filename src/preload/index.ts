import { contextBridge, ipcRenderer } from "electron";
import { DESK_QUESTIONS, type DeskQuestion } from "../contract/desk-questions.ts";
import { channelOf, NEWS_CHANNEL, OPEN_CHANNEL, READY_CHANNEL } from "../contract/ipc.ts";
import { type DeskBridge, PAGE_OPERATIONS, type PageOperation } from "../contract/pairing-api.ts";

/** The page sees functions, never channels: one per question of the contract, and the three that are no questions. */
const ask = (name: PageOperation | DeskQuestion) => (input: unknown) => ipcRenderer.invoke(channelOf(name), input);

const hear =
  (channel: string) =>
  (heard: (word: never) => void): (() => void) => {
    const listener = (_event: unknown, word: string): void => heard(word as never);
    ipcRenderer.on(channel, listener);
    return () => ipcRenderer.removeListener(channel, listener);
  };

const bridge = {
  ...Object.fromEntries([...PAGE_OPERATIONS, ...DESK_QUESTIONS].map((name) => [name, ask(name)])),
  onNews: hear(NEWS_CHANNEL),
  onOpen: hear(OPEN_CHANNEL),
  ready: () => ipcRenderer.send(READY_CHANNEL),
} as unknown as DeskBridge;

contextBridge.exposeInMainWorld("topdog", bridge);
