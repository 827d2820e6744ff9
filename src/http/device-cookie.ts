import type { Instant } from "../core/index.ts";

/** The name that every server gave its cookie before. Browsers send it to all servers of one host name, whichever port they have. */
const FORMER_NAME = "topdog_device";
/** Where a phone's browser sends its token: the API and the message channel. Pages need none. */
const PATHS = ["/phone", "/mqtt"];

export interface CarriedToken {
  readonly token: string;
  /** Whether the cookie has this server's name. Otherwise it may be another server's. */
  readonly own: boolean;
}

/** One server's cookies: browsers distinguish those of several servers on one host by their names. */
export interface DeviceCookies {
  /** The token as a cookie no script can read, once per path. An empty token removes them. */
  readonly set: (token: string, expiresAt: Instant, secure: boolean) => readonly string[];
  /** The token in a `Cookie` header; `undefined` when the name occurs twice, because either value may be another server's. */
  readonly read: (header: string | undefined) => CarriedToken | undefined;
}

/** `serverId`: letters, digits, `-` and `_`. */
export function createDeviceCookies(serverId: string): DeviceCookies {
  const name = `${FORMER_NAME}_${serverId}`;
  return {
    set(token, expiresAt, secure) {
      const expires = new Date(token === "" ? 0 : expiresAt).toUTCString();
      return PATHS.map(
        (path) => `${name}=${token}; Path=${path}; Expires=${expires}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`,
      );
    },
    read(header) {
      if (header === undefined) return undefined;
      const pairs = header.split(";").map((pair) => pair.trim());
      const named = (wanted: string): readonly string[] =>
        pairs.filter((pair) => pair.startsWith(`${wanted}=`)).map((pair) => pair.slice(wanted.length + 1));
      const own = named(name);
      const [token] = own.length > 0 ? own : named(FORMER_NAME);
      const count = own.length > 0 ? own.length : named(FORMER_NAME).length;
      return token === undefined || count > 1 ? undefined : { token, own: own.length > 0 };
    },
  };
}
