import type { Instant } from "../core/index.ts";

const NAME = "topdog_device";
/** Where a phone's browser shows its token: the API, and the message channel. Not the pages: they need none. */
const PATHS = ["/phone", "/mqtt"];

/** The token as a cookie no script can read, once per path. An empty token removes them. */
export function deviceCookies(token: string, expiresAt: Instant, secure: boolean): readonly string[] {
  const expires = new Date(token === "" ? 0 : expiresAt).toUTCString();
  return PATHS.map((path) => `${NAME}=${token}; Path=${path}; Expires=${expires}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`);
}

/** The token in a `Cookie` header. Two of them are none: nobody can tell which is ours. */
export function tokenFromCookie(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const found = header
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${NAME}=`));
  return found.length === 1 ? found[0]?.slice(NAME.length + 1) : undefined;
}
