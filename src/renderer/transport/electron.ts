import type { WindowBridge } from "../../contract/pairing-api.ts";
import type { Connection } from "./connection.ts";

declare global {
  interface Window {
    readonly topdog?: WindowBridge;
  }
}

/** In Electron: the preload provides the API, and IPC works as long as the window exists. */
export function connectToWindow(bridge: WindowBridge): Connection {
  return {
    api: bridge,
    desktop: bridge,
    onUp(listener) {
      listener(true);
      return () => undefined;
    },
    onOpen: (listener) => void bridge.onOpen(listener),
    ready: () => void bridge.ready(),
  };
}
