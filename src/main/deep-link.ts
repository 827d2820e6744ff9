import * as z from "zod";
import { Id } from "../contract/fields.ts";
import type { Route } from "../contract/pairing-api.ts";

/** The links that the system hands to this app. */
export const LINK_SCHEME = "topdog";

const DeviceLink = z.tuple([z.literal(""), Id]);

/** `topdog://pair`, `topdog://device/<id>` → the route it names; `undefined` for anything else. */
export function routeOf(link: string): Route | undefined {
  if (link.length > 2048) return undefined;
  try {
    const { protocol, host, username, password, pathname, search, hash } = new URL(link);
    if (protocol !== `${LINK_SCHEME}:` || username + password + search + hash !== "") return undefined;
    if (host === "pair" && (pathname === "" || pathname === "/")) return "pair";
    if (host !== "device") return undefined;
    const path = DeviceLink.safeParse(pathname.split("/").map(decodeURIComponent));
    return path.success ? `device:${path.data[1]}` : undefined;
  } catch {
    return undefined;
  }
}

/** The links on a command line. */
export function linksIn(argv: readonly string[]): readonly string[] {
  return argv.filter((word) => word.toLowerCase().startsWith(`${LINK_SCHEME}:`));
}

export interface LinkQueue {
  readonly add: (links: readonly string[]) => void;
  /** Opens the links that wait, and from now on each one that is added. */
  readonly openWith: (open: (link: string) => void) => void;
}

/** Links wait until there is a window: macOS may deliver one before the app is ready. */
export function createLinkQueue(): LinkQueue {
  const waiting: string[] = [];
  let open: ((link: string) => void) | undefined;
  const flush = (): void => {
    if (open) waiting.splice(0).forEach(open);
  };
  return {
    add(links) {
      waiting.push(...links);
      flush();
    },
    openWith(handler) {
      open = (link) => handler(link);
      flush();
    },
  };
}
