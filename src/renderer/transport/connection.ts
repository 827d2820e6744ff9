import type { PairingApi, Route, WindowBridge } from "../../contract/pairing-api.ts";
import type { WindowRequest } from "../../contract/window-requests.ts";

/** What the page needs of the process behind it, whichever way it is reached. */
export interface Connection {
  readonly api: PairingApi;
  /** The app around the page; absent in a browser. */
  readonly desktop?: Pick<WindowBridge, WindowRequest>;
  /** Absent where the page cannot hand over an admin token. */
  readonly enterToken?: (token: string) => void;
  /** Whether news arrives; told at once and at each change. */
  readonly onUp: (listener: (up: boolean) => void) => () => void;
  /** Asked for by a menu entry or a deep link. */
  readonly onOpen: (listener: (place: Route) => void) => void;
  /** The page listens from now on. */
  readonly ready: () => void;
}
