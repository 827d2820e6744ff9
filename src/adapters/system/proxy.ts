import { getProxyForUrl } from "proxy-from-env";
import { isLoopback } from "../../base/loopback.ts";
import { say } from "../../words/say.ts";

/** The variables that name a proxy, as other programs read them: the small letters win. */
const NAMES = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] as const;

/** The proxy for an address by the environment, never for this computer itself. `undefined`: none. */
export function proxyFor(address: string): string | undefined {
  const { hostname } = new URL(address);
  if (isLoopback(hostname) || hostname.endsWith(".localhost")) return undefined;
  // One that is named for https alone takes everything: what is not encrypted goes through it by CONNECT as well.
  const named = getProxyForUrl(address) || getProxyForUrl(address.replace(/^http:/, "https:"));
  if (named === "" || !/^https?:/.test(named)) return undefined;
  // proxy-from-env gives a name without a scheme that of the address; curl and others speak HTTP to it.
  const bare = NAMES.map((name) => process.env[name]).find((text) => text !== undefined && named.endsWith(`://${text}`));
  return bare === undefined ? named : `http://${bare}`;
}

interface ProxySettings {
  /** What the environment says, without credentials. */
  readonly proxies: readonly { readonly name: string; readonly address: string }[];
  readonly noProxy?: string;
  /** One sentence for each proxy of a kind that is not used. */
  readonly unused: readonly string[];
  /** One sentence for each variable that cannot be used. */
  readonly faults: readonly string[];
}

/** What the environment says of proxies. */
export function readProxySettings(env: Readonly<Record<string, string | undefined>>): ProxySettings {
  const proxies: { name: string; address: string }[] = [];
  const faults: string[] = [];
  const unused: string[] = [];
  for (const name of NAMES) {
    const text = env[name]?.trim();
    if (text === undefined || text === "") continue;
    const url = parsed(text);
    if (/^all_proxy$/i.test(name) && /^socks/i.test(text)) unused.push(say("server.proxyIsSocks", { name }));
    else if (url === undefined) faults.push(say("server.proxyInvalid", { name }));
    else proxies.push({ name, address: `${url.protocol}//${url.username === "" && url.password === "" ? "" : "…@"}${url.host}` });
  }
  const noProxy = env["no_proxy"] ?? env["NO_PROXY"];
  return { proxies, unused, ...(noProxy === undefined || noProxy === "" ? {} : { noProxy }), faults };
}

function parsed(text: string): URL | undefined {
  try {
    const url = new URL(text.includes("://") ? text : `http://${text}`);
    const plain = (url.pathname === "/" || url.pathname === "") && url.search === "" && url.hash === "";
    return /^https?:$/.test(url.protocol) && url.hostname !== "" && plain ? url : undefined;
  } catch {
    return undefined;
  }
}

/** The same in Chromium's words (https://www.electronjs.org/docs/latest/api/session#sessetproxyconfig). `undefined`: none is set. */
export function chromiumProxy(): { readonly proxyRules: string; readonly proxyBypassRules: string } | undefined {
  const [plain, secure] = ["http://proxy.invalid", "https://proxy.invalid"].map((address) => {
    const proxy = proxyFor(address);
    return proxy === undefined ? undefined : new URL(proxy);
  });
  if (!plain && !secure) return undefined;
  const rules = [
    ...(plain ? [`http=${plain.protocol}//${plain.host}`] : []),
    ...(secure ? [`https=${secure.protocol}//${secure.host}`] : []),
  ];
  const straight = (process.env["no_proxy"] ?? process.env["NO_PROXY"] ?? "").split(/[\s,]+/).filter(Boolean);
  return { proxyRules: rules.join(";"), proxyBypassRules: ["<local>", ...straight].join(";") };
}

/** Who this computer is to the proxy for an address; `undefined` where the environment does not say. */
export function proxyLogin(address: string): { readonly username: string; readonly password: string } | undefined {
  const proxy = proxyFor(address);
  if (proxy === undefined) return undefined;
  const { username, password } = new URL(proxy);
  return username === "" ? undefined : { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}
