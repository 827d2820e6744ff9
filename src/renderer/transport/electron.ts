import type { WindowBridge } from "../../contract/pairing-api.ts";
import type { Connection } from "./connection.ts";

declare global {
  interface Window {
    readonly topdog?: WindowBridge;
  }
}

/** In Electron the preload has done the work; the road to the main process does not break while the window lives. */
export function connectToWindow(bridge: WindowBridge): Connection {
  return {
    api: bridge,
    desktop: bridge,
    onUp(heard) {
      heard(true);
      return () => undefined;
    },
    onOpen: (heard) => void bridge.onOpen(heard),
    ready: () => void bridge.ready(),
  };
}
