/*
 * What the preload script uses of Electron, in a page that a test opened: the page's questions go to the test, and the test's words to
 * the page.
 */

type Listener = (event: undefined, word: unknown) => void;

declare global {
  interface Window {
    /** The test answers. `now` is the page's clock. */
    readonly askTopDog: (channel: string, input: unknown, now: number) => Promise<unknown>;
    /** The test sends. */
    sendToPage: (channel: string, word: unknown) => void;
  }
}

const listeners = new Map<string, Set<Listener>>();
window.sendToPage = (channel, word) => {
  for (const listener of listeners.get(channel) ?? []) listener(undefined, word);
};

export const ipcRenderer = {
  invoke: async (channel: string, input: unknown): Promise<unknown> => window.askTopDog(channel, input, Date.now()),
  send: (channel: string): void => void window.askTopDog(channel, undefined, Date.now()),
  on(channel: string, listener: Listener): void {
    listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
  },
  removeListener: (channel: string, listener: Listener): void => void listeners.get(channel)?.delete(listener),
};

export const contextBridge = {
  exposeInMainWorld: (name: string, bridge: unknown): void => void Object.assign(window, { [name]: bridge }),
};
