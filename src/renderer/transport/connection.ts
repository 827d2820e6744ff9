import type { PairingApi, Route, WindowBridge } from "../../contract/pairing-api.ts";
import type { WindowRequest } from "../../contract/window-requests.ts";

/** The page's access to its server, over IPC or HTTP. */
export interface Connection {
  readonly api: PairingApi;
  /** The app around the page; absent in a browser. */
  readonly desktop?: Pick<WindowBridge, WindowRequest>;
  /** Absent where the page cannot send an admin token. */
  readonly enterToken?: (token: string) => void;
  /** Whether change events arrive. The listener is called at once and at each change. */
  readonly onUp: (listener: (up: boolean) => void) => () => void;
  /** A menu entry or a deep link opens a place. */
  readonly onOpen: (listener: (place: Route) => void) => void;
  /** The page has subscribed to everything. */
  readonly ready: () => void;
}
