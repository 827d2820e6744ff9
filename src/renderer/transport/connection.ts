import type { NewsItem, PairingApi } from "../../contract/pairing-api.ts";

export type Place = "pair" | "devices";

/** What the page needs of the process behind it, whichever way it is reached. */
export interface Connection {
  readonly api: PairingApi;
  /** Absent where the page cannot hand over an admin token. */
  readonly enterToken?: (token: string) => void;
  /** Whether news arrives; told at once and at each change. */
  readonly onUp: (heard: (up: boolean) => void) => () => void;
  /** Asked for by a menu entry or a deep link. */
  readonly onOpen: (heard: (place: Place) => void) => void;
  /** The page listens from now on. */
  readonly ready: () => void;
}

/** What the preload shows the page. */
export type DeskBridge = PairingApi & {
  readonly onOpen: (heard: (place: Place) => void) => unknown;
  readonly ready: () => unknown;
};

export const NEWS_ITEMS = ["invites", "devices"] as const satisfies readonly NewsItem[];
