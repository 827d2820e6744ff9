/** The first that a `User-Agent` contains: later ones are in those of the others as well. */
const BROWSERS = [
  ["Edg/", "Edge"],
  ["OPR/", "Opera"],
  ["Firefox/", "Firefox"],
  ["Chrome/", "Chrome"],
  ["Safari/", "Safari"],
] as const;
const SYSTEMS = [
  ["Windows", "Windows"],
  ["Android", "Android"],
  ["Mac OS X", "macOS"],
  ["CrOS", "ChromeOS"],
  ["Linux", "Linux"],
] as const;

/** `undefined`: it is no known browser. */
export function browserIn(userAgent = ""): { readonly browser: string; readonly system: string } | undefined {
  const find = (known: readonly (readonly [string, string])[]): string | undefined => known.find(([mark]) => userAgent.includes(mark))?.[1];
  const browser = find(BROWSERS);
  const system = find(SYSTEMS);
  return browser === undefined || system === undefined ? undefined : { browser, system };
}
